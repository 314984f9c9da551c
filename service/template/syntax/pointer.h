#pragma once

// JSON pointers (RFC 6901): where in a value something stands.

#include <string>
#include <string_view>

namespace colophon::syntax {

// A key as a segment: ~ is ~0, / is ~1.
std::string EscapePointer(std::string_view key);

// The pointer of a member or element. Where the way to it is longer than any that
// people would follow, it is the pointer of what holds it: else a long key would be
// written once for each value below it.
std::string ChildPointer(const std::string& pointer, std::string_view key);

}  // namespace colophon::syntax
