#pragma once

// Files at paths, in trees of git objects.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/base/status.h"
#include "service/registry/git_format.h"
#include "service/registry/objects.h"

namespace colophon {

// Finds files by their paths. A folder is read and sorted once, so that a
// look-up doesn't cost more in a folder of thousands: who looks up each of them
// would have paid for each pair.
//
// Not thread-safe; keeps every folder it has read.
class FileFinder {
 public:
  explicit FileFinder(ObjectReader* objects) : objects_(*objects) {}

  // The blob of the file at `path`; nullopt when there is no file. `root` may be
  // zero: an empty tree.
  absl::StatusOr<std::optional<ObjectId>> Find(const ObjectId& root, std::string_view path);
  // Its content.
  absl::StatusOr<std::optional<std::string>> Read(const ObjectId& root, std::string_view path);

 private:
  struct Folder {
    SharedObject object;             // What the entries are views of.
    std::vector<TreeEntry> by_name;  // Not in the tree's own order, where a folder is "name/".
  };

  absl::StatusOr<const Folder*> Open(const ObjectId& id);

  ObjectReader& objects_;
  std::unordered_map<ObjectId, Folder, ObjectIdHash> folders_;
};

// Path → new blob; nullopt deletes.
using TreeEdits = std::map<std::string, std::optional<ObjectId>>;

// Puts the trees that `edits` alter into `stage` and returns the new root. A
// folder without files disappears; a root without files is the empty tree.
// INVALID_ARGUMENT PATH_CONFLICT when a file and a folder would have one name.
absl::StatusOr<ObjectId> EditTree(ObjectStage& stage, const ObjectId& root, const TreeEdits& edits);

// Paths whose files differ, sorted. Either root may be zero.
absl::StatusOr<std::vector<std::string>> DiffTrees(ObjectReader& objects, const ObjectId& a,
                                                   const ObjectId& b);

}  // namespace colophon
