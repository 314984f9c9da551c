#pragma once

#include "service/base/json.h"

namespace colophon {

// Which tool a model has to ask for is said by prompts and calls in OpenAI's words or in
// Anthropic's, as `tool_choice` and, of several at once, `parallel_tool_calls` or
// `disable_parallel_tool_use`. Each puts what is in the other's words into its own; what it
// doesn't know stays, for the API to judge.
void WriteOpenAiToolChoice(json::object* body);
void WriteAnthropicToolChoice(json::object* body);

}  // namespace colophon
