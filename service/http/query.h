#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// "%7B+x" is "{ x". nullopt when it isn't percent-encoded.
std::optional<std::string> PercentDecoded(std::string_view text);

// What stands after the question mark of a target. INVALID_ARGUMENT BAD_REQUEST.
absl::StatusOr<std::map<std::string, std::string>> ReadQuery(std::string_view target);

}  // namespace colophon
