#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "service/provider/wire_format.h"

namespace colophon {

// Whose server it is that speaks this API.
struct OpenAiServer {
  bool is_vendor = false;           // OpenAI's own, or Azure's.
  bool has_vendors_models = false;  // Their names are OpenAI's: not on Azure.
  // Member of a message in which reasoning is sent back; empty: it isn't.
  std::string reasoning_member;
};

// OpenAI chat completions, and whatever is compatible.
//
// - Reasoning of earlier answers isn't sent, because the API has no place for it,
//   unless the configuration says in which member the server wants it.
// - maxOutputTokens becomes max_completion_tokens at OpenAI and Azure, whose
//   reasoning models refuse max_tokens, and max_tokens elsewhere, because many
//   compatible servers know only that one and ignore the other.
// - A stream is complete when [DONE] was seen, or when it ended well after a
//   finish_reason. That ends the choice, but the usage comes behind it, so it doesn't
//   end the answer.
// - Only the first choice is read; `n` is refused.
//
// Thread-safe.
class OpenAiFormat : public WireFormat {
 public:
  explicit OpenAiFormat(OpenAiServer server) : server_(std::move(server)) {}

  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                     bool stream) const override;
  std::unique_ptr<AnswerParser> NewAnswer() const override;

 private:
  const OpenAiServer server_;
};

}  // namespace colophon
