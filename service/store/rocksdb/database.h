#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rocksdb/concurrent_task_limiter.h"
#include "rocksdb/db.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/column_families.h"
#include "service/store/rocksdb/log_check.h"
#include "service/store/rocksdb/options.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/synced_mark.h"

namespace colophon {

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// An open RocksDB with its families: opening it, checking its format, and
// reading rows of it.
//
// Thread-safe.
class Database {
 public:
  // What OpenRocksdbStore promises of the files.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& directory,
                                                        const RocksdbStoreOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& directory() const { return directory_; }
  // 16 bytes, of this opening of the store and no other.
  const std::string& instance() const { return instance_; }
  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

  // As stored; nullopt when there is no such row.
  absl::StatusOr<std::optional<std::string>> Get(Family family, std::string_view key,
                                                 const rocksdb::Snapshot* snapshot = nullptr) const;
  // Checked, without its seal. `what` names the row in errors, "change 12".
  absl::StatusOr<std::optional<std::string>> GetSealed(
      Family family, std::string_view key, std::string_view what,
      const rocksdb::Snapshot* snapshot = nullptr) const;

  // What a read returned: OK, DATA_LOSS CORRUPT_STORE or UNAVAILABLE
  // STORE_READ_FAILED. The first that isn't OK stops compactions: they would delete
  // the files they read, and before RocksDB 8.7 lose rows after such an error.
  absl::Status ReadStatus(const rocksdb::Status& status) const;

  // Notes durably how far the store has come, unless that stands there. For the only
  // thread that writes, when all it wrote is synced.
  rocksdb::Status MarkSynced();

  // Compactions take room before they give some.
  void PauseCompactions(bool pause) const;

 private:
  explicit Database(std::function<void(const absl::Status&)> on_damage)
      : on_damage_(std::move(on_damage)) {}
  static rocksdb::DBOptions RocksdbOptions(const RocksdbStoreOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache);
  static absl::StatusOr<std::unique_ptr<Database>> OpenOnce(const std::string& directory,
                                                            const RocksdbStoreOptions& options,
                                                            bool accept_loss);
  absl::Status OpenRocksdb(rocksdb::DBOptions db_options,
                           const std::shared_ptr<rocksdb::Cache>& cache);
  // RocksDB looks for the files of tables when it opens, for those of large values only
  // when one is read.
  absl::Status CheckBlobFiles(rocksdb::Env* env) const;
  absl::Status CheckFormat();
  // `afresh`: whatever the mark says is of no use any more.
  absl::Status StartMarking(rocksdb::Env* env, bool afresh);
  absl::Status PutSynced(const SealedRow& row);
  void StopCompactions() const;

  // Constant after construction.
  const std::string instance_ = *UuidToBytes(IdGenerator(Clock::Real()).NewId());
  std::string directory_;
  LogContinuity continuity_;
  // None until the store is known to be sound: a compaction may lose from sight what
  // is missing.
  const std::shared_ptr<rocksdb::ConcurrentTaskLimiter> compactions_{
      rocksdb::NewConcurrentTaskLimiter("compactions", 0)};
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies.size()> handles_{};
  const std::function<void(const absl::Status&)> on_damage_;
  mutable std::atomic<bool> damaged_{false};

  // Used by the thread that writes.
  std::unique_ptr<SyncedFile> synced_;
  std::optional<SyncedMark> marked_;  // What synced_ holds.
};

// A sealed row's content as a message; DATA_LOSS when it is damaged.
template <class Message>
absl::StatusOr<Message> ParseContent(std::string_view content, std::string_view what) {
  Message message;
  if (!message.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
    return DamagedRow(what);
  }
  return message;
}

}  // namespace colophon
