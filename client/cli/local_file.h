#pragma once

// Files of this machine, read and written: the one place that opens them.
//
// Only regular files are read, and only so much of them: no read waits for a pipe or
// goes on for ever. The descriptor that was looked at is the one that is read, so
// nobody can put another file there in between.

#include <filesystem>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace colophon {

// What a repository takes of a file.
inline constexpr size_t kMaxTreeFileBytes = 1 << 20;
// What the JSON parser takes: data, history, an export, an output to look for.
inline constexpr size_t kMaxInputBytes = 64 << 20;

// A file that somebody named: links are followed. NOT_FOUND NO_FILE when it isn't
// there or may not be read; INVALID_ARGUMENT NOT_A_FILE for a folder, a pipe, a
// socket or a device; TOO_LARGE.
absl::StatusOr<std::string> ReadLocalFile(const std::filesystem::path& path, size_t max_bytes);

// `file`, which is below `folder`: links are followed as long as they stay in the
// folder. INVALID_ARGUMENT LINK_OUTSIDE for one that leads out of it, so that
// publishing a folder publishes what is in it and nothing else.
absl::StatusOr<std::string> ReadFileBelow(const std::filesystem::path& folder,
                                          const std::filesystem::path& file, size_t max_bytes);

// As ReadLocalFile, up to kMaxInputBytes; standard input for "-". /dev/stdin and
// /dev/fd/N, which a shell makes of <(command), are read like it.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// Makes or replaces `path` below `folder`, with the folders it is in, through no link:
// what stood there stays whole until the new content is on the disk. INVALID_ARGUMENT
// BAD_PATH for a path that a repository couldn't have; FAILED_PRECONDITION LINK_INSIDE for a
// link on the way or in its place.
absl::Status ReplaceFileBelow(const std::filesystem::path& folder, const std::string& path,
                              std::string_view content);

// Makes or replaces the file. A link that stands there is not followed.
absl::Status WriteLocalFile(const std::filesystem::path& path, std::string_view content);

}  // namespace colophon
