#pragma once

#include "colophon/v1/registry.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/registry/resolver.h"

namespace colophon {

// The bytes of a GetVersionResponse that share the version's: nothing of its
// size is copied or serialized.
grpc::ByteBuffer SerializeVersionResponse(const Resolution& resolution);

}  // namespace colophon
