#include "service/git/tree.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr size_t kIdSize = 20;

absl::Status CorruptTree() {
  return DataLoss("CORRUPT_TREE", "a git tree in the store is damaged; restore from a backup");
}

// Takes the first entry off `tree`; false when the bytes aren't one.
bool NextEntry(std::string_view* tree, TreeEntry* entry) {
  const auto [space, error] =
      std::from_chars(tree->data(), tree->data() + tree->size(), entry->mode, 8);
  if (error != std::errc() || space == tree->data() + tree->size() || *space != ' ') return false;
  const size_t name = space + 1 - tree->data();
  const size_t nul = tree->find('\0', name);
  if (nul == tree->npos || nul == name || tree->size() < nul + 1 + kIdSize) return false;
  entry->name = tree->substr(name, nul - name);
  entry->id = *ObjectId::FromBytes(tree->substr(nul + 1, kIdSize));
  entry->bytes = tree->substr(0, nul + 1 + kIdSize);
  tree->remove_prefix(entry->bytes.size());
  return true;
}

std::string_view NameOfMode(uint32_t mode) {
  switch (mode) {
    case kFolderMode:
      return "a folder";
    case 0100755:
      return "an executable";
    case 0100664:
      return "a file that its group may write";
    case 0120000:
      return "a symbolic link";
    case kSubmoduleMode:
      return "a submodule";
    default:
      return "no kind of file that git knows";
  }
}

}  // namespace

absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view tree) {
  std::vector<TreeEntry> entries;
  entries.reserve(tree.size() / 32);
  while (!tree.empty()) {
    if (!NextEntry(&tree, &entries.emplace_back())) return CorruptTree();
  }
  return entries;
}

bool PrecedesInTree(const TreeEntry& a, const TreeEntry& b) {
  const size_t common = std::min(a.name.size(), b.name.size());
  if (const int order = std::memcmp(a.name.data(), b.name.data(), common)) return order < 0;
  const auto next = [common](const TreeEntry& entry) -> int {
    if (entry.name.size() > common) return static_cast<unsigned char>(entry.name[common]);
    return entry.is_folder() ? '/' : -1;
  };
  return next(a) < next(b);
}

std::string WriteTree(const std::vector<TreeEntry>& entries) {
  std::string tree;
  size_t size = 0;
  for (const TreeEntry& entry : entries) size += entry.name.size() + 8 + kIdSize;
  tree.reserve(size);
  for (const TreeEntry& entry : entries) {
    if (!entry.bytes.empty()) {
      tree += entry.bytes;
      continue;
    }
    char mode[16];
    tree.append(mode, std::to_chars(mode, mode + sizeof(mode), entry.mode, 8).ptr);
    tree += ' ';
    tree += entry.name;
    tree += '\0';
    tree += entry.id.bytes();
  }
  return tree;
}

absl::Status CheckIsOrdinaryFile(std::string_view path, uint32_t mode) {
  if (mode == kFileMode) return absl::OkStatus();
  return FailedPrecondition(
      "FILE_MODE", fmt::format("{} has git's mode {:06o}, {}; Colophon reads ordinary files: make "
                               "it one, mode 100644",
                               Quoted(path), mode, NameOfMode(mode)));
}

}  // namespace colophon
