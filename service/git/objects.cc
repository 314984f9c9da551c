#include "service/git/objects.h"

#include <cstring>

#include "fmt/format.h"
#include "service/store/git_object.h"

namespace colophon {
namespace {

// What an object costs beside its bytes.
constexpr size_t kOverhead = 200;

size_t Cost(const Object& object) { return object.data.size() + kOverhead; }

}  // namespace

size_t ObjectIdHash::operator()(const ObjectId& id) const {
  size_t hash;  // The id is a hash.
  std::memcpy(&hash, id.bytes().data(), sizeof(hash));
  return hash;
}

absl::StatusOr<SharedObject> ObjectReader::Get(const ObjectId& id, ObjectType type) {
  ASSIGN_OR_RETURN(SharedObject object, Get(id));
  if (object->type != type) {
    return DataLoss("CORRUPT_OBJECT",
                    fmt::format("git object {} has type {}, not {}", id.hex(),
                                static_cast<int>(object->type), static_cast<int>(type)));
  }
  return object;
}

SharedObject ObjectCache::Find(const ObjectId& id) {
  std::lock_guard lock(mu_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return *found->second;
}

void ObjectCache::Insert(SharedObject object) {
  std::lock_guard lock(mu_);
  const auto [place, is_new] = by_id_.try_emplace(object->id);
  if (!is_new) return;
  bytes_ += Cost(*object);
  by_use_.push_front(std::move(object));
  place->second = by_use_.begin();
  while (bytes_ > limit_ && !by_use_.empty()) {
    bytes_ -= Cost(*by_use_.back());
    by_id_.erase(by_use_.back()->id);
    by_use_.pop_back();
  }
}

absl::StatusOr<SharedObject> StoredObjects::Get(const ObjectId& id) {
  if (cache_ != nullptr) {
    if (SharedObject object = cache_->Find(id)) return object;
  }
  ASSIGN_OR_RETURN(Object read, store_->GetObject(repository_, id));
  auto object = std::make_shared<const Object>(std::move(read));
  if (cache_ != nullptr) cache_->Insert(object);
  return object;
}

absl::StatusOr<SharedObject> ObjectStage::Get(const ObjectId& id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
  return below_->Get(id);
}

ObjectId ObjectStage::Put(ObjectType type, std::string data) {
  const ObjectId id = HashObject(type, data);
  Put(std::make_shared<const Object>(Object{id, type, std::move(data)}));
  return id;
}

void ObjectStage::Put(SharedObject object) {
  if (by_id_.emplace(object->id, object).second) objects_.push_back(std::move(object));
}

}  // namespace colophon
