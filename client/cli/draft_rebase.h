#pragma once

#include <string>
#include <vector>

#include "client/cli/draft_files.h"

namespace colophon {

// A draft that begins at main's newest change, or would, were there no conflicts.
struct RebasedDraft {
  int64_t from = 0;  // The change it began at.
  int64_t to = 0;
  std::vector<PulledFile> conflicts;  // Not empty: nothing was moved.
  v1::PublishResponse response;       // Without a change when main has all of it.
};

// Merges what the draft changes into main as it is, as `pull` does; of files that both
// changed `taken` says what they are to be. The draft moves at once or not at all: ABORTED
// DRAFT_MOVED when somebody added to it meanwhile.
absl::StatusOr<RebasedDraft> RebaseDraft(const Client& client, const std::string& repository,
                                         const std::string& branch, const FileMap& taken);

// The files of a working folder that are named. INVALID_ARGUMENT CONFLICT_MARKS.
absl::StatusOr<FileMap> ReadTaken(const std::optional<WorkingFolder>& folder,
                                  const std::vector<std::string>& files);

}  // namespace colophon
