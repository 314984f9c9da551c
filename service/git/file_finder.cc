#include "service/git/file_finder.h"

#include <algorithm>
#include <utility>

namespace colophon {

absl::StatusOr<const FileFinder::Folder*> FileFinder::Open(const ObjectId& id) {
  if (const auto known = folders_.find(id); known != folders_.end()) return &known->second;
  Folder folder;
  ASSIGN_OR_RETURN(folder.object, objects_.Get(id, ObjectType::kTree));
  ASSIGN_OR_RETURN(folder.by_name, ParseTree(folder.object->data));
  const auto by_name = [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; };
  // As a rule it is, and then a look-up of one file doesn't pay for sorting.
  if (!std::is_sorted(folder.by_name.begin(), folder.by_name.end(), by_name)) {
    std::sort(folder.by_name.begin(), folder.by_name.end(), by_name);
  }
  return &folders_.emplace(id, std::move(folder)).first->second;
}

absl::StatusOr<TreeFile> FileFinder::Find(const ObjectId& root, std::string_view path) {
  ObjectId id = root;
  while (!id.is_zero()) {
    ASSIGN_OR_RETURN(const Folder* const folder, Open(id));
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const auto entry = std::lower_bound(
        folder->by_name.begin(), folder->by_name.end(), name,
        [](const TreeEntry& e, std::string_view wanted) { return e.name < wanted; });
    if (entry == folder->by_name.end() || entry->name != name) return TreeFile();
    const bool is_last = slash == path.npos;
    if (entry->is_folder() == is_last) return TreeFile();
    if (is_last) return entry->file();
    id = entry->id;
    path.remove_prefix(slash + 1);
  }
  return TreeFile();
}

absl::StatusOr<std::optional<ObjectId>> FileFinder::FindFile(const ObjectId& root,
                                                             std::string_view path) {
  ASSIGN_OR_RETURN(const TreeFile file, Find(root, path));
  if (!file.exists()) return std::nullopt;
  RETURN_IF_ERROR(CheckIsOrdinaryFile(path, file.mode));
  return file.id;
}

absl::StatusOr<std::optional<std::string>> FileFinder::Read(const ObjectId& root,
                                                            std::string_view path) {
  ASSIGN_OR_RETURN(const auto blob, FindFile(root, path));
  if (!blob) return std::nullopt;
  ASSIGN_OR_RETURN(const SharedObject object, objects_.Get(*blob, ObjectType::kBlob));
  return object->data;
}

}  // namespace colophon
