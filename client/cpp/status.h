#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace colophon {

// gRPC's status as ours: the code, the message and the google.rpc details
// (ErrorInfo, RetryInfo) that ReasonOf, MetadataOf and RetryDelayOf read. The
// only file of the client that names gRPC's statuses.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace colophon
