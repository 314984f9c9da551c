#include "service/git/tree_diff.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace colophon {
namespace {

// What our own trees never reach: CheckFilePath allows 16.
constexpr int kMaxDepth = 64;

// What has one name in the one tree and in the other.
struct Pair {
  TreeFile before, after;
};

TreeFile FileOnly(const TreeFile& entry) { return entry.mode == kFolderMode ? TreeFile() : entry; }
ObjectId FolderOnly(const TreeFile& entry) {
  return entry.mode == kFolderMode ? entry.id : ObjectId();
}

class Differ {
 public:
  explicit Differ(ObjectReader& objects) : objects_(objects) {}

  absl::Status Compare(const ObjectId& a, const ObjectId& b, const std::string& prefix, int depth) {
    if (a == b) return absl::OkStatus();
    if (depth > kMaxDepth) {
      return DataLoss("CORRUPT_TREE", "a git tree in the store is deeper than 64 folders");
    }
    std::map<std::string, Pair> entries;
    RETURN_IF_ERROR(Read(a, &Pair::before, &entries));
    RETURN_IF_ERROR(Read(b, &Pair::after, &entries));
    for (const auto& [name, pair] : entries) {
      if (pair.before == pair.after) continue;
      const std::string path = prefix + name;
      const TreeFile before = FileOnly(pair.before), after = FileOnly(pair.after);
      if (before != after) differences_.push_back({path, before, after});
      RETURN_IF_ERROR(
          Compare(FolderOnly(pair.before), FolderOnly(pair.after), path + "/", depth + 1));
    }
    return absl::OkStatus();
  }

  std::vector<TreeDifference> Sorted() && {
    std::sort(differences_.begin(), differences_.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(differences_);
  }

 private:
  absl::Status Read(const ObjectId& id, TreeFile Pair::*side,
                    std::map<std::string, Pair>* entries) {
    if (id.is_zero()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const SharedObject tree, objects_.Get(id, ObjectType::kTree));
    ASSIGN_OR_RETURN(const std::vector<TreeEntry> read, ParseTree(tree->data));
    for (const TreeEntry& entry : read) (*entries)[std::string(entry.name)].*side = entry.file();
    return absl::OkStatus();
  }

  ObjectReader& objects_;
  std::vector<TreeDifference> differences_;
};

}  // namespace

absl::StatusOr<std::vector<TreeDifference>> DiffTrees(ObjectReader& objects, const ObjectId& a,
                                                      const ObjectId& b) {
  Differ differ(objects);
  RETURN_IF_ERROR(differ.Compare(a, b, "", 0));
  return std::move(differ).Sorted();
}

}  // namespace colophon
