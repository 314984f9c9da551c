#pragma once

#include "service/shape/shape.h"

namespace colophon::shape {

// Reads the body of POST /v1/messages (https://docs.anthropic.com/en/api/messages):
//
//   model, prompt…, colophon   which prompt: prompt_naming.h
//   system, messages           history
//   tools, output_config       overrides
//   metadata                   tags
//   any other                  a parameter, overrides.config
//
// A caller's tool answers stand in a user's message there and are a tool's message here.
// What a call of a prompt can't have is refused: tools that Anthropic runs, files, marks for
// its cache, other versions of its API.
absl::Status ReadMessagesRequest(const Request& request, v1::CompleteRequest* call);

}  // namespace colophon::shape
