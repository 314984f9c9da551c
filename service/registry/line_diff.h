#pragma once

// The difference of two texts that are too large for libgit2, whose time grows
// with the lines of the files times those that differ.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Lines [from_begin, from_end) of one text became [to_begin, to_end) of the other.
struct LineDifference {
  int from_begin = 0, from_end = 0;
  int to_begin = 0, to_end = 0;
};

// What comparing may cost; counted down.
struct DiffBudget {
  int64_t steps = 1'000'000;
  // Of what stands between the common beginnings and ends of texts, both together.
  int64_t bytes = 4 << 20;
};

// In order. As few lines as possible differ, as long as there are steps; when they
// aren't enough, all between the common beginning and the common end is one
// difference.
std::vector<LineDifference> DiffLines(const std::vector<std::string_view>& from,
                                      const std::vector<std::string_view>& to, DiffBudget* budget);

// With their line ends; the last may have none.
std::vector<std::string_view> SplitLines(std::string_view text);

// The hunks of a unified diff, with three lines of context, as git prints them but
// for the heading behind "@@"; empty when the texts are equal, nullopt when they
// have more than there are bytes to compare.
std::optional<std::string> WriteHunks(std::string_view from, std::string_view to,
                                      DiffBudget* budget);

}  // namespace colophon
