#pragma once

#include <string_view>
#include <vector>

namespace colophon {

// The candidates that `word` may be a slip for, the closest first, at most three: a third
// of its letters may differ, of a long one three.
std::vector<std::string_view> SpelledAlike(std::string_view word,
                                           const std::vector<std::string_view>& candidates);

}  // namespace colophon
