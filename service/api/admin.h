#pragma once

#include <filesystem>
#include <string>

#include "absl/time/time.h"
#include "colophon/v1/admin.pb.h"
#include "service/api/watchers.h"
#include "service/completion/completer.h"

namespace colophon {

// What GetServerInfo says that doesn't change while the server runs.
struct ServerFacts {
  std::string version;  // "0.1.0"
  std::string store;    // "rocksdb"
  // The store's folder in a data directory, "store".
  std::string store_folder;
  absl::Time start_time;
  std::string backup_directory;
  int64_t max_message_bytes = 0;
};

// The methods of AdminService.
//
// Thread-safe. Methods block.
class Admin {
 public:
  Admin(ServerFacts facts, Store* store, Registry* registry, Providers* providers,
        Completer* completer, Executor* executor, Watchers* watchers, Clock* clock);

  absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo() const;
  // One long walk of the store at a time, and another that waits for it: more are
  // RESOURCE_EXHAUSTED BUSY. To be run on `walker`.
  absl::StatusOr<v1::VerifyStoreResponse> VerifyStore() const;
  absl::StatusOr<v1::CreateBackupResponse> CreateBackup(
      const v1::CreateBackupRequest& request) const;
  Workers* walker() { return &walker_; }

 private:
  absl::StatusOr<std::filesystem::path> MakeBackupFolder(const std::string& name) const;

  const ServerFacts facts_;
  Store* const store_;
  Registry* const registry_;
  Providers* const providers_;
  Completer* const completer_;
  Executor* const executor_;
  Watchers* const watchers_;
  Clock* const clock_;

  Workers walker_{1, 1};
};

}  // namespace colophon
