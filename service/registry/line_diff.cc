#include "service/registry/line_diff.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kContext = 3;

using Lines = std::vector<std::string_view>;

// Myers' greedy algorithm: for d = 0, 1, 2, … how far down each diagonal of the
// matrix of lines a path comes that skips d lines, until one comes to the end;
// then back along the same path.
class Search {
 public:
  Search(const Lines& from, const Lines& to, int begin, int from_end, int to_end)
      : from_(from),
        to_(to),
        begin_(begin),
        from_size_(from_end - begin),
        to_size_(to_end - begin) {}

  // Empty when the steps don't suffice.
  std::vector<LineDifference> Run(int64_t* steps) {
    for (int d = 0; d <= from_size_ + to_size_; ++d) {
      reached_.emplace_back(2 * d + 1);
      for (int k = -d; k <= d; k += 2) {
        const int x = Slide(k, Start(d, k), steps);
        if (*steps <= 0) return {};
        reached_[d][k + d] = x;
        if (x >= from_size_ && x - k >= to_size_) return WalkBack(d, k);
      }
    }
    return {};
  }

 private:
  // How far diagonal k came in round d; before all lines where it has none.
  int Reached(int d, int k) const { return k < -d || k > d ? -1 : reached_[d][k + d]; }

  // True when the d-th skipped line of diagonal k is one of `to`.
  bool IsInsertion(int d, int k) const {
    return k == -d || (k != d && Reached(d - 1, k - 1) < Reached(d - 1, k + 1));
  }

  int Start(int d, int k) const {
    if (d == 0) return 0;
    return IsInsertion(d, k) ? Reached(d - 1, k + 1) : Reached(d - 1, k - 1) + 1;
  }

  // Along the lines that are the same.
  int Slide(int k, int x, int64_t* steps) const {
    int y = x - k;
    --*steps;
    while (x < from_size_ && y < to_size_ && y >= 0 && from_[begin_ + x] == to_[begin_ + y]) {
      ++x;
      ++y;
      --*steps;
    }
    return x;
  }

  std::vector<LineDifference> WalkBack(int d, int k) const {
    std::vector<LineDifference> differences;  // The last first.
    for (; d > 0; --d) {
      const int x = Start(d, k);
      const bool insertion = IsInsertion(d, k);
      const int from = begin_ + (insertion ? x : x - 1);
      const int to = begin_ + (insertion ? x - k - 1 : x - k);
      LineDifference one{from, from + (insertion ? 0 : 1), to, to + (insertion ? 1 : 0)};
      if (!differences.empty() && differences.back().from_begin == one.from_end &&
          differences.back().to_begin == one.to_end) {
        differences.back().from_begin = one.from_begin;
        differences.back().to_begin = one.to_begin;
      } else {
        differences.push_back(one);
      }
      k += insertion ? 1 : -1;
    }
    std::reverse(differences.begin(), differences.end());
    return differences;
  }

  const Lines& from_;
  const Lines& to_;
  const int begin_;
  const int from_size_, to_size_;
  std::vector<std::vector<int>> reached_;  // By d; of every other diagonal from -d to d.
};

// Differences that share context, printed as one hunk.
class HunkWriter {
 public:
  // The lines come after as many that aren't among them.
  HunkWriter(const Lines& from, const Lines& to, int64_t lines_before)
      : from_(from), to_(to), lines_before_(lines_before) {}

  void Write(const LineDifference* begin, const LineDifference* end) {
    const int before = std::min(kContext, begin->from_begin);
    const int after = std::min(kContext, static_cast<int>(from_.size()) - std::prev(end)->from_end);
    const int from_begin = begin->from_begin - before, to_begin = begin->to_begin - before;
    const int from_end = std::prev(end)->from_end + after;
    const int to_end = std::prev(end)->to_end + after;
    text_ += fmt::format("@@ -{} +{} @@\n", Range(from_begin, from_end), Range(to_begin, to_end));
    int next = from_begin;
    for (const LineDifference* one = begin; one != end; ++one) {
      Print(' ', from_, next, one->from_begin);
      Print('-', from_, one->from_begin, one->from_end);
      Print('+', to_, one->to_begin, one->to_end);
      next = one->from_end;
    }
    Print(' ', from_, next, from_end);
  }

  std::string text() && { return std::move(text_); }

 private:
  // "12,3"; "12" for one line, and for none the line before.
  std::string Range(int begin, int end) const {
    const int count = end - begin;
    const int64_t first = lines_before_ + begin + (count == 0 ? 0 : 1);
    return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
  }

  void Print(char sign, const Lines& lines, int begin, int end) {
    for (int i = begin; i < end; ++i) {
      text_ += sign;
      text_ += lines[i];
      if (!lines[i].ends_with('\n')) text_ += "\n\\ No newline at end of file\n";
    }
  }

  const Lines& from_;
  const Lines& to_;
  const int64_t lines_before_;
  std::string text_;
};

// How many bytes of whole lines both begin with.
size_t CommonAtBegin(std::string_view from, std::string_view to) {
  const size_t shorter = std::min(from.size(), to.size());
  const size_t same =
      std::mismatch(from.begin(), from.begin() + shorter, to.begin()).first - from.begin();
  return from.substr(0, same).rfind('\n') + 1;  // 0 without one.
}

// The same at their ends, but for a line that may be cut.
size_t CommonAtEnd(std::string_view from, std::string_view to) {
  const auto shorter = static_cast<ptrdiff_t>(std::min(from.size(), to.size()));
  const auto same =
      std::mismatch(from.rbegin(), from.rbegin() + shorter, to.rbegin()).first - from.rbegin();
  const size_t line_end = from.find('\n', from.size() - same);
  return line_end == from.npos ? 0 : from.size() - line_end - 1;
}

// Without the last lines of `text`, which are context. It ends with a line.
size_t WithoutLastLines(std::string_view text) {
  for (int lines = 0; lines < kContext && !text.empty(); ++lines) {
    text.remove_suffix(1);
    text = text.substr(0, text.rfind('\n') + 1);
  }
  return text.size();
}

size_t WithoutFirstLines(std::string_view text) {
  for (int lines = 0; lines < kContext; ++lines) {
    const size_t line_end = text.find('\n');
    if (line_end == text.npos) return 0;
    text.remove_prefix(line_end + 1);
  }
  return text.size();
}

}  // namespace

std::vector<LineDifference> DiffLines(const Lines& from, const Lines& to, DiffBudget* budget) {
  const int from_size = static_cast<int>(from.size()), to_size = static_cast<int>(to.size());
  const int shorter = std::min(from_size, to_size);
  int begin = 0;
  while (begin < shorter && from[begin] == to[begin]) ++begin;
  int at_end = 0;
  while (at_end < shorter - begin && from[from_size - 1 - at_end] == to[to_size - 1 - at_end]) {
    ++at_end;
  }
  const int from_end = from_size - at_end, to_end = to_size - at_end;
  if (begin == from_end && begin == to_end) return {};
  if (begin < from_end && begin < to_end) {
    auto differences = Search(from, to, begin, from_end, to_end).Run(&budget->steps);
    if (!differences.empty()) return differences;
  }
  return {{begin, from_end, begin, to_end}};
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  lines.reserve(std::count(text.begin(), text.end(), '\n') + 1);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::optional<std::string> WriteHunks(std::string_view from, std::string_view to,
                                      DiffBudget* budget) {
  // Of large texts with a small edit only what is around it is cut into lines.
  const size_t begin_size = CommonAtBegin(from, to);
  // What both begin with isn't looked at for what they end with: it would be
  // context twice.
  const size_t end_size = CommonAtEnd(from.substr(begin_size), to.substr(begin_size));
  const size_t before = WithoutLastLines(from.substr(0, begin_size));
  const size_t after = WithoutFirstLines(from.substr(from.size() - end_size));
  const int64_t lines_before = std::count(from.begin(), from.begin() + before, '\n');
  from = from.substr(before, from.size() - before - after);
  to = to.substr(before, to.size() - before - after);
  budget->bytes -= static_cast<int64_t>(from.size() + to.size());
  if (budget->bytes < 0) return std::nullopt;

  const Lines from_lines = SplitLines(from), to_lines = SplitLines(to);
  const std::vector<LineDifference> differences = DiffLines(from_lines, to_lines, budget);
  HunkWriter hunks(from_lines, to_lines, lines_before);
  const LineDifference* const end = differences.data() + differences.size();
  for (const LineDifference* begin = differences.data(); begin != end;) {
    const LineDifference* next = begin + 1;
    while (next != end && next->from_begin - (next - 1)->from_end <= 2 * kContext) ++next;
    hunks.Write(begin, next);
    begin = next;
  }
  return std::move(hunks).text();
}

}  // namespace colophon
