// Database::Open: what is looked at before, while and after RocksDB opens.

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "rocksdb/cache.h"
#include "rocksdb/write_buffer_manager.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/disk_guard.h"
#include "service/store/rocksdb/info_log.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/log_check.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// NOTE: counts up with each change of the persistent format.
constexpr uint32_t kFormat = 2;

// Logs to replay after a crash stay small, so that starting is quick.
constexpr uint64_t kMaxWalBytes = 256 << 20;

// What opening writes beside the rows of the logs.
constexpr int64_t kOpenBytes = 4 << 20;

std::string ErrnoText(int error) {
  return std::error_code(error, std::generic_category()).message();
}

absl::Status DirectoryError(const std::string& fact) {
  return FailedPrecondition("STORE_DIRECTORY", fact);
}

// RocksDB syncs what is in the directory, not its own name in the parent.
absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return DirectoryError(
        fmt::format("can't create the store's directory \"{}\": {}", directory, error.message()));
  }
  const fs::path parent = fs::absolute(directory).parent_path();
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  return absl::OkStatus();
}

// "colophon", or the number of a user without a name.
std::string UserName(uid_t user) {
  const passwd* const entry = getpwuid(user);
  return entry == nullptr ? fmt::format("{}", user) : entry->pw_name;
}

absl::Status CheckAccess(const std::string& directory) {
  if (faccessat(AT_FDCWD, directory.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0) {
    return absl::OkStatus();
  }
  const int error = errno;
  struct stat status;
  const bool is_of_another = stat(directory.c_str(), &status) == 0 && status.st_uid != geteuid();
  return DirectoryError(fmt::format(
      "can't write in the store's directory \"{}\": {}{}", directory, ErrnoText(error),
      is_of_another ? fmt::format("; it belongs to user {}, and this process runs as {}: run as "
                                  "that user or change the owner",
                                  UserName(status.st_uid), UserName(geteuid()))
                    : "; make it writable, or name another directory"));
}

absl::Status DiskFull(const std::string& directory, std::string_view fact) {
  return ResourceExhausted("DISK_FULL",
                           fmt::format("no space left on the disk of the store in \"{}\": {}. Make "
                                       "room and start again; nothing is lost",
                                       directory, fact));
}

absl::Status NewerFormat(const std::string& directory, std::string_view fact) {
  return FailedPrecondition(
      "STORE_FORMAT", fmt::format("the store in \"{}\" was written by a newer version: {}; this "
                                  "one reads format {}. Run the newer version",
                                  directory, fact, kFormat));
}

absl::Status OpenError(const std::string& directory, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsNoSpace()) return DiskFull(directory, text);
  const bool is_lock = text.find("lock hold by current process") != std::string::npos ||
                       text.find("While lock file") != std::string::npos;
  if (status.IsIOError() && is_lock) {
    return FailedPrecondition(
        "STORE_LOCKED",
        fmt::format("the store in \"{}\" is open in another process: stop that one or give "
                    "another directory ({})",
                    directory, text));
  }
  if (status.IsCorruption()) {
    return DataLoss(
        "CORRUPT_STORE",
        fmt::format("the store in \"{}\" is damaged: {}. Start on a backup; or, when it is a log "
                    "(*.log) that is damaged, start once with --accept-loss, to go on with what "
                    "is left",
                    directory, text));
  }
  return DirectoryError(fmt::format("can't open the store in \"{}\": {}", directory, text));
}

// The lock that RocksDB takes too, so that nobody else has the store open while its
// files are looked at and a torn log is cut. RocksDB takes it again, when this one is
// given back: who comes between finds all as it should be, and the later one of the
// two is told STORE_LOCKED.
class StoreLock {
 public:
  StoreLock(rocksdb::Env* env, const std::string& directory)
      : env_(env), status_(env->LockFile(directory + "/LOCK", &lock_)) {}
  ~StoreLock() {
    if (status_.ok()) env_->UnlockFile(lock_);
  }
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::Env* const env_;
  rocksdb::FileLock* lock_ = nullptr;
  const rocksdb::Status status_;
};

// What opening will write: the rows of the logs, as tables.
absl::Status CheckSpace(rocksdb::Env* env, const std::string& directory,
                        const RocksdbStoreOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> logs, ListLogs(env, directory));
  int64_t needed = kOpenBytes;
  for (const uint64_t log : logs) {
    uint64_t size = 0;
    if (env->GetFileSize(LogPath(directory, log), &size).ok()) needed += static_cast<int64_t>(size);
  }
  const auto disk = options.measure_disk ? options.measure_disk(directory) : MeasureDisk(directory);
  if (!disk.ok() || disk->free_bytes >= needed) return absl::OkStatus();
  return DiskFull(
      directory, fmt::format("{} free ({} bytes), and opening the store takes {}",
                             FormatBytes(disk->free_bytes), disk->free_bytes, FormatBytes(needed)));
}

// A newer format may have families that this one doesn't know.
absl::Status CheckFamilies(const std::string& directory, const rocksdb::DBOptions& options) {
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

// Whether something of a store is there. RocksDB makes a new one where CURRENT is
// missing, over what is left of the old one.
absl::StatusOr<bool> HasStoreFiles(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::Status status = env->GetChildren(directory, &names);
  if (!status.ok()) return OpenError(directory, status);
  return std::any_of(names.begin(), names.end(), [](std::string_view name) {
    return name.ends_with(".log") || name.ends_with(".sst") || name.ends_with(".blob") ||
           name.starts_with("MANIFEST-");
  });
}

// Reads how far the store had come, and prepares a directory for a new one.
absl::StatusOr<SyncedMark> ReadMark(rocksdb::Env* env, const std::string& directory, bool* is_new) {
  ASSIGN_OR_RETURN(const std::optional<SyncedMark> mark, SyncedFile::Read(env, directory));
  const rocksdb::Status current = env->FileExists(directory + "/CURRENT");
  if (!current.ok() && !current.IsNotFound()) return OpenError(directory, current);
  *is_new = current.IsNotFound();
  if (!*is_new) {
    if (mark) return *mark;
    return LostWrites(directory, fmt::format("the file {} isn't there, so how far the store had "
                                             "come is not known",
                                             SyncedFile::kName));
  }
  // A first start that was cut short leaves the mark of nothing and no more than a
  // manifest.
  ASSIGN_OR_RETURN(const bool has_files, HasStoreFiles(env, directory));
  if (mark ? mark->sequence > 0 : has_files) {
    return DataLoss("CORRUPT_STORE",
                    fmt::format("the store in \"{}\" is damaged: its file CURRENT isn't there. "
                                "Start on a backup",
                                directory));
  }
  const rocksdb::Status created = SyncedFile::Create(env, directory, {});
  if (!created.ok()) return OpenError(directory, created);
  return SyncedMark{};
}

// The logs of a store that has lost something, linked into a folder beside it: opening
// removes what it replayed and what it couldn't.
absl::StatusOr<std::string> KeepLogs(rocksdb::Env* env, const std::string& directory,
                                     absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> logs, ListLogs(env, directory));
  const std::string kept =
      directory + absl::FormatTime(".lost-%Y%m%dT%H%M%E3SZ", now, absl::UTCTimeZone());
  std::error_code error;
  fs::create_directory(kept, error);
  for (const uint64_t log : logs) {
    if (!error) fs::create_hard_link(LogPath(directory, log), LogPath(kept, log), error);
  }
  if (error) {
    return DirectoryError(
        fmt::format("can't keep the store's logs in \"{}\": {}", kept, error.message()));
  }
  return kept;
}

}  // namespace

rocksdb::DBOptions Database::RocksdbOptions(const RocksdbStoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  db.info_log = MakeInfoLog(options.log);
  // Memtables are charged to the cache, so that both stay within cache_bytes.
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.cache_bytes / 2, cache);
  db.max_background_jobs = 2;
  db.max_open_files = options.max_open_files;
  db.max_total_wal_size = kMaxWalBytes;
  // What was synced is never rolled back. Every log is whole: CheckLogs removes what a
  // crash cut short. The manifest knows which there have to be. RocksDB's bug 10892
  // with that needs a new manifest while it runs, which a gigabyte of one would bring.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  db.track_and_verify_wals_in_manifest = true;
  // After a failed write the process starts again. To try by itself meanwhile, RocksDB
  // would write on to files that had an error.
  db.max_bgerror_resume_count = 0;
  db.allow_mmap_reads = false;
  db.allow_mmap_writes = false;
  db.bytes_per_sync = 1 << 20;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& directory,
                                                         const RocksdbStoreOptions& options) {
  absl::StatusOr<std::unique_ptr<Database>> database =
      OpenOnce(directory, options, /*accept_loss=*/false);
  if (!absl::IsDataLoss(database.status()) || !options.accept_loss) return database;

  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const std::string loss = MessageOf(database.status());
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(const std::string kept, KeepLogs(env, directory, now));
  database = OpenOnce(directory, options, /*accept_loss=*/true);
  if (!database.ok()) {
    std::error_code ignored;
    fs::remove_all(kept, ignored);
    return database;
  }
  const std::string message = fmt::format("{} Accepted at {}; the logs are kept in \"{}\"", loss,
                                          absl::FormatTime(now, absl::UTCTimeZone()), kept);
  RETURN_IF_ERROR((*database)->PutSynced(SealedRow(Family::kMeta, LossKey(now), message)));
  if (options.log) options.log(StoreLogLevel::kError, "loss_accepted", message);
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenOnce(const std::string& directory,
                                                             const RocksdbStoreOptions& options,
                                                             bool accept_loss) {
  RETURN_IF_ERROR(MakeDirectory(directory));
  RETURN_IF_ERROR(CheckAccess(directory));
  const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
  rocksdb::DBOptions db_options = RocksdbOptions(options, cache);
  SyncedMark mark;
  {
    const StoreLock lock(db_options.env, directory);
    if (!lock.status().ok()) return OpenError(directory, lock.status());
    RETURN_IF_ERROR(CheckSpace(db_options.env, directory, options));
    bool is_new = false;
    absl::StatusOr<SyncedMark> read = ReadMark(db_options.env, directory, &is_new);
    if (!read.ok() && (!accept_loss || is_new)) return read.status();
    if (!is_new) {
      const SyncedMark known = read.value_or(SyncedMark());
      RETURN_IF_ERROR(CheckManifest(db_options.env, directory, known));
      RETURN_IF_ERROR(CheckFamilies(directory, db_options));
      if (!accept_loss) {
        mark = known;
        RETURN_IF_ERROR(CheckLogs(db_options.env, directory, mark, options.log));
      }
    }
  }

  std::unique_ptr<Database> database(new Database(options.on_damage));
  database->directory_ = directory;
  if (accept_loss) {
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    db_options.track_and_verify_wals_in_manifest = false;
  } else {
    db_options.wal_filter = &database->continuity_;
  }
  RETURN_IF_ERROR(database->OpenRocksdb(db_options, cache));
  // The manifest may know a later sequence than the rows that were found go to.
  const std::optional<uint64_t> next_sequence = database->continuity_.next_sequence();
  const uint64_t sequence =
      next_sequence ? *next_sequence - 1 : database->db_->GetLatestSequenceNumber();
  if (sequence < mark.sequence) {
    return LostWrites(
        directory, fmt::format("it ends at write {}, and {} were synced", sequence, mark.sequence));
  }
  RETURN_IF_ERROR(database->CheckBlobFiles(db_options.env));
  RETURN_IF_ERROR(database->CheckFormat());
  RETURN_IF_ERROR(database->StartMarking(db_options.env, accept_loss));
  database->PauseCompactions(false);
  return database;
}

absl::Status Database::OpenRocksdb(rocksdb::DBOptions db_options,
                                   const std::shared_ptr<rocksdb::Cache>& cache) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(std::size(kFamilies));
  for (const Family family : kFamilies) {
    rocksdb::ColumnFamilyOptions family_options = FamilyOptions(family, cache);
    family_options.compaction_thread_limiter = compactions_;
    families.emplace_back(std::string(FamilyName(family)), family_options);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, directory_, families, &handles, &db);
  if (!continuity_.gap().empty()) return LostWrites(directory_, continuity_.gap());
  if (!status.ok()) return OpenError(directory_, status);
  db_.reset(db);
  for (size_t i = 0; i < handles.size(); ++i) handles_[i] = handles[i];
  return absl::OkStatus();
}

absl::Status Database::CheckBlobFiles(rocksdb::Env* env) const {
  for (const Family family : kFamilies) {
    rocksdb::ColumnFamilyMetaData metadata;
    db_->GetColumnFamilyMetaData(handle(family), &metadata);
    for (const rocksdb::BlobMetaData& blob : metadata.blob_files) {
      const std::string path = fmt::format("{}/{:06}.blob", directory_, blob.blob_file_number);
      uint64_t size = 0;
      const rocksdb::Status status = env->GetFileSize(path, &size);
      if (status.ok() && size >= blob.blob_file_size) continue;
      return DataLoss(
          "CORRUPT_STORE",
          fmt::format("the store in \"{}\" is damaged: \"{}\", which has large values, {}. Start "
                      "on a backup that has all of its files",
                      directory_, path,
                      status.ok() ? fmt::format("has {} of {} bytes", size, blob.blob_file_size)
                                  : fmt::format("can't be read: {}", status.ToString())));
    }
  }
  return absl::OkStatus();
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
  return PutSynced(SealedRow(Family::kMeta, FormatKey(), content));
}

absl::Status Database::PutSynced(const SealedRow& row) {
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status status =
      db_->Put(write, handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
  return status.ok() ? absl::OkStatus() : OpenError(directory_, status);
}

absl::Status Database::StartMarking(rocksdb::Env* env, bool afresh) {
  rocksdb::Status status;
  if (afresh) status = SyncedFile::Create(env, directory_, {});
  if (status.ok()) status = SyncedFile::Open(env, directory_, &synced_);
  if (status.ok()) status = MarkSynced();
  return status.ok() ? absl::OkStatus() : OpenError(directory_, status);
}

}  // namespace colophon
