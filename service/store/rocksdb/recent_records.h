#pragma once

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {

// Ids of the newest records, so that a new one is known to be new without a look
// into the database: calls that begin together are written in any order, and each
// that isn't the newest would be looked up.
//
// Used by one thread at a time.
class RecentRecords {
 public:
  // No record has an id greater than `newest`.
  explicit RecentRecords(const RecordId& newest) : floor_(newest) {}

  // nullopt: it is too old for this to know.
  std::optional<bool> Has(const RecordId& id) const;
  // False when it is too old to be kept.
  bool Add(const RecordId& id);

 private:
  // Twice as many are kept, in some 800 KiB.
  static constexpr size_t kMaxIds = 16'384;
  struct Generation {
    absl::flat_hash_set<RecordId> ids;
    RecordId greatest;
  };

  RecordId floor_;  // All greater ids are in one of the two:
  Generation older_;
  Generation newer_;
};

}  // namespace colophon
