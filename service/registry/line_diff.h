#pragma once

// The difference of two texts that are too large for libgit2, whose time grows
// with the lines of the files times those that differ.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Lines [from_begin, from_end) of one text became [to_begin, to_end) of the other.
struct LineDifference {
  int from_begin = 0, from_end = 0;
  int to_begin = 0, to_end = 0;
};

// In order. As few lines as possible differ, as long as `steps`, which is counted
// down, says that there may be work; when that isn't enough, all between the
// common beginning and the common end is one difference.
std::vector<LineDifference> DiffLines(const std::vector<std::string_view>& from,
                                      const std::vector<std::string_view>& to, int64_t* steps);

// With their line ends; the last may have none.
std::vector<std::string_view> SplitLines(std::string_view text);

// The hunks of a unified diff, with three lines of context, as git prints them but
// for the heading behind "@@"; empty when the texts are equal.
std::string WriteHunks(std::string_view from, std::string_view to, int64_t* steps);

}  // namespace colophon
