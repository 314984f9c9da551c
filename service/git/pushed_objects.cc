#include "service/git/pushed_objects.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/git/tree.h"
#include "service/store/git_object.h"

namespace colophon {
namespace {

constexpr int kMaxDepth = 64;
constexpr uint32_t kModes[] = {kFileMode, kFolderMode, 0100755, 0100664, 0120000, kSubmoduleMode};

absl::Status BadObject(const std::string& fact) {
  return InvalidArgument("BAD_OBJECT", fact + "; nothing was taken. `git fsck` says more");
}

// What git itself refuses in a tree.
absl::Status CheckEntries(const std::vector<TreeEntry>& entries, const std::string& folder) {
  for (size_t i = 0; i < entries.size(); ++i) {
    const TreeEntry& entry = entries[i];
    const std::string path = folder + std::string(entry.name);
    if (std::find(std::begin(kModes), std::end(kModes), entry.mode) == std::end(kModes)) {
      return BadObject(
          fmt::format("{} has mode {:o}, which git doesn't know", Quoted(path), entry.mode));
    }
    if (entry.name == "." || entry.name == ".." ||
        absl::AsciiStrToLower({entry.name.data(), entry.name.size()}) == ".git" ||
        entry.name.find('/') != entry.name.npos) {
      return BadObject(fmt::format("{} is not a name that a tree may have", Quoted(path)));
    }
    if (i > 0 && !PrecedesInTree(entries[i - 1], entry)) {
      return BadObject(fmt::format("{} stands in the wrong place of its tree", Quoted(path)));
    }
  }
  std::vector<std::string_view> names;
  for (const TreeEntry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return BadObject(
      fmt::format("{} stands twice in its tree", Quoted(folder + std::string(*twice))));
}

}  // namespace

PushedObjects::PushedObjects(StoredObjects* durable, ObjectReader* known,
                             const std::vector<SharedObject>& objects)
    : durable_(*durable), known_(*known) {
  for (const SharedObject& object : objects) pushed_.emplace(object->id, object);
}

absl::StatusOr<SharedObject> PushedObjects::Get(const ObjectId& id) {
  if (const auto found = pushed_.find(id); found != pushed_.end()) return found->second;
  return known_.Get(id);
}

absl::StatusOr<bool> PushedObjects::IsWhole(const ObjectId& id) {
  if (whole_.count(id) > 0) return true;
  ASSIGN_OR_RETURN(const bool is_durable, durable_.Has(id));
  if (is_durable) whole_.insert(id);
  return is_durable;
}

absl::StatusOr<SharedObject> PushedObjects::Need(const ObjectId& id, ObjectType type,
                                                 const std::string& named_by) {
  absl::StatusOr<SharedObject> object = Get(id);
  if (object.status().code() == absl::StatusCode::kNotFound) {
    return BadObject(fmt::format("{} names the {} {}, which was not pushed and is not here",
                                 named_by, ObjectTypeName(type), id.hex()));
  }
  if (object.ok() && (*object)->type != type) {
    return BadObject(fmt::format("{} names {} as a {}, but it is a {}", named_by, id.hex(),
                                 ObjectTypeName(type), ObjectTypeName((*object)->type)));
  }
  return object;
}

void PushedObjects::TakeObject(SharedObject object) {
  whole_.insert(object->id);
  taken_.push_back(std::move(object));
}

absl::StatusOr<std::vector<SharedObject>> PushedObjects::Take(const ObjectId& tip) {
  taken_.clear();
  // A commit is taken after its parents, without recursion: histories are long.
  struct Step {
    ObjectId id;
    std::string named_by;
    bool parents_done = false;
  };
  std::vector<Step> steps = {{tip, "the push"}};
  while (!steps.empty()) {
    const Step step = steps.back();
    ASSIGN_OR_RETURN(const bool is_whole, IsWhole(step.id));
    if (is_whole) {
      steps.pop_back();
      continue;
    }
    ASSIGN_OR_RETURN(const SharedObject commit, Need(step.id, ObjectType::kCommit, step.named_by));
    const auto fields = ReadCommit(*this, step.id);
    if (!fields.ok()) return BadObject(MessageOf(fields.status()));
    const std::string name = "commit " + step.id.hex();
    // What stands behind it would be in the commit and not in what is told of it.
    if (commit->data.find('\0') != std::string::npos) return BadObject(name + " has a NUL byte");
    if (!step.parents_done) {
      steps.back().parents_done = true;
      for (const ObjectId& parent : fields->parents) steps.push_back({parent, name});
      continue;
    }
    ObjectId base;
    if (!fields->parents.empty()) {
      ASSIGN_OR_RETURN(const CommitFields parent, ReadCommit(*this, fields->parents[0]));
      base = parent.tree;
    }
    RETURN_IF_ERROR(Need(fields->tree, ObjectType::kTree, name).status());
    RETURN_IF_ERROR(TakeTree(fields->tree, base, "", 0));
    TakeObject(commit);
    steps.pop_back();
  }
  return std::move(taken_);
}

// `base` is the tree of the same folder in the parent, which is there whole: what both
// have in common needn't be looked at.
absl::Status PushedObjects::TakeTree(const ObjectId& id, const ObjectId& base,
                                     const std::string& folder, int depth) {
  if (id == base) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool is_whole, IsWhole(id));
  if (is_whole) return absl::OkStatus();
  if (depth > kMaxDepth) return BadObject(fmt::format("{} is too deep", Quoted(folder)));
  ASSIGN_OR_RETURN(const SharedObject tree, Get(id, ObjectType::kTree));
  const auto entries = ParseTree(tree->data);
  if (!entries.ok()) return BadObject(fmt::format("tree {} is damaged", id.hex()));
  RETURN_IF_ERROR(CheckEntries(*entries, folder));
  std::map<std::string, TreeFile> before;
  if (!base.is_zero()) {
    ASSIGN_OR_RETURN(const SharedObject base_tree, Get(base, ObjectType::kTree));
    ASSIGN_OR_RETURN(const std::vector<TreeEntry> base_entries, ParseTree(base_tree->data));
    for (const TreeEntry& entry : base_entries) before[std::string(entry.name)] = entry.file();
  }
  for (const TreeEntry& entry : *entries) {
    if (entry.mode == kSubmoduleMode) continue;
    const auto known = before.find(std::string(entry.name));
    const TreeFile old = known == before.end() ? TreeFile() : known->second;
    const bool was_folder = old.mode == kFolderMode;
    if (old.id == entry.id && was_folder == entry.is_folder() && old.mode != kSubmoduleMode) {
      continue;
    }
    const std::string path = folder + std::string(entry.name);
    const ObjectType type = entry.is_folder() ? ObjectType::kTree : ObjectType::kBlob;
    ASSIGN_OR_RETURN(const SharedObject object, Need(entry.id, type, Quoted(path)));
    if (entry.is_folder()) {
      RETURN_IF_ERROR(TakeTree(entry.id, was_folder ? old.id : ObjectId(), path + "/", depth + 1));
      continue;
    }
    ASSIGN_OR_RETURN(const bool is_there, IsWhole(entry.id));
    if (!is_there) TakeObject(object);
  }
  TakeObject(tree);
  return absl::OkStatus();
}

}  // namespace colophon
