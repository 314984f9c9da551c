#pragma once

// Files on this machine, as a repository's tree has them.

#include <filesystem>
#include <string>
#include <vector>

#include "service/base/status.h"

namespace colophon {

struct LocalFile {
  std::string path;  // In the repository: "support/triage.prompt".
  std::string content;
};

struct TreeOptions {
  std::string root;    // What paths are relative to; empty: chosen for each.
  std::string prefix;  // Folder of the repository to put them in.
};

// The files that `paths` mean, sorted by their path in the repository: a file
// itself, of a folder every prompt, label, schema and tool file in it and
// below, hidden ones left out. Without a root, a folder's files are relative
// to the folder, a file to the current folder or, when it isn't below it, to
// its own.
absl::StatusOr<std::vector<LocalFile>> ReadTree(const std::vector<std::string>& paths,
                                                const TreeOptions& options);

// The file itself, or of a folder every prompt, label, schema and tool file in it
// and below, hidden ones left out; absolute paths, links resolved. NOT_FOUND when
// there is none of that name, INVALID_ARGUMENT for a folder without such files.
absl::StatusOr<std::vector<std::filesystem::path>> FindFiles(const std::string& path);

// "support/triage.prompt" → "support/triage"; empty for partials and other files.
std::string PromptOfFile(const std::string& path);

}  // namespace colophon
