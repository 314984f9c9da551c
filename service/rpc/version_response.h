#pragma once

#include "colophon/v1/registry.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/registry/resolver.h"

namespace colophon {

// A GetVersionRequest, read.
struct VersionQuery {
  Reference reference;
  ResolveOptions options;

  // True when names and labels in memory say which version it is.
  bool IsInMemory() const;
};

// INVALID_ARGUMENT BAD_REQUEST when the bytes are no GetVersionRequest, and the
// registry's errors about what it says.
absl::StatusOr<VersionQuery> ParseVersionRequest(const grpc::ByteBuffer& bytes);

// The bytes of a GetVersionResponse that share the version's: nothing of its
// size is copied or serialized.
grpc::ByteBuffer SerializeVersionResponse(const Resolution& resolution);

}  // namespace colophon
