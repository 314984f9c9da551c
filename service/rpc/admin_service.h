#pragma once

#include <filesystem>
#include <string>

#include "absl/time/time.h"
#include "colophon/v1/admin.grpc.pb.h"
#include "service/completion/completer.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/watchers.h"

namespace colophon {

// What GetServerInfo says that doesn't change while the server runs.
struct ServerFacts {
  std::string version;  // "0.1.0"
  std::string store;    // "rocksdb"
  // The store's folder in a data directory, "store".
  std::string store_folder;
  absl::Time start_time;
  std::string backup_directory;
};

// Thread-safe.
class AdminService final : public RawService {
 public:
  AdminService(ServerFacts facts, Store* store, Registry* registry, Providers* providers,
               Completer* completer, Executor* executor, Watchers* watchers, Clock* clock,
               Adapter* adapter, int64_t max_message_bytes);

  void GetServerInfo(UnaryCall* call, v1::GetServerInfoRequest* request,
                     v1::GetServerInfoResponse* response);
  void VerifyStore(UnaryCall* call, v1::VerifyStoreRequest* request,
                   v1::VerifyStoreResponse* response);
  void CreateBackup(UnaryCall* call, v1::CreateBackupRequest* request,
                    v1::CreateBackupResponse* response);

 private:
  absl::StatusOr<v1::GetServerInfoResponse> ServerInfo() const;
  absl::StatusOr<std::filesystem::path> MakeBackupFolder(const std::string& name) const;
  absl::StatusOr<v1::CreateBackupResponse> Backup(const std::string& name) const;

  const ServerFacts facts_;
  Store* const store_;
  Registry* const registry_;
  Providers* const providers_;
  Completer* const completer_;
  Executor* const executor_;
  Watchers* const watchers_;
  Clock* const clock_;

  // One long walk of the store at a time; one more may wait for it.
  Workers walker_{1, 1};
};

}  // namespace colophon
