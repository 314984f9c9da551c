#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/shared_values.h"

namespace colophon {

// An intent as it is stored: a row of its own, and long values that it shares
// with other intents of its repository (see service/store/detach.h).
class IntentRows {
 public:
  // `id`: 16 bytes. INVALID_ARGUMENT BAD_RECORD for text that is not UTF-8.
  static absl::StatusOr<IntentRows> Make(std::string_view id, const v1::Intent& intent);

  // Adds the row, and of the values those that the store doesn't have; nothing
  // when it fails.
  absl::Status Stage(const Database& database, rocksdb::WriteBatch* batch) const;

  // What its leaf is of.
  const SealedRow& row() const { return row_; }

  // About how many bytes Stage adds.
  size_t size() const;

 private:
  explicit IntentRows(std::string_view id, std::string repository, SealedRow row)
      : id_(id), repository_(std::move(repository)), row_(std::move(row)) {}

  std::string id_;
  std::string repository_;
  SealedRow row_;
  SharedValues values_;
};

// What the row of an intent, by its content, says of values that it shares: each digest
// once, 32 bytes.
absl::StatusOr<std::vector<std::string>> SharedValuesOf(std::string_view content,
                                                        std::string_view name);

// The other way: an intent from the content of its row. DATA_LOSS for a value
// that is missing or damaged.
absl::StatusOr<v1::Intent> ReadIntent(const Database& database, std::string_view content,
                                      std::string_view name, const rocksdb::Snapshot* snapshot);

}  // namespace colophon
