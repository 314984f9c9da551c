#pragma once

// What `publish` sends, found out before anything is sent.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/cli/folder_files.h"
#include "client/cli/tree.h"
#include "client/cli/working_folder.h"
#include "client/cpp/client.h"

namespace colophon {

struct PublishOptions {
  std::vector<std::string> paths;
  std::string repository;
  std::string description;
  std::string author;
  std::vector<std::string> labels;
  std::string branch;
  std::string from;  // "heads/shorter": a draft to promote.
  bool dry_run = false;
  bool diff = false;
  bool prune = false;
  bool any_file = false;
  std::optional<int64_t> base;
  TreeOptions tree;
};

// One file to write or to delete.
struct PlannedEdit {
  std::string path;
  std::optional<std::string> before;   // As the folder's base, or the draft, has it.
  std::optional<std::string> content;  // nullopt: deletes it.
};

struct PublishPlan {
  std::string repository;
  std::optional<WorkingFolder> folder;  // nullopt: files as they were named.
  int64_t base = 0;                     // 0: no check.
  std::vector<PlannedEdit> edits;       // Sorted by path.
  std::vector<std::string> missing;     // Files that are there and not here, left as they are.
  std::optional<int64_t> draft_base;    // Where the draft that is added to began.
  std::string draft_commit;             // Of the draft that is promoted.
  std::vector<std::string> prompts;     // Whose files were named one by one.
};

// In a working folder what differs from the change it stands on; elsewhere the files as
// they are. FAILED_PRECONDITION NO_BASE when the folder never pulled what is there;
// INVALID_ARGUMENT NO_REPOSITORY, OTHER_KIND, CONFLICT_MARKS.
absl::StatusOr<PublishPlan> PlanPublish(const Client& client,
                                        const std::optional<WorkingFolder>& folder,
                                        const PublishOptions& options);

// "shorter" of "heads/shorter" and of "shorter".
std::string DraftName(const std::string& text);

// The working folder that the paths are in; nullopt when there is none, or when --root or
// --prefix say how paths are meant. INVALID_ARGUMENT WRONG_REPOSITORY when -r names another
// repository than the folder.
absl::StatusOr<std::optional<WorkingFolder>> FolderOf(const PublishOptions& options);

// The changes after `base` that touched one of the files, a line each; labels are in their
// prompt's labels file.
absl::StatusOr<std::vector<std::string>> ChangesSince(const Client& client,
                                                      const std::string& repository, int64_t base,
                                                      const std::set<std::string>& paths);

}  // namespace colophon
