#pragma once

// Text of others in Markdown as GitHub and GitLab read it: shown as it is, whatever it
// holds. Control characters and marks of direction are made visible.

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// `text` on one line, between more backticks than it has side by side.
std::string MarkdownCode(std::string_view text);

// A block of code, which no line of `text` ends.
std::string MarkdownBlock(std::string_view text, std::string_view language);

// "| a | b |" and a newline. Cells are Markdown on one line; a "|" in them is escaped.
std::string MarkdownRow(const std::vector<std::string>& cells);

}  // namespace colophon
