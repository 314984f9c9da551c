#pragma once

#include "service/shape/shape.h"

namespace colophon::shape {

// Reads the body of POST /v1/responses
// (https://platform.openai.com/docs/api-reference/responses/create):
//
//   model, prompt…, colophon     which prompt: prompt_naming.h
//   previous_response_id         history: what `previous` was sent and answered
//   instructions, input          history; instructions are its first message, the system's
//   tools, text.format           overrides
//   metadata, store              tags: openai_response.h
//   any other                    a parameter, overrides.config, by Chat Completions' name
//
// What a call of a prompt can't have is refused: tools that OpenAI runs, its files and
// conversations, work in the background.
absl::Status ReadResponsesRequest(const Request& request, const v1::GetRecordResponse* previous,
                                  v1::CompleteRequest* call);

}  // namespace colophon::shape
