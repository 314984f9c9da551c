#include "service/store/rocksdb/database.h"

#include <utility>

#include "fmt/format.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {
namespace {

absl::Status FromRocksdb(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) {
    return DataLoss(
        "CORRUPT_STORE",
        fmt::format("the store's files are damaged: {}. Restore a backup", status.ToString()));
  }
  return Unavailable("STORE_READ_FAILED", fmt::format("can't read the store's files: {}. Check "
                                                      "the disk and try again",
                                                      status.ToString()));
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Database::Get(Family family, std::string_view key,
                                                         const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(options, handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ReadStatus(status);
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<std::optional<std::string>> Database::GetSealed(
    Family family, std::string_view key, std::string_view what,
    const rocksdb::Snapshot* snapshot) const {
  ASSIGN_OR_RETURN(std::optional<std::string> value, Get(family, key, snapshot));
  if (!value) return value;
  ASSIGN_OR_RETURN(const std::string_view content, Unseal(key, *value, what));
  value->resize(content.size());
  return value;
}

absl::Status Database::ReadStatus(const rocksdb::Status& status) const {
  absl::Status error = FromRocksdb(status);
  if (!error.ok() && !damaged_.exchange(true)) {
    StopCompactions();
    if (on_damage_) on_damage_(error);
  }
  return error;
}

// Writes go on: flushed files pile up, which is slow in the end, but loses nothing.
void Database::StopCompactions() const {
  const std::string never = std::to_string(1 << 30);
  for (rocksdb::ColumnFamilyHandle* const family : handles_) {
    db_->SetOptions(family, {{"disable_auto_compactions", "true"},
                             {"level0_slowdown_writes_trigger", never},
                             {"level0_stop_writes_trigger", never}});
  }
}

rocksdb::Status Database::MarkSynced() {
  // The log may go between its number and its size, when its rows are flushed.
  constexpr int kAttempts = 3;
  SyncedMark mark;
  mark.sequence = db_->GetLatestSequenceNumber();
  std::unique_ptr<rocksdb::LogFile> log;
  rocksdb::Status status;
  for (int i = 0; i < kAttempts; ++i) {
    status = db_->GetCurrentWalFile(&log);
    if (status.ok()) break;
  }
  if (!status.ok()) return status;
  mark.log = log->LogNumber();
  mark.log_bytes = log->SizeFileBytes();
  std::vector<std::string> names;
  status = db_->GetLiveFiles(names, &mark.manifest_bytes, /*flush_memtable=*/false);
  if (!status.ok()) return status;
  for (const std::string& name : names) {
    constexpr std::string_view kPrefix = "/MANIFEST-";
    if (name.starts_with(kPrefix)) mark.manifest = std::stoull(name.substr(kPrefix.size()));
  }
  if (marked_ == mark) return rocksdb::Status::OK();
  status = synced_->Write(mark);
  if (status.ok()) marked_ = mark;
  return status;
}

void Database::PauseCompactions(bool pause) const {
  compactions_->SetMaxOutstandingTask(pause ? 0 : -1);
}

}  // namespace colophon
