#pragma once

// Regular expressions of JSON Schema. They are ECMA-262's (with its flag u, as
// far as schemas use it) and run on RE2, whose time is linear in the text.
//
// What the two write differently is translated: \s, ".", \uXXXX, \u{X}, \cX, \0,
// [^], [], "[" in a class, (?<name>…), \p{Letter}. What RE2 can't do (look-around,
// back references, more than 1000 repetitions, a program over its memory) is told
// apart from what is no regular expression at all. Beyond ECMA-262, (?i) is taken.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace colophon {

class SchemaPattern {
 public:
  static constexpr size_t kMaxBytes = 4096;

  // INVALID_ARGUMENT BAD_PATTERN; FAILED_PRECONDITION PATTERN_BEYOND_RE2: it may
  // be a regular expression, but not one that can be run here.
  static absl::StatusOr<std::shared_ptr<const SchemaPattern>> Compile(std::string_view text);
  ~SchemaPattern();

  // Somewhere in `text`, not only all of it.
  bool Matches(std::string_view text) const;
  // The steps that Matches takes at most.
  int64_t CostOf(size_t bytes) const;

  // As it was written.
  const std::string& text() const { return text_; }
  // In RE2's instructions: memory, and time for each byte at worst.
  int64_t program_size() const { return program_size_; }

 private:
  SchemaPattern(std::string_view text, std::unique_ptr<const re2::RE2> re);

  const std::string text_;
  const std::unique_ptr<const re2::RE2> re_;
  const int64_t program_size_;
};

}  // namespace colophon
