#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/base/status.h"
#include "service/git/objects.h"

namespace colophon {

// Objects that somebody pushed, on top of what the repository has. Nothing is believed of
// them: a commit is taken when all that it reaches is there and is what git writes.
//
// Not thread-safe.
class PushedObjects : public ObjectReader {
 public:
  // `durable` are the repository's, each with all that it reaches. `known` has those, too,
  // and others that are on their way to the disk: what is needed of these is taken with
  // the commit, for it may be that they never arrive.
  PushedObjects(StoredObjects* durable, ObjectReader* known,
                const std::vector<SharedObject>& objects);

  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override;

  // This commit is known to be there whole.
  void AddWhole(const ObjectId& commit) { whole_.insert(commit); }

  // The commit and all that it reaches and that isn't durable yet, each object once,
  // without those that were taken before. INVALID_ARGUMENT BAD_OBJECT, with the object
  // and what is wrong with it.
  absl::StatusOr<std::vector<SharedObject>> Take(const ObjectId& commit);

 private:
  absl::StatusOr<bool> IsWhole(const ObjectId& id);
  absl::StatusOr<SharedObject> Need(const ObjectId& id, ObjectType type,
                                    const std::string& named_by);
  absl::Status TakeTree(const ObjectId& id, const ObjectId& base, const std::string& folder,
                        int depth);
  void TakeObject(SharedObject object);

  StoredObjects& durable_;
  ObjectReader& known_;
  std::unordered_map<ObjectId, SharedObject, ObjectIdHash> pushed_;
  // With all that they reach.
  std::unordered_set<ObjectId, ObjectIdHash> whole_;
  std::vector<SharedObject> taken_;  // By the Take that runs.
};

}  // namespace colophon
