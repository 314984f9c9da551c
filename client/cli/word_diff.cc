#include "client/cli/word_diff.h"

#include <algorithm>
#include <cstddef>

namespace colophon {
namespace {

constexpr size_t kLinesAround = 2;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// A line of text, and whether something in it changed.
struct ShownLine {
  std::string text;
  bool has_change = false;
};

// Puts lines together. A run of words of one origin is marked once.
class Marker {
 public:
  void Add(const WordChange& change) {
    if (change.origin != origin_) Close();
    if (change.line == "N") return EndLine(change.origin);
    if (origin_ == ' ' && change.origin != ' ') {
      origin_ = change.origin;
      lines_.back().text += origin_ == '-' ? "[-" : "{+";
      lines_.back().has_change = true;
    }
    lines_.back().text += change.line.substr(1);
  }

  std::vector<ShownLine> Take() {
    Close();
    if (lines_.back().text.empty() && !lines_.back().has_change) lines_.pop_back();
    return std::move(lines_);
  }

 private:
  void Close() {
    if (origin_ != ' ') lines_.back().text += origin_ == '-' ? "-]" : "+}";
    origin_ = ' ';
  }

  // A newline that went or came is a change of its own.
  void EndLine(char origin) {
    if (origin != ' ') {
      Close();
      lines_.back().text += origin == '-' ? "[-\\n-]" : "{+\\n+}";
      lines_.back().has_change = true;
      if (origin == '-') return;
    }
    lines_.emplace_back();
  }

  std::vector<ShownLine> lines_ = std::vector<ShownLine>(1);
  char origin_ = ' ';
};

}  // namespace

std::string WordLines(std::string_view text) {
  std::string lines;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      lines += "N\n";
      ++i;
      continue;
    }
    const bool is_space = IsSpace(text[i]);
    size_t end = i;
    while (end < text.size() && text[end] != '\n' && IsSpace(text[end]) == is_space) ++end;
    lines += is_space ? 'S' : 'W';
    lines += text.substr(i, end - i);
    lines += '\n';
    i = end;
  }
  return lines;
}

std::string FormatWordChanges(const std::vector<WordChange>& changes) {
  Marker marker;
  for (const WordChange& change : changes) marker.Add(change);
  const std::vector<ShownLine> lines = marker.Take();
  std::vector<bool> shown(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].has_change) continue;
    const size_t last = std::min(i + kLinesAround, lines.size() - 1);
    for (size_t at = i - std::min(i, kLinesAround); at <= last; ++at) shown[at] = true;
  }
  std::string text;
  bool is_gap = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (shown[i] && is_gap && !text.empty()) text += "@@\n";
    if (shown[i]) text += lines[i].text + "\n";
    is_gap = !shown[i];
  }
  return text;
}

}  // namespace colophon
