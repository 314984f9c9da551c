#include "service/registry/tree.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/registry/git_format.h"

namespace colophon {
namespace {

// What our own trees never reach: CheckFilePath allows 16.
constexpr int kMaxDepth = 64;

// A tree and its entries, which are views into it.
struct Folder {
  SharedObject object;
  std::vector<TreeEntry> entries;
};

absl::StatusOr<Folder> ReadFolder(ObjectReader& objects, const ObjectId& id) {
  Folder folder;
  if (id.is_zero()) return folder;
  ASSIGN_OR_RETURN(folder.object, objects.Get(id, ObjectType::kTree));
  ASSIGN_OR_RETURN(folder.entries, ParseTree(folder.object->data));
  return folder;
}

using Edit = TreeEdits::const_iterator;

// One editing of one tree: recurses over the folders that have edits.
class Editor {
 public:
  explicit Editor(ObjectStage& stage) : stage_(stage) {}

  // The edits [begin, end) are of this folder, whose path with its slash is
  // `prefix_size` bytes long. Returns zero for a folder that became empty.
  absl::StatusOr<ObjectId> EditFolder(const ObjectId& id, Edit begin, Edit end,
                                      size_t prefix_size) {
    ASSIGN_OR_RETURN(const Folder folder, ReadFolder(stage_, id));
    // The names of new entries live in the edits' paths.
    std::map<std::string_view, Change> changes;
    for (Edit edit = begin; edit != end; ++edit) {
      const std::string_view rest = std::string_view(edit->first).substr(prefix_size);
      const size_t slash = rest.find('/');
      Change& change = changes[rest.substr(0, slash)];
      if (slash == rest.npos) {
        change.file_edit = edit;
        change.has_file = true;
      } else {
        // Edits below one folder share a prefix, so sorting made them neighbours.
        if (!change.has_below) change.below_begin = edit;
        change.has_below = true;
        change.below_end = std::next(edit);
      }
    }
    // What stays, in order, and then what is new or differs, put in its place in
    // one go: a folder of thousands is walked once and not for each edit.
    std::vector<TreeEntry> entries;
    entries.reserve(folder.entries.size() + changes.size());
    for (const TreeEntry& entry : folder.entries) {
      const auto change = changes.find(entry.name);
      if (change == changes.end()) {
        entries.push_back(entry);
      } else {
        (entry.is_folder() ? change->second.below : change->second.file) = entry.id;
      }
    }
    const auto stayed = static_cast<ptrdiff_t>(entries.size());
    for (const auto& [name, change] : changes) {
      RETURN_IF_ERROR(Apply(name, change, prefix_size, &entries));
    }
    std::sort(entries.begin() + stayed, entries.end(), PrecedesInTree);
    std::inplace_merge(entries.begin(), entries.begin() + stayed, entries.end(), PrecedesInTree);
    if (entries.empty()) return ObjectId();
    return stage_.Put(ObjectType::kTree, WriteTree(entries));
  }

 private:
  // What the edits do to one name.
  struct Change {
    ObjectId file, below;  // What has the name now.
    bool has_file = false;
    Edit file_edit;
    bool has_below = false;
    Edit below_begin, below_end;
  };

  // Appends what has the name afterwards.
  absl::Status Apply(std::string_view name, const Change& change, size_t prefix_size,
                     std::vector<TreeEntry>* entries) {
    ObjectId file = change.file, below = change.below;
    if (change.has_file) file = change.file_edit->second.value_or(ObjectId());
    if (change.has_below) {
      ASSIGN_OR_RETURN(below, EditFolder(below, change.below_begin, change.below_end,
                                         prefix_size + name.size() + 1));
    }
    if (!file.is_zero() && !below.is_zero()) {
      const Edit edit = change.has_file ? change.file_edit : change.below_begin;
      return InvalidArgument(
          "PATH_CONFLICT",
          fmt::format("{} would be both a file and a folder; delete one of them in this change",
                      Quoted(edit->first.substr(0, prefix_size + name.size()))));
    }
    if (!file.is_zero()) entries->push_back({kFileMode, name, file});
    if (!below.is_zero()) entries->push_back({kFolderMode, name, below});
    return absl::OkStatus();
  }

  ObjectStage& stage_;
};

absl::Status CollectDifferences(ObjectReader& objects, const ObjectId& a, const ObjectId& b,
                                const std::string& prefix, int depth,
                                std::vector<std::string>* paths) {
  if (a == b) return absl::OkStatus();
  if (depth > kMaxDepth) {
    return DataLoss("CORRUPT_TREE", "a git tree in the store is deeper than 64 folders");
  }
  ASSIGN_OR_RETURN(const Folder before, ReadFolder(objects, a));
  ASSIGN_OR_RETURN(const Folder after, ReadFolder(objects, b));
  struct Pair {
    TreeEntry before, after;
  };
  std::map<std::string_view, Pair> entries;
  for (const TreeEntry& entry : before.entries) entries[entry.name].before = entry;
  for (const TreeEntry& entry : after.entries) entries[entry.name].after = entry;
  for (const auto& [name, pair] : entries) {
    const auto id_of = [](const TreeEntry& entry, bool folder) {
      return entry.is_folder() == folder ? entry.id : ObjectId();
    };
    const std::string path = prefix + std::string(name);
    if (id_of(pair.before, false) != id_of(pair.after, false)) paths->push_back(path);
    RETURN_IF_ERROR(CollectDifferences(objects, id_of(pair.before, true), id_of(pair.after, true),
                                       path + "/", depth + 1, paths));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const FileFinder::Folder*> FileFinder::Open(const ObjectId& id) {
  if (const auto known = folders_.find(id); known != folders_.end()) return &known->second;
  Folder folder;
  ASSIGN_OR_RETURN(folder.object, objects_.Get(id, ObjectType::kTree));
  ASSIGN_OR_RETURN(folder.by_name, ParseTree(folder.object->data));
  const auto by_name = [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; };
  // As a rule it is, and who looks up one file doesn't pay for sorting.
  if (!std::is_sorted(folder.by_name.begin(), folder.by_name.end(), by_name)) {
    std::sort(folder.by_name.begin(), folder.by_name.end(), by_name);
  }
  return &folders_.emplace(id, std::move(folder)).first->second;
}

absl::StatusOr<std::optional<ObjectId>> FileFinder::Find(const ObjectId& root,
                                                         std::string_view path) {
  ObjectId id = root;
  while (!id.is_zero()) {
    ASSIGN_OR_RETURN(const Folder* const folder, Open(id));
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const auto entry = std::lower_bound(
        folder->by_name.begin(), folder->by_name.end(), name,
        [](const TreeEntry& e, std::string_view wanted) { return e.name < wanted; });
    if (entry == folder->by_name.end() || entry->name != name) return std::nullopt;
    const bool is_last = slash == path.npos;
    if (entry->is_folder() == is_last) return std::nullopt;
    if (is_last) return entry->id;
    id = entry->id;
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<std::string>> FileFinder::Read(const ObjectId& root,
                                                            std::string_view path) {
  ASSIGN_OR_RETURN(const auto blob, Find(root, path));
  if (!blob) return std::nullopt;
  ASSIGN_OR_RETURN(const SharedObject object, objects_.Get(*blob, ObjectType::kBlob));
  return object->data;
}

absl::StatusOr<ObjectId> EditTree(ObjectStage& stage, const ObjectId& root,
                                  const TreeEdits& edits) {
  ASSIGN_OR_RETURN(const ObjectId edited,
                   Editor(stage).EditFolder(root, edits.begin(), edits.end(), 0));
  return edited.is_zero() ? stage.Put(ObjectType::kTree, "") : edited;
}

absl::StatusOr<std::vector<std::string>> DiffTrees(ObjectReader& objects, const ObjectId& a,
                                                   const ObjectId& b) {
  std::vector<std::string> paths;
  RETURN_IF_ERROR(CollectDifferences(objects, a, b, "", 0, &paths));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace colophon
