#pragma once

// What a check of a value against a JSON Schema may cost, and what it finds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/stop_flag.h"

namespace colophon::schema {

struct Violation {
  std::string pointer;  // JSON pointer into the value, "/ticket/priority"; "" is all of it.
  std::string rule;     // JSON pointer into the schema, "/properties/ticket/…/enum".
  std::string message;  // `"urgnt" is not one of "low", "high"`.
};

struct Limits {
  // Without a Work of the caller's.
  int64_t steps = 5'000'000;
  // Of schemas applied inside of one another.
  int depth = 1000;
  // So many violations are reported.
  size_t violations = 20;
  // Ends the check as the limits do. May be null.
  const StopFlag* stop = nullptr;
};

struct Result {
  std::vector<Violation> violations;
  // A limit ended the check: that the value is valid isn't known. The last
  // violation names the limit, and its rule is "".
  bool limit_reached = false;
  // There were more violations than are reported.
  bool cut = false;
  int64_t steps = 0;

  // The value is valid.
  bool ok() const { return violations.empty(); }
};

// `/ticket/priority: "urgnt" is not one of "low", "high"`. `whole` stands where the
// pointer is "": "the output".
std::string FormatViolation(const Violation& violation, std::string_view whole);

}  // namespace colophon::schema
