#pragma once

// Files at paths, in trees of git objects.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/registry/objects.h"

namespace colophon {

// The blob of the file at `path`; nullopt when there is no file. `root` may be
// zero: an empty tree.
absl::StatusOr<std::optional<ObjectId>> FindFile(ObjectReader& objects, const ObjectId& root,
                                                 std::string_view path);

// The content of the file at `path`.
absl::StatusOr<std::optional<std::string>> ReadTreeFile(ObjectReader& objects, const ObjectId& root,
                                                        std::string_view path);

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
