#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rocksdb/db.h"
#include "service/store/rocksdb/column_families.h"
#include "service/store/rocksdb/rocksdb_store.h"

namespace colophon {

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// DATA_LOSS CORRUPT_STORE for a row whose seal or content is wrong.
absl::Status DamagedRow(std::string_view what);

// An open RocksDB with its families: opening it, checking its format, and
// reading rows of it.
//
// Thread-safe.
class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& directory,
                                                        const RocksdbStoreOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

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

 private:
  explicit Database(std::function<void(const absl::Status&)> on_damage)
      : on_damage_(std::move(on_damage)) {}
  absl::Status CheckFormat();
  void StopCompactions() const;

  // Constant after construction.
  std::string directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies.size()> handles_{};
  const std::function<void(const absl::Status&)> on_damage_;
  mutable std::atomic<bool> damaged_{false};
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
