#pragma once

#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// What was packed by gzip (RFC 1952). INVALID_ARGUMENT BAD_REQUEST when it wasn't, or has more
// than `max_bytes`, of which no more are unpacked.
absl::StatusOr<std::string> Gunzip(std::string_view packed, size_t max_bytes);

}  // namespace colophon
