#pragma once

#include <memory>
#include <vector>

#include "colophon/store/v1/rows.pb.h"
#include "rocksdb/snapshot.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/write.h"

namespace colophon {

std::unique_ptr<Write> MakeKeysWrite(const std::vector<store::v1::KeyRow>& keys, Done done);

// By id. DATA_LOSS CORRUPT_STORE: nobody is let in by guesses.
absl::StatusOr<std::vector<store::v1::KeyRow>> ReadKeys(
    const Database& database, const rocksdb::Snapshot* snapshot = nullptr);

}  // namespace colophon
