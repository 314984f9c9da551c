#pragma once

// Pages of lists: their sizes, and by the header below their tokens.

#include <cstdint>

#include "service/base/page_token.h"
#include "service/base/status.h"

namespace colophon {

// 0 means 100, more than 1,000 means 1,000; INVALID_ARGUMENT BAD_PAGE_SIZE for
// a negative one.
absl::StatusOr<int> PageSize(int32_t requested);

}  // namespace colophon
