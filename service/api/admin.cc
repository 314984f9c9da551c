#include "service/api/admin.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

absl::Status CheckBackupName(std::string_view name) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  const bool good = !name.empty() && name.size() <= 63 && is_alphanumeric(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
                    });
  if (good) return absl::OkStatus();
  return InvalidArgument("BAD_BACKUP_NAME",
                         fmt::format("backup is {}; a name is [a-z0-9][a-z0-9_.-]{{0,62}}, or "
                                     "empty for the time",
                                     Quoted(name)));
}

// In bytes; 0 where the system doesn't tell.
int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return statm ? resident_pages * sysconf(_SC_PAGESIZE) : 0;
}

}  // namespace

Admin::Admin(ServerFacts facts, Store* store, Registry* registry, Providers* providers,
             Completer* completer, Executor* executor, Watchers* watchers, Clock* clock)
    : facts_(std::move(facts)),
      store_(store),
      registry_(registry),
      providers_(providers),
      completer_(completer),
      executor_(executor),
      watchers_(watchers),
      clock_(clock) {}

absl::StatusOr<v1::GetServerInfoResponse> Admin::GetServerInfo() const {
  v1::GetServerInfoResponse info;
  info.set_version(facts_.version);
  info.set_store(facts_.store);
  *info.mutable_start_time() = ToProto(facts_.start_time);
  for (std::string& name : providers_->names()) info.add_providers(std::move(name));
  info.set_repository_count(registry_->repository_count());
  info.set_open_completion_count(completer_->open_call_count());
  info.set_watcher_count(watchers_->count());
  info.set_resident_bytes(ResidentBytes());
  *info.mutable_longest_loop_hold() = ToProto(absl::FromChrono(executor_->longest_hold()));
  info.set_max_message_bytes(facts_.max_message_bytes);
  ASSIGN_OR_RETURN(const StoreSpace space, store_->GetSpace());
  info.set_store_bytes(space.store_bytes);
  info.set_disk_free_bytes(space.disk_free_bytes);
  const absl::StatusOr<int64_t> record_count = store_->CountRecords();
  if (record_count.ok()) info.set_record_count(*record_count);
  // What else there is to tell is wanted most when the store is damaged.
  if (!record_count.ok() && !absl::IsDataLoss(record_count.status())) return record_count.status();
  return info;
}

// A new folder for a backup; by the time, and by a number too when there is one of
// that time, when it has no name.
absl::StatusOr<fs::path> Admin::MakeBackupFolder(const std::string& name) const {
  constexpr int kMostOfASecond = 1000;
  if (!name.empty()) RETURN_IF_ERROR(CheckBackupName(name));
  const std::string time = absl::FormatTime("%Y%m%d-%H%M%S", clock_->Now(), absl::UTCTimeZone());
  std::error_code error;
  fs::create_directories(facts_.backup_directory, error);
  fs::path directory = facts_.backup_directory;
  bool created = false;
  for (int i = 1; !created && !error && i <= (name.empty() ? kMostOfASecond : 1); ++i) {
    directory = fs::path(facts_.backup_directory) / (!name.empty() ? name
                                                     : i == 1      ? time
                                                                   : fmt::format("{}-{}", time, i));
    created = fs::create_directory(directory, error);
  }
  if (error) {
    return FailedPrecondition("BACKUP_DIRECTORY",
                              fmt::format("can't create \"{}\": {}; see backup_directory in the "
                                          "configuration",
                                          directory.string(), error.message()));
  }
  if (!created) {
    return Error(absl::StatusCode::kAlreadyExists, "BACKUP_EXISTS",
                 fmt::format("backup \"{}\" is there already, in \"{}\"; choose "
                             "another name or remove it",
                             directory.filename().string(), directory.string()));
  }
  return directory;
}

absl::StatusOr<v1::VerifyStoreResponse> Admin::VerifyStore() const { return store_->Verify(); }

// A backup is a data directory: a server starts on it by --data.
absl::StatusOr<v1::CreateBackupResponse> Admin::CreateBackup(
    const v1::CreateBackupRequest& request) const {
  ASSIGN_OR_RETURN(const fs::path directory, MakeBackupFolder(request.backup()));
  absl::StatusOr<int64_t> size = store_->Backup((directory / facts_.store_folder).string());
  if (!size.ok()) {
    std::error_code error;
    fs::remove_all(directory, error);
    return size.status();
  }
  v1::CreateBackupResponse response;
  response.set_directory(fs::absolute(directory).string());
  response.set_size_bytes(*size);
  return response;
}

}  // namespace colophon
