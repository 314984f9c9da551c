#pragma once

// Git's trees, as git writes them:
//
//   tree = { mode " " name NUL id }      mode in octal, id 20 bytes,
//                                        sorted, a folder as name "/"
//
// Trees are kept and edited in this very form: what a change rewrites is a few
// short byte strings, and no second form can disagree with it.
//
// Written by hand, for a publish reads and writes its trees one by one. With libgit2's
// git_tree_create_updated M6 made 2,130 changes a second with 64 writers instead of
// 3,490 (medians of alternating runs on one machine; 1,977-2,333 and 3,208-3,844), and
// it would alter the modes that it keeps. Commits are libgit2's: they cost nothing
// that M6 shows.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/store/object_store.h"

namespace colophon {

// What Colophon writes and reads. Entries of other modes (links, submodules,
// executables) are kept as they are.
inline constexpr uint32_t kFileMode = 0100644;
inline constexpr uint32_t kFolderMode = 0040000;
// The id is a commit of another repository: there is no object of it here.
inline constexpr uint32_t kSubmoduleMode = 0160000;

// What stands at a path. Mode 0: nothing.
struct TreeFile {
  uint32_t mode = 0;
  ObjectId id;

  bool exists() const { return mode != 0; }
  friend bool operator==(const TreeFile&, const TreeFile&) = default;
};

// A view into a tree's bytes, or a new entry of it.
struct TreeEntry {
  uint32_t mode = 0;
  std::string_view name;
  ObjectId id;
  // The whole entry as it stood in the tree, so that it can be written back byte for
  // byte; empty when it is new.
  std::string_view bytes;

  bool is_folder() const { return mode == kFolderMode; }
  TreeFile file() const { return {mode, id}; }
};

// DATA_LOSS CORRUPT_TREE when the bytes aren't a tree.
absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view tree);
// REQUIRES: sorted by PrecedesInTree.
std::string WriteTree(const std::vector<TreeEntry>& entries);
bool PrecedesInTree(const TreeEntry& a, const TreeEntry& b);

// OK for an ordinary file, mode 100644. FAILED_PRECONDITION FILE_MODE for all else,
// which Colophon keeps and doesn't read, with the path and the mode.
absl::Status CheckIsOrdinaryFile(std::string_view path, uint32_t mode);

}  // namespace colophon
