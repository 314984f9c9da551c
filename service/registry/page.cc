#include "service/registry/page.h"

#include <algorithm>

#include "fmt/format.h"

namespace colophon {

absl::StatusOr<int> PageSize(int32_t requested) {
  constexpr int kDefaultPageSize = 100;
  constexpr int kMaxPageSize = 1'000;
  if (requested < 0) {
    return InvalidArgument("BAD_PAGE_SIZE",
                           fmt::format("page_size is {}; it is 0 to {}", requested, kMaxPageSize));
  }
  return requested == 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize);
}

}  // namespace colophon
