#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "service/git/file_finder.h"
#include "service/git/objects.h"
#include "service/git/tree_edit.h"
#include "service/registry/change_proposal.h"

namespace colophon {

// The files of a repository as a change finds them and as it leaves them, and the
// objects that it makes.
//
// Not thread-safe; for one change.
class ChangedFiles {
 public:
  using Content = std::optional<std::string>;  // nullopt: there is no file.

  // `below` has the objects of the tree `root`, which the change stands on.
  ChangedFiles(ObjectReader* below, const ObjectId& root) : root_(root), stage_(below) {}
  ChangedFiles(const ChangedFiles&) = delete;
  ChangedFiles& operator=(const ChangedFiles&) = delete;

  // Keeps the edits that alter something. NOT_FOUND FILE_NOT_FOUND for a deletion of
  // nothing.
  absl::Status Take(const ChangeProposal& proposal);

  // As the change leaves it. FAILED_PRECONDITION FILE_MODE when it isn't an ordinary
  // file, here and below.
  absl::StatusOr<Content> Read(const std::string& path);
  // As the change finds it.
  absl::StatusOr<Content> ReadBefore(const std::string& path);
  absl::StatusOr<bool> ExistedBefore(const std::string& path);

  // Files that the change writes by itself.
  void Write(const std::string& path, std::string content);
  absl::Status Delete(const std::string& path);

  const TreeEdits& edits() const { return edits_; }
  bool IsEdited(const std::string& path) const { return edits_.count(path) > 0; }
  const std::set<std::string>& added_paths() const { return added_paths_; }
  const std::set<std::string>& deleted_prompts() const { return deleted_prompts_; }
  // The blob of a file that was read; null when it wasn't.
  const ObjectId* FindBlobRead(const std::string& path) const;
  ObjectStage& stage() { return stage_; }

 private:
  const ObjectId root_;
  ObjectStage stage_;
  FileFinder finder_{&stage_};
  TreeEdits edits_;
  std::set<std::string> added_paths_;
  std::set<std::string> deleted_prompts_;
  std::map<std::string, ObjectId> blobs_read_;
};

}  // namespace colophon
