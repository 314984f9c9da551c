#pragma once

// Private to the client: how a server is connected to.

#include <memory>
#include <string>

#include "client/cpp/options.h"
#include "grpcpp/channel.h"
#include "service/base/status.h"

namespace colophon {

// Never null. `status` says whether calls can be made on it: INVALID_ARGUMENT BAD_ADDRESS,
// BAD_TLS_FILE.
std::shared_ptr<grpc::Channel> Connect(const std::string& address, const ClientTls& tls,
                                       absl::Status* status);

// Why there is no connection, and what to look at, of what gRPC says about it.
std::string ExplainUnreachable(const std::string& address, const std::string& message);

}  // namespace colophon
