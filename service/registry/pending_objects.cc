#include "service/registry/pending_objects.h"

#include <cassert>

namespace colophon {

absl::StatusOr<SharedObject> PendingObjects::Get(const ObjectId& id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second.object;
  return durable_.Get(id);
}

void PendingObjects::Add(std::vector<SharedObject> objects) {
  for (const SharedObject& object : objects) {
    Counted& counted = by_id_[object->id];
    counted.object = object;
    ++counted.changes;
  }
  changes_.push_back(std::move(objects));
}

void PendingObjects::MarkDurable(int64_t count) {
  assert(count <= static_cast<int64_t>(changes_.size()));
  for (; count > 0; --count) {
    for (SharedObject& object : changes_.front()) {
      const auto found = by_id_.find(object->id);
      if (--found->second.changes == 0) by_id_.erase(found);
      // The next change reads the trees again; the rest is seldom asked for.
      if (object->type == ObjectType::kTree) cache_->Insert(std::move(object));
    }
    changes_.pop_front();
  }
}

}  // namespace colophon
