#pragma once

#include <optional>

#include "client/cli/folder_files.h"
#include "client/cli/output.h"

namespace colophon {

// What moving a folder on did to its files.
struct Pulled {
  int64_t from = 0;  // The sequence it stood on.
  int64_t to = 0;
  std::vector<PulledFile> files;
};

// Brings what main has after change `to` (nullopt: all of it) into the folder, and the
// folder stands on that change. Files that were edited here are merged, never lost.
absl::StatusOr<Pulled> Pull(const Client& client, const WorkingFolder& folder,
                            std::optional<int64_t> to);

// A line for each file; with --json
// {"sequence": 16, "files": [{"path": …, "outcome": "brought"}]}.
void PrintPulled(const Output& out, const Pulled& pulled);

// ABORTED MERGE_CONFLICT with what to do, when files have conflicts.
absl::Status ConflictsOf(const Pulled& pulled);

// NOT_FOUND NO_FOLDER when there is none at `path` or above.
absl::StatusOr<WorkingFolder> NeedWorkingFolder(const std::string& path);

}  // namespace colophon
