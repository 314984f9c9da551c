#pragma once

// Answers on the wire.

#include "grpcpp/support/byte_buffer.h"
#include "service/base/status.h"
#include "service/registry/resolver.h"
#include "service/rpc/message.h"

namespace colophon {

inline absl::Status SerializeAnswer(const google::protobuf::Message& message,
                                    grpc::ByteBuffer* bytes) {
  return SerializeMessage(message, bytes);
}

// A GetVersionResponse whose bytes share the version's: nothing of its size is
// copied or serialized.
absl::Status SerializeAnswer(const Resolution& resolution, grpc::ByteBuffer* bytes);

}  // namespace colophon
