#include "service/registry/line_search.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"
#include "re2/re2.h"
#include "service/base/field_check.h"
#include "service/base/json.h"

namespace colophon {
namespace {

// What RE2 takes for the longest text in any case, and for its matches.
constexpr int64_t kMaxPatternBytes = 4 << 20;

constexpr size_t kMaxExcerptBytes = 4096;

bool IsInsideCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

absl::StatusOr<LineSearch> LineSearch::Of(std::string_view text, bool ignore_case) {
  if (text.empty()) {
    return BadField("BAD_VALUE", "text", "empty", "a part of a line, 1 to 1,024 bytes");
  }
  RETURN_IF_ERROR(CheckText("BAD_VALUE", "text", text, kMaxTextBytes));
  if (text.find_first_of("\r\n") != text.npos) {
    return BadField("BAD_VALUE", "text", "of several lines", "a part of one line");
  }
  re2::RE2::Options options;
  options.set_literal(true);
  options.set_case_sensitive(!ignore_case);
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternBytes);
  auto pattern =
      std::make_unique<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!pattern->ok()) {
    return Internal(
        fmt::format("a text of {} bytes can't be searched for: {}", text.size(), pattern->error()));
  }
  return LineSearch(std::move(pattern));
}

LineSearch::LineSearch(std::unique_ptr<const re2::RE2> pattern) : pattern_(std::move(pattern)) {}
LineSearch::LineSearch(LineSearch&&) noexcept = default;
LineSearch::~LineSearch() = default;

std::vector<FoundLine> LineSearch::FindIn(std::string_view content) const {
  std::vector<FoundLine> lines;
  if (!IsUtf8(content)) return lines;
  const re2::StringPiece all(content.data(), content.size());
  re2::StringPiece found;
  int number = 1;
  size_t counted = 0;  // `number` is of the line that begins here.
  while (counted < content.size() &&
         pattern_->Match(all, counted, all.size(), re2::RE2::UNANCHORED, &found, 1)) {
    const size_t at = static_cast<size_t>(found.data() - content.data());
    // A text of one line doesn't match beyond it.
    const size_t begin = content.rfind('\n', at) + 1;  // npos + 1 is 0.
    const size_t end = std::min(content.find('\n', at), content.size());
    number +=
        static_cast<int>(std::count(content.begin() + counted, content.begin() + begin, '\n'));
    FoundLine& line = lines.emplace_back();
    line.number = number;
    line.line = content.substr(begin, end - begin);
    if (end < content.size() && line.line.ends_with('\r')) line.line.remove_suffix(1);
    line.begin = at - begin;
    line.end = line.begin + found.size();
    counted = end + 1;
    ++number;
  }
  return lines;
}

LineExcerpt ExcerptOf(const FoundLine& found) {
  const std::string_view line = found.line;
  const std::string_view before = line.substr(0, found.begin);
  LineExcerpt excerpt;
  excerpt.column = 1 + static_cast<int>(std::count_if(before.begin(), before.end(), [](char c) {
                     return !IsInsideCodePoint(c);
                   }));
  size_t begin = 0, end = line.size();
  if (line.size() > kMaxExcerptBytes) {
    // Of the same length in other letters it may be three times what was asked for.
    static_assert(3 * LineSearch::kMaxTextBytes < kMaxExcerptBytes);
    const size_t beside = (kMaxExcerptBytes - (found.end - found.begin)) / 2;
    begin = std::min(found.begin - std::min(beside, found.begin), line.size() - kMaxExcerptBytes);
    end = begin + kMaxExcerptBytes;
    while (IsInsideCodePoint(line[begin])) ++begin;
    while (end < line.size() && IsInsideCodePoint(line[end])) --end;
  }
  excerpt.text = line.substr(begin, end - begin);
  excerpt.begin = found.begin - begin;
  excerpt.end = found.end - begin;
  return excerpt;
}

std::vector<FoundLine> LinesNotIn(const std::vector<FoundLine>& from,
                                  const std::vector<FoundLine>& to) {
  std::unordered_map<std::string_view, int> left;
  for (const FoundLine& line : from) ++left[line.line];
  std::vector<FoundLine> fresh;
  for (const FoundLine& line : to) {
    const auto there = left.find(line.line);
    if (there == left.end() || there->second == 0) {
      fresh.push_back(line);
    } else {
      --there->second;
    }
  }
  return fresh;
}

}  // namespace colophon
