#include "service/registry/page.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"

namespace colophon {
namespace {

std::string ListOfChange(const std::string& repository, int64_t sequence) {
  return fmt::format("change {} {}", repository, sequence);
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  constexpr int kDefaultPageSize = 100;
  constexpr int kMaxPageSize = 1'000;
  if (requested < 0) {
    return InvalidArgument("BAD_PAGE_SIZE",
                           fmt::format("page_size is {}; it is 0 to {}", requested, kMaxPageSize));
  }
  return requested == 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize);
}

void SealPageToken(v1::Change* change) {
  if (change->next_page_token().empty()) return;
  change->set_next_page_token(MakePageToken(ListOfChange(change->repository(), change->sequence()),
                                            change->next_page_token()));
}

absl::StatusOr<uint32_t> ReadChangePageToken(const std::string& repository, int64_t sequence,
                                             std::string_view token) {
  ASSIGN_OR_RETURN(const int64_t page, ReadPageNumber(ListOfChange(repository, sequence), token));
  if (page > std::numeric_limits<int32_t>::max()) {
    return InvalidArgument("BAD_PAGE_TOKEN",
                           fmt::format("the page token is of page {}, which no change has", page));
  }
  return page == 0 ? 1 : static_cast<uint32_t>(page);
}

}  // namespace colophon
