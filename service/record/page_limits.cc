#include "service/record/page_limits.h"

#include <algorithm>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 500;

}  // namespace

absl::StatusOr<int> CheckPageSize(int page_size) {
  if (page_size < 0) {
    return InvalidArgument("BAD_PAGE_SIZE",
                           fmt::format("page_size {} is negative: give 1 to {}, or 0 for {}",
                                       page_size, kMaxPageSize, kDefaultPageSize));
  }
  return page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
}

}  // namespace colophon
