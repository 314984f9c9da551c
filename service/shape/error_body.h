#pragma once

#include <string>

#include "service/base/status.h"

namespace colophon::shape {

// Whose words an endpoint speaks.
enum class Api { kOpenAi, kAnthropic };

// {"error": {"message", "type", "param", "code"}} as OpenAI has it, with our reason as the
// code; {"type": "error", "error": {…}} as Anthropic has it, whose object has the same
// members.
std::string WriteError(Api api, const absl::Status& status);

}  // namespace colophon::shape
