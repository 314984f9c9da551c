#pragma once

#include <cstddef>

#include "service/base/status.h"

namespace colophon {

// What is read for one page of records at most, so that whoever asks for what there is
// little of holds a thread for milliseconds. A page that found little by then is short
// and not the last. What is read last may have more bytes.
inline constexpr int kMaxPageRows = 2'000;
inline constexpr size_t kMaxPageBytesRead = 16 << 20;
// A page that has more ends: a client takes 4 MiB by default.
inline constexpr size_t kMaxPageBytes = 2 << 20;

// How many records a page is to have. INVALID_ARGUMENT BAD_PAGE_SIZE.
absl::StatusOr<int> CheckPageSize(int page_size);

}  // namespace colophon
