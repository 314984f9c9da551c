#include "service/git/tree_edit.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/git/tree.h"

namespace colophon {
namespace {

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
        (entry.is_folder() ? change->second.folder : change->second.file) = entry;
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
    TreeEntry file, folder;  // What has the name now; mode 0: nothing.
    bool has_file = false;
    Edit file_edit;
    bool has_below = false;
    Edit below_begin, below_end;
  };

  // Appends what has the name afterwards.
  absl::Status Apply(std::string_view name, const Change& change, size_t prefix_size,
                     std::vector<TreeEntry>* entries) {
    TreeEntry file = change.file, folder = change.folder;
    if (change.has_file) {
      const std::optional<ObjectId>& blob = change.file_edit->second;
      file = blob ? TreeEntry{kFileMode, name, *blob, {}} : TreeEntry();
    }
    if (change.has_below) {
      ASSIGN_OR_RETURN(const ObjectId below,
                       EditFolder(folder.id, change.below_begin, change.below_end,
                                  prefix_size + name.size() + 1));
      folder = below.is_zero() ? TreeEntry() : TreeEntry{kFolderMode, name, below, {}};
    }
    const bool has_file = file.mode != 0, has_folder = folder.mode != 0;
    if (has_file && has_folder) {
      const Edit edit = change.has_file ? change.file_edit : change.below_begin;
      return InvalidArgument(
          "PATH_CONFLICT",
          fmt::format("{} would be both a file and a folder; delete one of them in this change",
                      Quoted(edit->first.substr(0, prefix_size + name.size()))));
    }
    if (has_file) entries->push_back(file);
    if (has_folder) entries->push_back(folder);
    return absl::OkStatus();
  }

  ObjectStage& stage_;
};

}  // namespace

absl::StatusOr<ObjectId> EditTree(ObjectStage& stage, const ObjectId& root,
                                  const TreeEdits& edits) {
  ASSIGN_OR_RETURN(const ObjectId edited,
                   Editor(stage).EditFolder(root, edits.begin(), edits.end(), 0));
  return edited.is_zero() ? stage.Put(ObjectType::kTree, "") : edited;
}

}  // namespace colophon
