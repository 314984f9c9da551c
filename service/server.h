#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/base/clock.h"
#include "service/config.h"

namespace rocksdb {
class Env;
}

namespace colophon {

class Providers;

struct ServerOptions {
  Config config;
  std::string data_directory;
  // Serves a store that has lost acknowledged writes, with what is left; see
  // RocksdbStoreOptions.
  bool accept_loss = false;
  Clock* clock = Clock::Real();
  // Called on the store's thread after a failed write, when health says
  // NOT_SERVING. Default: the process exits at once with kStoreFailedExitCode,
  // since what reached the disk is not known and nothing may be answered OK.
  std::function<void(const absl::Status&)> on_store_failure;
  // For tests: where the store's files are. Default: the system's.
  rocksdb::Env* env = nullptr;
  // For tests: adds providers before the first call.
  std::function<void(Providers*)> add_providers;
};

// The service: owns everything in order of dependency, starts it, and stops it
// in reverse.
//
// Start, Reload, RefreshCertificates and Stop are for one thread; the rest is thread-safe.
class Server {
 public:
  static constexpr int kStoreFailedExitCode = 70;

  // "0.1.0"
  static const char* Version();

  // Opens the store, closes the records that the last process left open, and
  // serves. Creates the data directory when it is not there.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);
  ~Server();

  // Where it listens, with the port that was bound: "127.0.0.1:50051".
  const ListenAddress& address() const;
  int port() const { return address().port; }
  // The same for HTTP; nullopt when that is off.
  const std::optional<ListenAddress>& http_address() const;

  // Takes over from `config` what can change while it serves, log_level and
  // drain_seconds, and tells the log of it, and of other fields that differ: they
  // hold after a restart.
  void Reload(const Config& config);
  // To be called every few seconds: reads the files of certificates again when they have
  // changed, as Reload does too, and tells the log when they are about to expire.
  void RefreshCertificates();

  // Everything known without opening the store or taking a port that would keep a start
  // from serving, or a backup from being written. An address that another program has
  // isn't among them: it may be this service, which runs.
  static std::vector<absl::Status> Check(const ServerOptions& options);

  // Drains and stops: health says NOT_SERVING, what is new is refused, streams
  // that run finish or are cut and recorded so after config.drain. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace colophon
