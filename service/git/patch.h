#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// The difference of two states of the file at `path`, as `git diff` prints it; nullopt:
// there is no file. INTERNAL when libgit2 can't.
absl::StatusOr<std::string> WritePatch(const std::string& path,
                                       std::optional<std::string_view> before,
                                       std::optional<std::string_view> after);

}  // namespace colophon
