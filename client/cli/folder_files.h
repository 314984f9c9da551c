#pragma once

// The files of a working folder beside those of its repository.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/working_folder.h"
#include "client/cpp/client.h"
#include "service/base/status.h"

namespace colophon {

using FileMap = std::map<std::string, std::string>;  // Content by path in the repository.

// As a repository had them.
struct RemoteFiles {
  FileMap files;
  int64_t sequence = 0;
  std::string commit;
};

// All pages of it.
absl::StatusOr<RemoteFiles> GetRemoteFiles(const Client& client, v1::GetFilesRequest request);
// Of main after this change; nullopt: as it is.
absl::StatusOr<RemoteFiles> GetRemoteFiles(const Client& client, const std::string& repository,
                                           std::optional<int64_t> sequence);

// The files below the root that are published; none is no error.
absl::StatusOr<FileMap> ReadFolder(const WorkingFolder& folder);

// Of the kinds that a folder holds; the others are left where they are.
FileMap KeepFolderKinds(FileMap files);

// One file that differs.
struct FileDifference {
  enum class Kind { kNew, kEdited, kDeleted };

  std::string path;
  Kind kind;
};

// Sorted by path.
std::vector<FileDifference> CompareFiles(const FileMap& before, const FileMap& after);

// "new", "edited", "deleted"
std::string_view NameOf(FileDifference::Kind kind);

// What a pull does to one file.
struct PulledFile {
  enum class Outcome {
    kBrought,     // Others changed it, and nobody here.
    kRemoved,     // Others deleted it, and nobody changed it here.
    kMerged,      // Changed here and there, in different places.
    kConflict,    // In the same place: it holds both, marked.
    kKept,        // Changed here, and deleted there.
    kBroughtBack  // Deleted here, and changed there.
  };

  std::string path;
  Outcome outcome;
  std::optional<std::string> content;  // What it is to hold; nullopt: no file.

  bool is_conflict() const {
    return outcome == Outcome::kConflict || outcome == Outcome::kKept ||
           outcome == Outcome::kBroughtBack;
  }
};

// What brings `ours`, made from `base`, to `theirs` without losing an edit of ours. Sorted
// by path; files that stay as they are aren't among them.
absl::StatusOr<std::vector<PulledFile>> MergeFiles(const FileMap& base, const FileMap& ours,
                                                   const FileMap& theirs,
                                                   const std::string& theirs_name);

// Writes them. One whose file isn't what `ours` says any more stops it, FAILED_PRECONDITION
// FILE_CHANGED: somebody writes to it right now.
absl::Status WritePulled(const WorkingFolder& folder, const FileMap& ours,
                         const std::vector<PulledFile>& files);

// Whether it holds what MergeFiles marks.
bool HasConflictMarks(std::string_view text);

}  // namespace colophon
