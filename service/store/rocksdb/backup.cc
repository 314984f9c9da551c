#include "service/store/rocksdb/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "fmt/format.h"
#include "rocksdb/utilities/checkpoint.h"
#include "service/store/rocksdb/synced_mark.h"
#include "service/store/store_errors.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(const std::string& directory, const std::string& fact) {
  return Unavailable("BACKUP_FAILED", fmt::format("no backup was made in \"{}\": {}. Check the "
                                                  "place and try again",
                                                  directory, fact));
}

std::string ErrnoText() { return std::error_code(errno, std::generic_category()).message(); }

// Removed with what is in it, whatever happens.
class ScratchDirectory {
 public:
  // A new one beside `directory`, so that its content can be renamed to it.
  explicit ScratchDirectory(const fs::path& directory) : path_(directory.string() + ".XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  bool made() const { return !path_.empty(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool Sync(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  errno = error;
  return synced;
}

// Syncs every file, then the directory that names them. The sum of sizes.
absl::StatusOr<int64_t> SyncAll(const std::string& directory, const std::string& copy) {
  int64_t size = 0;
  std::error_code error;
  for (fs::directory_iterator file(copy, error), end; !error && file != end;
       file.increment(error)) {
    if (!Sync(file->path())) {
      return Failed(directory, fmt::format("can't sync \"{}\": {}",
                                           file->path().filename().string(), ErrnoText()));
    }
    size += static_cast<int64_t>(file->file_size(error));
    if (error) break;
  }
  if (error) return Failed(directory, error.message());
  if (!Sync(copy)) return Failed(directory, ErrnoText());
  return size;
}

}  // namespace

absl::StatusOr<int64_t> BackupDatabase(const Database& database, const std::string& directory) {
  std::error_code error;
  const fs::path target = fs::absolute(directory, error);
  if (error) return Failed(directory, error.message());
  if (fs::exists(target, error)) return BackupExists(directory);

  const ScratchDirectory scratch(target);
  if (!scratch.made()) return Failed(directory, ErrnoText());
  const std::string copy = scratch.path() + "/store";
  // The copy has at least what was written until now, in tables and their names.
  const SyncedMark mark{.sequence = database.db()->GetLatestSequenceNumber()};
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(database.db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Flushes first (0): the logs it would link otherwise may not be synced.
  if (status.ok()) status = checkpoint->CreateCheckpoint(copy, /*log_size_for_flush=*/0);
  if (status.ok()) status = SyncedFile::Create(database.db()->GetEnv(), copy, mark);
  if (!status.ok()) return Failed(directory, status.ToString());

  ASSIGN_OR_RETURN(const int64_t size, SyncAll(directory, copy));
  if (renameat2(AT_FDCWD, copy.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
    return errno == EEXIST ? BackupExists(directory) : Failed(directory, ErrnoText());
  }
  if (!Sync(target.parent_path())) return Failed(directory, ErrnoText());
  return size;
}

}  // namespace colophon
