#pragma once

// What differs between two trees.

#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/git/tree.h"

namespace colophon {

// A path whose file came, went, or got another content or mode. Links and submodules
// are files here.
struct TreeDifference {
  std::string path;
  TreeFile before, after;
};

// Sorted by path. Either root may be zero. DATA_LOSS CORRUPT_TREE, also for more than
// 64 folders in each other.
absl::StatusOr<std::vector<TreeDifference>> DiffTrees(ObjectReader& objects, const ObjectId& a,
                                                      const ObjectId& b);

}  // namespace colophon
