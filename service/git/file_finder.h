#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/git/tree.h"

namespace colophon {

// Finds files by their paths. A folder is read and sorted once, so that a
// look-up doesn't cost more in a folder of thousands: looking up all of n files must not
// cost n times n.
//
// Not thread-safe; keeps every folder it has read.
class FileFinder {
 public:
  explicit FileFinder(ObjectReader* objects) : objects_(*objects) {}

  // What stands at `path` and isn't a folder, whatever its mode. `root` may be zero: an
  // empty tree.
  absl::StatusOr<TreeFile> Find(const ObjectId& root, std::string_view path);
  // The blob of the ordinary file at `path`; nullopt when there is nothing.
  // FAILED_PRECONDITION FILE_MODE when it is a link, an executable or the like.
  absl::StatusOr<std::optional<ObjectId>> FindFile(const ObjectId& root, std::string_view path);
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

}  // namespace colophon
