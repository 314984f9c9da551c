#include "service/store/rocksdb/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "fmt/format.h"
#include "rocksdb/cache.h"
#include "rocksdb/write_buffer_manager.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {
namespace {

// NOTE: counts up with each change of the persistent format.
constexpr uint32_t kFormat = 1;

// Logs to replay after a crash stay small, so that starting is quick.
constexpr uint64_t kMaxWalBytes = 256 << 20;

rocksdb::DBOptions DatabaseOptions(const RocksdbStoreOptions& options,
                                   const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  // Memtables are charged to the cache, so that both stay within cache_bytes.
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.cache_bytes / 2, cache);
  db.max_background_jobs = 2;
  db.max_total_wal_size = kMaxWalBytes;
  // What was synced is never rolled back: a log whose last batch was cut short by a
  // crash is taken, a damaged one isn't.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.allow_mmap_reads = false;
  db.allow_mmap_writes = false;
  db.bytes_per_sync = 1 << 20;
  db.max_log_file_size = 4 << 20;
  db.keep_log_file_num = 4;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

// RocksDB syncs what is in the directory, not its own name in the parent.
absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return FailedPrecondition(
        "STORE_DIRECTORY",
        fmt::format("can't create the store's directory \"{}\": {}", directory, error.message()));
  }
  const std::filesystem::path parent = std::filesystem::absolute(directory).parent_path();
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  return absl::OkStatus();
}

absl::Status NewerFormat(const std::string& directory, std::string_view fact) {
  return FailedPrecondition(
      "STORE_FORMAT", fmt::format("the store in \"{}\" was written by a newer version: {}; this "
                                  "one reads format {}. Run the newer version",
                                  directory, fact, kFormat));
}

absl::Status OpenError(const std::string& directory, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return FailedPrecondition(
        "STORE_LOCKED",
        fmt::format("the store in \"{}\" is open in another process: stop that one or give "
                    "another directory ({})",
                    directory, text));
  }
  if (status.IsCorruption()) {
    return DataLoss(
        "CORRUPT_STORE",
        fmt::format("the store in \"{}\" is damaged: {}. Start on a backup", directory, text));
  }
  return FailedPrecondition("STORE_DIRECTORY",
                            fmt::format("can't open the store in \"{}\": {}", directory, text));
}

// A newer format may have families that this one doesn't know.
absl::Status CheckFamilies(const std::string& directory, const rocksdb::DBOptions& options) {
  if (!options.env->FileExists(directory + "/CURRENT").ok()) return absl::OkStatus();
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, directory, &names);
  if (!status.ok()) return OpenError(directory, status);
  for (const std::string& name : names) {
    const bool known = std::any_of(kFamilies.begin(), kFamilies.end(),
                                   [&](Family family) { return FamilyName(family) == name; });
    if (!known) {
      return NewerFormat(directory, fmt::format("it has a column family \"{}\"", name));
    }
  }
  return absl::OkStatus();
}

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

absl::Status DamagedRow(std::string_view what) {
  return DataLoss("CORRUPT_STORE",
                  fmt::format("the stored row of {} is damaged: it doesn't match its checksum or "
                              "can't be parsed. Restore a backup",
                              what));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& directory,
                                                         const RocksdbStoreOptions& options) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
  const rocksdb::DBOptions db_options = DatabaseOptions(options, cache);
  RETURN_IF_ERROR(CheckFamilies(directory, db_options));

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(std::size(kFamilies));
  for (const Family family : kFamilies) {
    families.emplace_back(std::string(FamilyName(family)), FamilyOptions(family, cache));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, directory, families, &handles, &db);
  if (!status.ok()) return OpenError(directory, status);

  std::unique_ptr<Database> database(new Database(options.on_damage));
  database->directory_ = directory;
  database->db_.reset(db);
  for (size_t i = 0; i < handles.size(); ++i) database->handles_[i] = handles[i];
  RETURN_IF_ERROR(database->CheckFormat());
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
  }
}

absl::Status Database::CheckFormat() {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   GetSealed(Family::kMeta, FormatKey(), "the store's format"));
  if (stored) {
    std::string_view rest = *stored;
    const std::optional<uint32_t> format = TakeU32(&rest);
    if (!format) return DamagedRow("the store's format");
    if (*format > kFormat) {
      return NewerFormat(directory_, fmt::format("its format is {}", *format));
    }
    return absl::OkStatus();
  }
  std::string content;
  AppendU32(kFormat, &content);
  const SealedRow row(Family::kMeta, FormatKey(), content);
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status status =
      db_->Put(write, handle(Family::kMeta), ToSlice(row.key()), ToSlice(row.value()));
  if (!status.ok()) return OpenError(directory_, status);
  return absl::OkStatus();
}

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
  const std::optional<std::string_view> content = Unseal(key, *value);
  if (!content) return DamagedRow(what);
  value->resize(content->size());
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

}  // namespace colophon
