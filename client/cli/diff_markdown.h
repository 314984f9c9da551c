#pragma once

// A difference as a comment on a pull request.

#include <string>

#include "client/cli/diff_side.h"
#include "service/base/status.h"

namespace colophon {

// What a comment holds: GitHub takes 65,536 characters.
inline constexpr size_t kMaxCommentBytes = 60'000;

// A heading for each prompt that differs with its closure, the fields of the front matter
// as a table, and the text of each file once, however many prompts include it. What has no
// room is counted at the end.
absl::StatusOr<std::string> WriteMarkdown(const DiffSide& before, const DiffSide& after);

}  // namespace colophon
