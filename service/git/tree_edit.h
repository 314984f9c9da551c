#pragma once

// Edits of files at paths, as new trees.

#include <map>
#include <optional>
#include <string>

#include "service/base/status.h"
#include "service/git/objects.h"

namespace colophon {

// Path → new blob; nullopt deletes.
using TreeEdits = std::map<std::string, std::optional<ObjectId>>;

// Puts the trees that `edits` alter into `stage` and returns the new root. Files get
// mode 100644. What isn't edited keeps its bytes, whatever its mode. A folder without
// files disappears; a root without files is the empty tree. INVALID_ARGUMENT
// PATH_CONFLICT when a file and a folder would have one name.
absl::StatusOr<ObjectId> EditTree(ObjectStage& stage, const ObjectId& root, const TreeEdits& edits);

}  // namespace colophon
