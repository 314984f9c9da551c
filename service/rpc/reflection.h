#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"

namespace colophon {

// grpc.reflection.v1, by which grpcurl and its like learn the services, of those that are
// named here; v1alpha is gRPC's own. Its answers are made from descriptors, at once.
std::unique_ptr<grpc::Service> NewReflectionService(std::vector<std::string> services);

}  // namespace colophon
