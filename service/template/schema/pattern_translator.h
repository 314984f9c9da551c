#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon::schema {

// How large a program is, or a part of one.
struct PatternSize {
  // Of RE2: memory, and time to compile.
  int64_t instructions = 0;
  // What it may be in the middle of at once: time for each byte at worst.
  int64_t threads = 0;
};

// INVALID_ARGUMENT BAD_PATTERN: no regular expression of ECMA-262.
absl::Status BadPattern(std::string_view message);
// FAILED_PRECONDITION PATTERN_BEYOND_RE2: it may be one, but can't be run here.
absl::Status PatternBeyondRe2(std::string_view message);

// A pattern of ECMA-262 as RE2 reads it.
struct TranslatedPattern {
  std::string text;
  // The same with digits in place of characters' properties, which is as right or
  // wrong and quick to read.
  std::string sketch;
  int properties = 0;  // How many of those there are.
  PatternSize size;    // At least as much as RE2 makes of it.
};

// What the two write differently is translated: \s, ".", \uXXXX, \u{X}, \cX, \0,
// [^], [], "[" in a class, (?<name>…), \p{Letter}. Beyond ECMA-262, (?i) is taken.
// BadPattern or PatternBeyondRe2 for what can't be written so. What is only RE2's to see is left to
// it: that a name or a repetition is wrong.
absl::StatusOr<TranslatedPattern> TranslatePattern(std::string_view text);

}  // namespace colophon::schema
