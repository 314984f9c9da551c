#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/git/objects.h"

namespace colophon {

// The objects of changes that are on their way to the disk, on top of the
// durable ones, so that the next change can be built on them.
//
// Not thread-safe.
class PendingObjects : public ObjectReader {
 public:
  PendingObjects(ObjectStore* store, ObjectCache* cache, const std::string& repository)
      : durable_(store, cache, repository), cache_(cache) {}

  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override;

  // What is on the disk.
  StoredObjects& durable() { return durable_; }

  // One change's.
  void Add(std::vector<SharedObject> objects);
  // The `count` oldest changes are durable.
  void MarkDurable(int64_t count);

 private:
  // Two changes may make the same object.
  struct Counted {
    SharedObject object;
    int changes = 0;
  };

  StoredObjects durable_;
  ObjectCache* const cache_;
  std::deque<std::vector<SharedObject>> changes_;  // The oldest first.
  std::unordered_map<ObjectId, Counted, ObjectIdHash> by_id_;
};

}  // namespace colophon
