#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// A text as words, one a line, so that what compares lines compares words:
//
//   line  = ( "N" | "W" text | "S" text ) LF     a newline, a word, other white space
std::string WordLines(std::string_view text);

// One line of such a comparison.
struct WordChange {
  char origin;       // ' ', '-' or '+'.
  std::string line;  // As WordLines made it, without its LF.
};

// Lines of text with "[-what went-]{+what came+}" in them: those with a change, and two
// around each.
std::string FormatWordChanges(const std::vector<WordChange>& changes);

}  // namespace colophon
