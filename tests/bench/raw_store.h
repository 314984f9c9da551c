#pragma once

// RocksDB itself, as the limit of a store that is built on it: the very
// entries that the store wrote, written again without anything above them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rocksdb/db.h"
#include "service/base/status.h"

namespace colophon::bench {

struct RawEntry {
  std::string family;
  std::string key;
  std::optional<std::string> value;  // nullopt: a delete.

  size_t size() const { return key.size() + (value ? value->size() : 0); }
};
using RawWrite = std::vector<RawEntry>;

// Everything in the log of a store that is closed, in order: what was written
// since its memtables were last flushed.
absl::StatusOr<RawWrite> ReadLog(const std::string& directory);

// Cuts entries into so many writes of about the same size, in order.
std::vector<RawWrite> CutIntoWrites(const RawWrite& entries, size_t count);

// A database that takes writes again and again.
//
// Thread-safe after Open.
class RawStore {
 public:
  static absl::StatusOr<std::unique_ptr<RawStore>> Open(const std::string& directory,
                                                        std::vector<RawWrite> writes);
  ~RawStore();

  // Writes a second of one thread that puts `batch` of them into each synced batch.
  absl::StatusOr<double> RunOneWriter(int batch, absl::Duration duration);
  // Writes a second of so many threads that each sync their own.
  absl::StatusOr<double> RunThreads(int threads, absl::Duration duration);

 private:
  explicit RawStore(std::vector<RawWrite> writes) : writes_(std::move(writes)) {}

  // Adds write number `index` to the batch.
  void Stage(size_t index, rocksdb::WriteBatch* batch) const;

  // Constant after Open.
  const std::vector<RawWrite> writes_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace colophon::bench
