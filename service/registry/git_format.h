#pragma once

// Git's object formats, as git writes them:
//
//   tree   = { mode " " name NUL id }          mode in octal, id 20 bytes,
//                                              sorted, a folder as name "/"
//   commit = "tree " id LF { "parent " id LF }
//            "author " person LF "committer " person LF { header LF }
//            LF message
//   person = name " <" email "> " seconds " +0000"
//
// Trees are kept and edited in this very form: what a change rewrites is a few
// short byte strings, and no second form can disagree with it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"
#include "service/store/store.h"

namespace colophon {

inline constexpr uint32_t kFileMode = 0100644;
inline constexpr uint32_t kFolderMode = 0040000;

// A view into a tree's bytes.
struct TreeEntry {
  uint32_t mode = 0;
  std::string_view name;
  ObjectId id;

  bool is_folder() const { return mode == kFolderMode; }
};

// DATA_LOSS CORRUPT_TREE when the bytes aren't a tree.
absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view tree);
// REQUIRES: sorted by PrecedesInTree.
std::string WriteTree(const std::vector<TreeEntry>& entries);
bool PrecedesInTree(const TreeEntry& a, const TreeEntry& b);

struct CommitFields {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::string author;     // "Ada <ada@example.com>", or a name alone.
  std::string committer;  // Likewise.
  absl::Time time;        // Whole seconds are kept.
  std::string message;
};

// The person of a name without an address gets the address "<>".
std::string WriteCommit(const CommitFields& commit);
// `time` is the committer's; the message comes without its last line end.
// DATA_LOSS CORRUPT_COMMIT when the bytes aren't a commit.
absl::StatusOr<CommitFields> ParseCommit(std::string_view commit);

// INVALID_ARGUMENT BAD_AUTHOR: "Name <address>" or "Name", UTF-8 without
// control characters, at most 256 bytes.
absl::Status CheckAuthor(std::string_view author);

}  // namespace colophon
