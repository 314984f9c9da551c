#pragma once

// Where a list goes on.

#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// `list` is what the list is of: the method and what the request asks for, but for
// its page ("prompts acme/support"). A token of one list doesn't fit another.
// Opaque to the caller:
//
//   token = hex( check position )      check = 8 bytes, SHA-256 of list and position
std::string MakePageToken(std::string_view list, std::string_view position);

// The position; empty for an empty token. INVALID_ARGUMENT BAD_PAGE_TOKEN.
absl::StatusOr<std::string> ReadPageToken(std::string_view list, std::string_view token);
// A position that is a number above 0; 0 for an empty token.
absl::StatusOr<int64_t> ReadPageNumber(std::string_view list, std::string_view token);

}  // namespace colophon
