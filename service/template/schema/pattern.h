#pragma once

// Regular expressions of JSON Schema. They are ECMA-262's (with its flag u, as
// far as schemas use it) and run on RE2, whose time is linear in the text.
//
// What RE2 can't do (look-around, back references, more than 1000 repetitions, a
// program over its memory) is told apart from what is no regular expression at all.
//
// RE2 takes a millisecond to compile \p{L} and 20 for \p{L}{20}, so a pattern is
// only read at first, and how large its program will be is worked out from its
// text. It is compiled when it is first matched, by whom takes the steps for it.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "service/base/status.h"
#include "service/base/work.h"
#include "service/template/schema/pattern_translator.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace colophon::schema {

// Any number of threads may match at a time.
class Pattern {
 public:
  static constexpr size_t kMaxBytes = 4096;
  static constexpr int64_t kMaxInstructions = 30'000;

  // INVALID_ARGUMENT BAD_PATTERN; FAILED_PRECONDITION PATTERN_BEYOND_RE2: it may
  // be a regular expression, but not one that can be run here.
  static absl::StatusOr<std::shared_ptr<const Pattern>> Parse(std::string_view text);
  ~Pattern();

  // Somewhere in `text`, not only all of it. False when `work` ends.
  bool Matches(std::string_view text, Work* work) const;

  // As it was written.
  const std::string& text() const { return text_; }
  // At least as much as RE2 makes of it.
  const PatternSize& size() const { return size_; }
  // What its program and the memory of its matches may take.
  int64_t memory() const;

 private:
  Pattern(std::string_view text, std::string translated, PatternSize size);

  const std::string text_;
  const std::string translated_;
  const PatternSize size_;
  mutable std::once_flag once_;
  mutable std::atomic<bool> compiled_{false};
  mutable std::unique_ptr<const re2::RE2> re_;
};

}  // namespace colophon::schema
