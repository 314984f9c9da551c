#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "service/rpc/adapter.h"
#include "service/rpc/answer.h"

namespace colophon {

// A gRPC service whose methods gRPC gives bytes to and takes bytes from, so that
// every request that can't be taken is refused in our words, and none that is
// large is parsed on gRPC's threads. The methods themselves take messages:
//
//   void GetPrompt(UnaryCall* call, v1::GetPromptRequest* request,
//                  v1::GetPromptResponse* response);
//
// call->End is their answer; request and response live until then. A response
// may be anything that SerializeAnswer takes.
//
// Thread-safe.
class RawService : public grpc::Service {
 protected:
  // `name`: "colophon.v1.RegistryService", by the .proto files.
  RawService(const std::string& name, Adapter* adapter, int64_t max_message_bytes);

  template <class Derived, class Request, class Response>
  void AddUnary(const char* name, void (Derived::*method)(UnaryCall*, Request*, Response*));

  // `start` makes the reactor; it may take the bytes away.
  template <class Derived>
  void AddServerStreaming(const char* name,
                          grpc::ServerWriteReactor<grpc::ByteBuffer>* (Derived::*start)(
                              grpc::CallbackServerContext*, grpc::ByteBuffer*));

  Adapter* adapter() { return adapter_; }
  int64_t max_message_bytes() const { return max_message_bytes_; }

 private:
  // The messages of a call beside it.
  template <class Derived, class Request, class Response>
  class MethodCall;

  void AddRaw(const char* name, grpc::internal::RpcMethod::RpcType type,
              grpc::internal::MethodHandler* handler);
  // Parses the request and runs the method, here or on a worker.
  void Begin(UnaryCall* call, grpc::ByteBuffer* request);

  // Constant after construction.
  const google::protobuf::ServiceDescriptor* const descriptor_;
  Adapter* const adapter_;
  const int64_t max_message_bytes_;
  // "/colophon.v1.RegistryService/GetPrompt", one a method of the descriptor;
  // gRPC points to them.
  std::vector<std::string> paths_;
  int added_ = 0;
};

template <class Derived, class Request, class Response>
class RawService::MethodCall final : public UnaryCall {
 public:
  using Method = void (Derived::*)(UnaryCall*, Request*, Response*);

  MethodCall(Derived* service, Method method, const char* name,
             grpc::CallbackServerContext* context, grpc::ByteBuffer* answer)
      : UnaryCall(service->adapter()->counters(), name, context),
        service_(service),
        method_(method),
        answer_(answer) {}

  google::protobuf::Message* request() override { return &request_; }
  void RunMethod() override { (service_->*method_)(this, &request_, &response_); }

 private:
  absl::Status WriteAnswer() override {
    RETURN_IF_ERROR(SerializeAnswer(response_, answer_));
    response_ = Response();  // Twice in memory until it's sent would be once too often.
    return absl::OkStatus();
  }

  Derived* const service_;
  const Method method_;
  grpc::ByteBuffer* const answer_;  // gRPC's.
  Request request_;
  Response response_;
};

template <class Derived, class Request, class Response>
void RawService::AddUnary(const char* name,
                          void (Derived::*method)(UnaryCall*, Request*, Response*)) {
  auto* service = static_cast<Derived*>(this);
  const auto begin = [service, method, name](grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* answer) {
    auto* call = new MethodCall<Derived, Request, Response>(service, method, name, context, answer);
    // gRPC keeps the bytes until the call has ended unless they are taken from it.
    service->Begin(call, const_cast<grpc::ByteBuffer*>(request));
    return static_cast<grpc::ServerUnaryReactor*>(call);
  };
  AddRaw(name, grpc::internal::RpcMethod::NORMAL_RPC,
         new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(begin));
}

template <class Derived>
void RawService::AddServerStreaming(const char* name,
                                    grpc::ServerWriteReactor<grpc::ByteBuffer>* (Derived::*start)(
                                        grpc::CallbackServerContext*, grpc::ByteBuffer*)) {
  auto* service = static_cast<Derived*>(this);
  const auto begin = [service, start](grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request) {
    return (service->*start)(context, const_cast<grpc::ByteBuffer*>(request));
  };
  AddRaw(name, grpc::internal::RpcMethod::SERVER_STREAMING,
         new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
             begin));
}

}  // namespace colophon
