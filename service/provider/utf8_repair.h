#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace colophon {

// The text with U+FFFD in the place of what is not UTF-8, one for as many bytes as
// could have begun a character (the Unicode standard's maximal subparts). Nullopt
// when it is UTF-8.
std::optional<std::string> RepairUtf8(std::string_view text);

}  // namespace colophon
