#pragma once

#include <string_view>

namespace colophon {

// Before the data of what Anthropic calls redacted_thinking, which is kept as a Reasoning
// without text whose signature begins so.
inline constexpr std::string_view kRedactedReasoning = "redacted:";

}  // namespace colophon
