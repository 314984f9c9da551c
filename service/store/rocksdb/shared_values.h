#pragma once

#include <map>
#include <string>
#include <string_view>

#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/database.h"

namespace colophon {

// Values of a record that stand beside its rows: each is kept once in a repository, by its
// digest, with the ids of the records that have it (keys.h, family media).
class SharedValues {
 public:
  // Returns its digest, 32 bytes.
  std::string Add(std::string value);

  // Adds which of them the record (16 bytes of its id) has, and those that the store
  // doesn't have; nothing when it fails.
  absl::Status Stage(const Database& database, std::string_view repository, std::string_view id,
                     rocksdb::WriteBatch* batch) const;

  // About how many bytes Stage adds.
  size_t size() const;

 private:
  std::map<std::string, std::string> values_;  // By their digests, 32 bytes.
};

// A value by its digest, 32 bytes. DATA_LOSS CORRUPT_STORE, with `what`, when it is missing
// or isn't of its digest.
absl::StatusOr<std::string> ReadSharedValue(const Database& database, std::string_view repository,
                                            std::string_view sha256, std::string_view what,
                                            const rocksdb::Snapshot* snapshot);

// 32 bytes.
std::string Sha256Bytes(std::string_view bytes);

}  // namespace colophon
