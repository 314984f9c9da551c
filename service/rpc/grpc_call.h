#pragma once

#include <functional>
#include <string>

#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/api/served_call.h"

namespace colophon {

// What the calls of a gRPC server have in common.
struct GrpcRules {
  int64_t max_message_bytes = 0;
  bool has_certificates = false;  // Each connection's client has shown one.
  // Called with the connection of each call that its caller took back, which is no
  // passed deadline; "ipv4:127.0.0.1:54321".
  std::function<void(const std::string& peer)> on_taken_back;
};

// What a call that came by gRPC has of it: bytes, metadata, deadline. How it is
// answered is UnaryCall's and StreamCall's.
class GrpcCall : public ServedCall {
 public:
  // Takes the request's bytes, which gRPC would keep until the call has ended.
  GrpcCall(const Method* method, CallCounters* counters, const GrpcRules* rules,
           grpc::CallbackServerContext* context, grpc::ByteBuffer* request);

  absl::Status ParseRequest() override;

 protected:
  // gRPC said that the caller went away.
  void OnCancelled();
  // Ends it as if the caller had: for one that takes nothing, not even an error.
  void Abandon() { context_->TryCancel(); }

 private:
  absl::StatusOr<Arrival> Arrive() override;
  std::string_view Door() const override { return "grpc"; }
  std::string Address() const override;
  absl::Duration TimeLeft() const override;
  bool IsGone() const override { return context_->IsCancelled(); }
  void SendRecord(const std::string& record) override;

  const GrpcRules& rules_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer bytes_;  // Of the request, until it is parsed.
};

}  // namespace colophon
