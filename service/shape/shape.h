#pragma once

// Another API's words for a call of a prompt: its requests are read into the messages of
// colophon.v1, and those are written as its answers. Pure: no I/O and no clock.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "colophon/v1/record.pb.h"
#include "service/base/json.h"

namespace colophon::shape {

// What of an HTTP request says which prompt is called, and how.
struct Request {
  json::object body;
  std::optional<std::string> prompt;     // Header colophon-prompt.
  std::optional<std::string> variables;  // Header colophon-variables.
  std::optional<std::string> version;    // Header anthropic-version.
  std::optional<std::string> betas;      // Header anthropic-beta.
};

// One call, from its request to its answer. Used by one thread at a time.
class Shape {
 public:
  virtual ~Shape() = default;

  virtual bool is_stream() const = 0;

  // The record that the call goes on from; empty: none. Else it is given, with what was
  // rendered, before Read.
  virtual std::string previous_record() const { return ""; }
  virtual void SetPrevious(v1::GetRecordResponse) {}

  // Once, and before the answer. INVALID_ARGUMENT: BAD_REQUEST for what the other API
  // wouldn't take either, UNSUPPORTED for what has no place in a call of a prompt,
  // BAD_REFERENCE, and BAD_VALUE when two names of the prompt don't agree.
  virtual absl::Status Read(v1::CompleteRequest* call) = 0;

  // The body of the whole answer.
  virtual std::string WriteAnswer(const v1::CompleteResponse& response) = 0;

  // Server-sent events of a streamed answer, in this order; empty when there is nothing
  // to say. A stream ends with WriteLast or WriteFailure.
  virtual std::string WriteStart(const v1::StreamStart& start) = 0;
  virtual std::string WritePiece(const v1::Piece& piece) = 0;
  virtual std::string WriteLast(const v1::CompleteResponse& response) = 0;
  virtual std::string WriteFailure(const absl::Status& status) = 0;
};

// POST /v1/chat/completions. BAD_REQUEST when `stream` is neither true nor false.
absl::StatusOr<std::unique_ptr<Shape>> NewOpenAiChat(Request request);
// POST /v1/responses. BAD_REQUEST the same.
absl::StatusOr<std::unique_ptr<Shape>> NewOpenAiResponses(Request request);
// POST /v1/messages. UNSUPPORTED for another version and for betas too.
absl::StatusOr<std::unique_ptr<Shape>> NewAnthropicMessages(Request request);

}  // namespace colophon::shape
