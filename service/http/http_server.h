#pragma once

#include <memory>
#include <string>

#include "service/api/dispatcher.h"
#include "service/api/git_service.h"
#include "service/base/executor.h"
#include "service/base/tls.h"
#include "service/http/session.h"

namespace colophon {

struct HttpServerOptions {
  std::string host;
  int port = 0;  // 0: any that is free.
  int max_connections = 0;
  HttpRules rules;
  std::shared_ptr<const TlsCertificates> tls;  // Null: plain text.
  bool without_client_certificate = false;     // See TlsContext.
};

// The HTTP port: one of the doors to the methods. Connections live on the executor's
// loops and hold no thread.
//
// Thread-safe, but for Start and Stop.
class HttpServer {
 public:
  // Takes the port; clients are refused until Start. FAILED_PRECONDITION CANT_LISTEN.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Bind(const HttpServerOptions& options);
  // REQUIRES: stopped, or never started.
  ~HttpServer();

  int port() const;
  // Serves from now on; all outlive Stop. FAILED_PRECONDITION CANT_LISTEN.
  absl::Status Start(Dispatcher* dispatcher, GitService* git, Executor* executor);
  // What /readyz says.
  void SetServing(bool serving);
  // Ends every connection and returns when none is left. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> impl_;
};

}  // namespace colophon
