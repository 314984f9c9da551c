#pragma once

// Values as a filter's writer types them.

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace colophon {

// "300ms", "2s", "1h30m", "3d", "2w": a number and its unit, several in a row.
std::optional<absl::Duration> ReadFilterDuration(std::string_view text);

// A moment, or a day, whose `end` is the next one's begin.
struct TimeSpan {
  absl::Time begin;
  absl::Time end;  // Exclusive; a moment's is itself.
};

// "2026-11-24" (a day of UTC), "2026-11-24T10:00:00Z" and other RFC 3339 times, those
// without a zone being UTC; "3d": so long before `now`.
std::optional<TimeSpan> ReadFilterTime(std::string_view text, absl::Time now);

// "12", "0.5", "1e6".
std::optional<double> ReadFilterNumber(std::string_view text);

// For a search of words: in lower case as far as ASCII goes, each run of white space one
// blank, none at the ends.
std::string WordsOf(std::string_view text);
// Whether `text` holds them; `words` are WordsOf something.
bool ContainsWords(std::string_view text, const std::string& words);

std::optional<bool> ReadFilterTruth(std::string_view text);

// -1, 0 or 1.
template <class T>
int OrderOf(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace colophon
