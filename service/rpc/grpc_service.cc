#include "service/rpc/grpc_service.h"

#include <cassert>
#include <memory>

#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/rpc/stream_call.h"
#include "service/rpc/unary_call.h"

namespace colophon {
namespace {

using Bytes = grpc::ByteBuffer;

grpc::internal::MethodHandler* UnaryHandler(Dispatcher* dispatcher, const GrpcRules* rules,
                                            const Method* method) {
  const auto begin = [=](grpc::CallbackServerContext* context, const Bytes* request,
                         Bytes* answer) -> grpc::ServerUnaryReactor* {
    const auto call = std::make_shared<UnaryCall>(method, dispatcher->counters(), rules, context,
                                                  const_cast<Bytes*>(request), answer);
    call->HoldItself();
    dispatcher->Serve(call);
    call->EndOfArrival();
    return call.get();
  };
  return new grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(begin);
}

grpc::internal::MethodHandler* StreamHandler(Dispatcher* dispatcher, const GrpcRules* rules,
                                             const Method* method) {
  const auto begin = [=](grpc::CallbackServerContext* context,
                         const Bytes* request) -> grpc::ServerWriteReactor<Bytes>* {
    const auto call =
        std::make_shared<StreamCall>(method, dispatcher->counters(), rules, dispatcher->workers(),
                                     context, const_cast<Bytes*>(request));
    call->HoldItself();
    dispatcher->Serve(call);
    return call.get();
  };
  return new grpc::internal::CallbackServerStreamingHandler<Bytes, Bytes>(begin);
}

}  // namespace

GrpcService::GrpcService(const google::protobuf::ServiceDescriptor* service, Dispatcher* dispatcher,
                         const GrpcRules* rules) {
  for (int i = 0; i < service->method_count(); ++i) {
    paths_.push_back("/" + service->full_name() + "/" + service->method(i)->name());
  }
  for (int i = 0; i < service->method_count(); ++i) {
    const Method* const method = dispatcher->Find(service->method(i)->full_name());
    assert(method != nullptr);
    if (method->descriptor->server_streaming()) {
      AddRaw(i, grpc::internal::RpcMethod::SERVER_STREAMING,
             StreamHandler(dispatcher, rules, method));
    } else {
      AddRaw(i, grpc::internal::RpcMethod::NORMAL_RPC, UnaryHandler(dispatcher, rules, method));
    }
  }
}

void GrpcService::AddRaw(int index, grpc::internal::RpcMethod::RpcType type,
                         grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(paths_[index].c_str(), type, /*handler=*/nullptr));
  MarkMethodRawCallback(index, handler);
}

}  // namespace colophon
