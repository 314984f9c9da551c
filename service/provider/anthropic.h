#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/provider/wire_format.h"

namespace colophon {

// Anthropic's messages API.
//
// - System messages, wherever they stand, go into the top-level `system`;
//   neighbours of one role become one message; what is empty is left out. The
//   API wants it so.
// - max_tokens is required: 4096, beside what may be thought, when the prompt doesn't say.
// - output.schema becomes output_config.format, its objects closed as the API wants them. For JSON
// without a schema the
//   API has no switch; the prompt's words must ask for it.
// - seed and the penalties don't exist here: refused, not dropped.
// - Reasoning is sent back when it has its signature, else it can't be.
//
// Thread-safe.
class AnthropicFormat : public WireFormat {
 public:
  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                     bool stream) const override;
  std::unique_ptr<AnswerParser> NewAnswer() const override;
  // /count_tokens, which takes what of a body the model reads.
  const CountFormat* count() const override;
};

}  // namespace colophon
