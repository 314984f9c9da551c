#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/store/store.h"

namespace colophon {

// A repository's refs as git's clients see them: main, its drafts, and each version as a tag
//
//   refs/heads/main                 refs/heads/shorter
//   refs/tags/support/triage/v12    the commit that published it
//
// Not thread-safe.
class ServedRefs {
 public:
  // What the store has now: whether that is something else than the last time. Reads what
  // is new. NOT_FOUND REPOSITORY_NOT_FOUND.
  absl::StatusOr<bool> Update(Store* store, const std::string& repository);

  // Of the store's branches as of Update.
  const std::vector<Ref>& branches() const { return branches_; }
  // Of git's `packed-refs` file, all refs sorted by name:
  //
  //   "# pack-refs with: peeled fully-peeled sorted " LF { id " " name LF }
  std::string PackedRefs() const;

 private:
  absl::Status AddVersions(Store* store, const std::string& repository, int64_t sequence);

  std::vector<Ref> branches_;
  // Of versions: by its name, the commit.
  std::map<std::string, ObjectId> tags_;
  int64_t sequence_ = 0;  // The change up to which tags_ are.
};

// Writes all of a bare repository's refs at once: who reads them sees those of before or
// these.
absl::Status WritePackedRefs(const std::string& packed_refs, const std::string& directory);

}  // namespace colophon
