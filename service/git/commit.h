#pragma once

// Git's commits, read and written by libgit2:
//
//   commit = "tree " id LF { "parent " id LF }
//            "author " person LF "committer " person LF { header LF }
//            LF message
//   person = name " <" email "> " seconds " +0000"

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"
#include "service/git/objects.h"

namespace colophon {

struct CommitFields {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::string author;     // "Ada <ada@example.com>", or a name alone.
  std::string committer;  // Likewise.
  absl::Time time;        // The committer's. Whole seconds are kept.
  std::string message;    // Without its last line end.
};

// Puts a commit into `stage`. The person of a name without an address gets the
// address "<>". REQUIRES: CheckAuthor of both persons.
absl::StatusOr<ObjectId> WriteCommit(ObjectStage& stage, const CommitFields& commit);
// NOT_FOUND OBJECT_NOT_FOUND; DATA_LOSS CORRUPT_COMMIT when it isn't a commit.
absl::StatusOr<CommitFields> ReadCommit(ObjectReader& objects, const ObjectId& id);

// INVALID_ARGUMENT BAD_AUTHOR: "Name <address>" or "Name", UTF-8 without
// control characters, at most 256 bytes.
absl::Status CheckAuthor(std::string_view author);

}  // namespace colophon
