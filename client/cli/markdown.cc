#include "client/cli/markdown.h"

#include <algorithm>

#include "client/cli/text.h"

namespace colophon {
namespace {

// Backticks that stand side by side, at most.
size_t LongestRun(std::string_view text) {
  size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// A backslash before the "|" is one of a pair, or the two would be read as a backslash
// and the end of the cell.
std::string Cell(std::string_view text) {
  std::string cell;
  size_t backslashes = 0;
  for (const char c : text) {
    if (c == '|') cell += backslashes % 2 == 0 ? "\\" : "\\\\";
    backslashes = c == '\\' ? backslashes + 1 : 0;
    cell += c;
  }
  return cell;
}

}  // namespace

std::string MarkdownCode(std::string_view text) {
  std::string line = Visible(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  if (line.empty()) return "";
  const std::string fence(LongestRun(line) + 1, '`');
  // Markdown takes one blank off at both ends.
  const bool needs_blanks = line.front() == '`' || line.back() == '`' || line.front() == ' ';
  return needs_blanks ? fence + " " + line + " " + fence : fence + line + fence;
}

std::string MarkdownBlock(std::string_view text, std::string_view language) {
  std::string block = Visible(text);
  if (!block.ends_with('\n')) block += '\n';
  const std::string fence(std::max<size_t>(LongestRun(block) + 1, 3), '`');
  return fence + std::string(language) + "\n" + block + fence + "\n";
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + Cell(cell) + " |";
  return row + "\n";
}

}  // namespace colophon
