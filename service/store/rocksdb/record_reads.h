#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/rocksdb/database.h"
#include "service/store/store.h"

namespace colophon {

// Store's reads of records.
//
// Thread-safe.
class RecordReads {
 public:
  explicit RecordReads(const Database* database) : database_(*database) {}

  absl::StatusOr<v1::Record> GetRecord(std::string_view id) const;
  absl::StatusOr<std::string> GetRawAnswer(std::string_view repository,
                                           std::string_view sha256) const;
  absl::StatusOr<std::vector<std::string>> ListRecordIds(std::string_view first,
                                                         std::string_view last, int limit) const;
  absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) const;
  absl::StatusOr<int64_t> CountRecords() const;
  absl::StatusOr<std::vector<std::string>> ListOpenRecords() const;
  absl::StatusOr<std::vector<std::string>> ListAbandonedRecords() const;

 private:
  // Those whose `owner`, an instance of the store, is asked for.
  using IsAsked = std::function<bool(std::string_view owner)>;
  absl::StatusOr<std::vector<std::string>> ListOpen(const IsAsked& is_asked) const;

  const Database& database_;
};

// By the 16 bytes of the record's id; nullopt when there is none.
absl::StatusOr<std::optional<v1::Outcome>> ReadOutcome(const Database& database,
                                                       std::string_view id,
                                                       const rocksdb::Snapshot* snapshot);
absl::StatusOr<std::optional<v1::Record>> ReadRecord(const Database& database, std::string_view id,
                                                     const rocksdb::Snapshot* snapshot);

}  // namespace colophon
