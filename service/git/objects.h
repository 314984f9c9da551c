#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/base/status.h"
#include "service/store/object_store.h"

namespace colophon {

struct ObjectIdHash {
  size_t operator()(const ObjectId& id) const;
};

using SharedObject = std::shared_ptr<const Object>;

// Where git objects are read from.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  // NOT_FOUND OBJECT_NOT_FOUND; DATA_LOSS when it isn't of this type.
  absl::StatusOr<SharedObject> Get(const ObjectId& id, ObjectType type);
  virtual absl::StatusOr<SharedObject> Get(const ObjectId& id) = 0;
};

// The least recently used objects go when they are more than `bytes` in all.
// An id says what the bytes are, so one cache serves all repositories.
//
// Thread-safe.
class ObjectCache {
 public:
  explicit ObjectCache(size_t bytes) : limit_(bytes) {}

  SharedObject Find(const ObjectId& id);
  void Insert(SharedObject object);

 private:
  const size_t limit_;
  std::mutex mu_;
  // Guarded by mu_.
  std::list<SharedObject> by_use_;  // The latest first.
  std::unordered_map<ObjectId, std::list<SharedObject>::iterator, ObjectIdHash> by_id_;
  size_t bytes_ = 0;
};

// Durable objects of one repository.
//
// Thread-safe.
class StoredObjects : public ObjectReader {
 public:
  // `cache` may be null.
  StoredObjects(ObjectStore* store, ObjectCache* cache, std::string repository)
      : store_(store), cache_(cache), repository_(std::move(repository)) {}

  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override;
  absl::StatusOr<bool> Has(const ObjectId& id) const { return store_->HasObject(repository_, id); }

 private:
  ObjectStore* const store_;
  ObjectCache* const cache_;
  const std::string repository_;
};

// The objects that a change makes, on top of those below.
//
// Not thread-safe.
class ObjectStage : public ObjectReader {
 public:
  explicit ObjectStage(ObjectReader* below) : below_(below) {}

  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override;

  ObjectId Put(ObjectType type, std::string data);
  void Put(SharedObject object);
  // Those that were put, each once, in order.
  const std::vector<SharedObject>& objects() const { return objects_; }

 private:
  ObjectReader* const below_;
  std::vector<SharedObject> objects_;
  std::unordered_map<ObjectId, SharedObject, ObjectIdHash> by_id_;
};

}  // namespace colophon
