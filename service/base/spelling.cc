#include "service/base/spelling.h"

#include <algorithm>
#include <utility>

namespace colophon {
namespace {

constexpr size_t kMaxAlike = 3;

// How many letters are wrong, missing, too many or swapped with the next one, as far as that
// is no more than `limit`; else more than that. Looks only at alignments that close: a name
// that isn't there costs little, whatever stands beside it.
size_t EditDistance(std::string_view a, std::string_view b, size_t limit) {
  const size_t far = limit + 1;
  std::vector<size_t> two_before(b.size() + 1, far), before = two_before, row = two_before;
  for (size_t j = 0; j <= std::min(b.size(), limit); ++j) before[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t begin = i > limit ? i - limit : 0;
    const size_t end = std::min(b.size(), i + 1 + limit);
    row[begin] = begin == 0 ? std::min(i + 1, far) : far;
    if (end < b.size()) row[end + 1] = far;  // What the next row looks at beyond.
    for (size_t j = begin; j < end; ++j) {
      const size_t replaced = before[j] + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, row[j] + 1, before[j + 1] + 1, far});
      const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], two_before[j - 1] + 1);
    }
    two_before.swap(before);
    before.swap(row);
  }
  return before.back();
}

}  // namespace

std::vector<std::string_view> SpelledAlike(std::string_view word,
                                           const std::vector<std::string_view>& candidates) {
  const size_t limit = std::max<size_t>(1, std::min<size_t>(3, word.size() / 3));
  std::vector<std::pair<size_t, std::string_view>> close;
  for (const std::string_view candidate : candidates) {
    const size_t longer = std::max(candidate.size(), word.size());
    const size_t shorter = std::min(candidate.size(), word.size());
    if (longer - shorter > limit) continue;
    const size_t distance = EditDistance(word, candidate, limit);
    if (distance <= limit) close.emplace_back(distance, candidate);
  }
  std::sort(close.begin(), close.end());
  if (close.size() > kMaxAlike) close.resize(kMaxAlike);
  std::vector<std::string_view> alike;
  for (const auto& [distance, candidate] : close) alike.push_back(candidate);
  return alike;
}

}  // namespace colophon
