#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"
#include "service/api/dispatcher.h"
#include "service/rpc/grpc_call.h"

namespace colophon {

// A service of the .proto files on gRPC: each of its methods is the row of that name.
// gRPC gives it bytes and takes bytes from it, so that every request that can't be
// taken is refused in our words, and none that is large is parsed on gRPC's threads.
//
// Thread-safe.
class GrpcService final : public grpc::Service {
 public:
  // REQUIRES: the table has all methods of the service. All outlive this.
  GrpcService(const google::protobuf::ServiceDescriptor* service, Dispatcher* dispatcher,
              const GrpcRules* rules);

 private:
  void AddRaw(int index, grpc::internal::RpcMethod::RpcType type,
              grpc::internal::MethodHandler* handler);

  // "/colophon.v1.RegistryService/GetPrompt", one a method; gRPC points to them.
  std::vector<std::string> paths_;
};

}  // namespace colophon
