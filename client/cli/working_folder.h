#pragma once

// A folder of prompt files that knows its repository:
//
//   colophon.yaml     repository: acme            whose files are in it and below
//                     server: HOST:PORT           may be left out
//   .colophon/base    repository " " sequence LF  what the folder stands on
//
// It is the root of the paths. `.colophon/` ignores itself in git and is never published.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "service/base/status.h"

namespace colophon {

inline constexpr char kFolderFile[] = "colophon.yaml";

struct WorkingFolder {
  std::filesystem::path root;  // Absolute, with links resolved.
  std::string repository;
  std::string server;  // Empty: not said.

  // "support/triage.prompt". INVALID_ARGUMENT OUTSIDE_ROOT when `path` isn't below the
  // root.
  absl::StatusOr<std::string> PathOf(const std::filesystem::path& path) const;
};

// The nearest at `path`, which may be a file, or above it; nullopt: there is none.
// INVALID_ARGUMENT BAD_FOLDER_FILE when its file can't be read as above.
absl::StatusOr<std::optional<WorkingFolder>> FindWorkingFolder(const std::filesystem::path& path);
// The one that all `paths` are in; without paths, of the current folder. INVALID_ARGUMENT
// TWO_FOLDERS when they are in different ones.
absl::StatusOr<std::optional<WorkingFolder>> FindWorkingFolder(
    const std::vector<std::string>& paths);

// The text of a colophon.yaml.
std::string FolderFileText(const std::string& repository);

// The sequence the folder stands on; nullopt before the first pull or publish.
// FAILED_PRECONDITION OTHER_REPOSITORY when that was of another repository.
absl::StatusOr<std::optional<int64_t>> ReadBase(const WorkingFolder& folder);
absl::Status WriteBase(const WorkingFolder& folder, int64_t sequence);

}  // namespace colophon
