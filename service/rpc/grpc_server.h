#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/api/dispatcher.h"
#include "service/base/status.h"
#include "service/base/tls.h"

namespace colophon {

struct GrpcServerOptions {
  std::string host;
  int port = 0;  // 0: the system chooses one.
  int max_connections = 0;
  int max_streams_per_connection = 0;
  int64_t max_message_bytes = 0;
  std::shared_ptr<const TlsCertificates> tls;  // Null: plain text.
};

// The gRPC port: the API's services, health and reflection, and what one connection may
// do to the others.
//
// Start and Stop are for one thread; SetServing is thread-safe.
class GrpcServer {
 public:
  // Takes the port. FAILED_PRECONDITION as Listener::Bind.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Bind(const GrpcServerOptions& options);
  ~GrpcServer();

  int port() const;

  // Serves the dispatcher's methods, which outlives this.
  absl::Status Start(Dispatcher* dispatcher);

  // What health says, from the start on.
  void SetServing(bool serving);

  // No new connections; then those that are open end at once, whatever they do.
  // Idempotent.
  void Stop();

 private:
  class Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace colophon
