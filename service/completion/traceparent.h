#pragma once

#include <string>
#include <string_view>

namespace colophon {

// W3C trace context: the header as it is when it is well-formed, else "", and
// the trace is not continued (the specification's rule).
//
//   traceparent = version "-" trace-id "-" parent-id "-" flags
//   version     = 2 hex digits, not "ff"; version 00 has nothing after flags
//   trace-id    = 32 hex digits, not all 0; parent-id = 16, not all 0
std::string CheckTraceparent(std::string_view header);

}  // namespace colophon
