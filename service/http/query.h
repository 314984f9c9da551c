#pragma once

#include <map>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// What stands after the question mark of a target, as forms are encoded: "+" is a blank.
// INVALID_ARGUMENT BAD_REQUEST when it isn't percent-encoded.
absl::StatusOr<std::map<std::string, std::string>> ReadQuery(std::string_view target);

}  // namespace colophon
