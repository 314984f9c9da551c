#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace colophon {

// A line that holds the text searched for.
struct FoundLine {
  int number = 0;         // From 1.
  std::string_view line;  // Without its end, LF or CRLF.
  // The first place in it, in bytes.
  size_t begin = 0, end = 0;
};

// Looks for one fixed text, in a time that is linear in what is searched.
//
// Any number of threads may search at a time.
class LineSearch {
 public:
  static constexpr size_t kMaxTextBytes = 1024;

  // INVALID_ARGUMENT BAD_VALUE unless `text` is 1 to 1,024 bytes of one line. REQUIRES:
  // it is UTF-8.
  static absl::StatusOr<LineSearch> Of(std::string_view text, bool ignore_case);
  LineSearch(LineSearch&&) noexcept;
  ~LineSearch();

  // Each line that holds it, once, in order: views into `content`. None of what isn't
  // UTF-8.
  std::vector<FoundLine> FindIn(std::string_view content) const;

 private:
  explicit LineSearch(std::unique_ptr<const re2::RE2> pattern);

  std::unique_ptr<const re2::RE2> pattern_;
};

// What is shown of it: the line, or of a long one 4,096 bytes around the text, cut at
// the edges of code points.
struct LineExcerpt {
  int column = 0;  // Of the text in the line, in code points from 1.
  std::string_view text;
  size_t begin = 0, end = 0;  // Of the text in the excerpt, in bytes.
};
LineExcerpt ExcerptOf(const FoundLine& found);

// What one step from the lines of the one text to those of the other brought, or, the
// other way round, took out: the lines of `to` that `from` doesn't have as often. Of
// equal lines the last ones count as new.
std::vector<FoundLine> LinesNotIn(const std::vector<FoundLine>& from,
                                  const std::vector<FoundLine>& to);

}  // namespace colophon
