#pragma once

// The only file that names gRPC's codes.

#include "grpcpp/support/status.h"
#include "service/base/status.h"

namespace colophon {

// With the reason and the other payloads in `grpc-status-details-bin`, as a
// google.rpc.Status. The message is cut, in whole characters, so that code,
// message and reason reach a client with gRPC's default limit on metadata:
// what exceeds it would hide the error behind one about its size.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace colophon
