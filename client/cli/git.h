#pragma once

// What libgit2 does for the command line: its home on this side.

#include <optional>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

struct MergedText {
  std::string text;
  bool has_conflicts = false;  // Marked as git marks them, <<<<<<< ======= >>>>>>>.
};

// One text of three, line by line. `base` is what both were made from, if anything;
// `theirs_name` is written at the marks.
absl::StatusOr<MergedText> MergeTexts(std::optional<std::string_view> base, std::string_view ours,
                                      std::string_view theirs, const std::string& theirs_name);

// The difference of two states of the file at `path`, as `git diff` prints it; nullopt:
// there is no file.
absl::StatusOr<std::string> DiffTexts(const std::string& path,
                                      std::optional<std::string_view> before,
                                      std::optional<std::string_view> after);

// The same word by word, as `git diff --word-diff` prints it: "[-what went-]{+what came+}".
absl::StatusOr<std::string> DiffWords(const std::string& path, std::string_view before,
                                      std::string_view after);

// "Ada <ada@example.com>", as git's configuration has it for the current folder; nullopt
// when it has no user.name.
std::optional<std::string> GitAuthor();

}  // namespace colophon
