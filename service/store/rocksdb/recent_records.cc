#include "service/store/rocksdb/recent_records.h"

#include <algorithm>
#include <utility>

namespace colophon {

std::optional<bool> RecentRecords::Has(const RecordId& id) const {
  if (newer_.ids.contains(id) || older_.ids.contains(id)) return true;
  if (id > floor_) return false;
  return std::nullopt;
}

bool RecentRecords::Add(const RecordId& id) {
  if (id <= floor_) return false;
  if (newer_.ids.size() >= kMaxIds) {
    floor_ = std::max(floor_, older_.greatest);
    older_ = std::exchange(newer_, {});
    newer_.ids.reserve(kMaxIds);
  }
  newer_.ids.insert(id);
  newer_.greatest = std::max(newer_.greatest, id);
  return true;
}

}  // namespace colophon
