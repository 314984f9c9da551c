#pragma once

#include <string>
#include <vector>

#include "rocksdb/snapshot.h"
#include "service/store/rocksdb/database.h"

namespace colophon {

// Of all repositories there are, sorted. DATA_LOSS CORRUPT_STORE for a key that is none.
absl::StatusOr<std::vector<std::string>> ReadRepositoryNames(
    const Database& database, const rocksdb::Snapshot* snapshot = nullptr);

}  // namespace colophon
