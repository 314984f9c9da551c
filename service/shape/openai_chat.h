#pragma once

#include "service/shape/shape.h"

namespace colophon::shape {

// Reads the body of POST /v1/chat/completions
// (https://platform.openai.com/docs/api-reference/chat/create):
//
//   model, prompt…, colophon   which prompt: prompt_naming.h
//   messages                   history
//   tools, response_format     overrides
//   metadata                   tags
//   any other                  a parameter, overrides.config
//
// What an answer of ours couldn't have (n, logprobs, audio) is refused. `stream` and
// `stream_options` are read by who makes the shape.
absl::Status ReadChatRequest(const Request& request, v1::CompleteRequest* call);

// How a client wants its stream.
struct ChatStream {
  bool is_wanted = false;
  bool include_usage = false;
};
absl::StatusOr<ChatStream> ReadChatStream(const json::object& body);

}  // namespace colophon::shape
