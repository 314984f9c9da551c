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

// A file that a path on a command line means.
struct FoundFile {
  std::filesystem::path path;    // Absolute. Links to its folder are resolved.
  std::filesystem::path folder;  // It was found in, and must not lead out of; empty:
                                 // it was named itself, and may lead anywhere.
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
// and below, hidden ones left out; links to folders are not followed. What has such a
// name and is no file is found too: reading it says what it is. NOT_FOUND when there is
// none of that name; INVALID_ARGUMENT for a folder without such files, and NOT_A_FILE
// for one in which a folder has such a name.
absl::StatusOr<std::vector<FoundFile>> FindFiles(const std::string& path);

// Up to kMaxTreeFileBytes. As ReadFileBelow, or ReadLocalFile when it was named itself.
absl::StatusOr<std::string> ReadFound(const FoundFile& file);

// Absolute, with links to its folder resolved; of a folder its own too.
std::filesystem::path AbsolutePath(const std::filesystem::path& path);

// Whether a folder's walk finds a file of this path: a prompt, label, schema or tool
// file that isn't hidden.
bool IsFolderFile(const std::string& path);

// "support/triage.prompt" → "support/triage"; empty for partials and other files.
std::string PromptOfFile(const std::string& path);

}  // namespace colophon
