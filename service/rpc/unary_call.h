#pragma once

#include <atomic>
#include <memory>

#include "grpcpp/support/server_callback.h"
#include "service/rpc/grpc_call.h"

namespace colophon {

// One unary call. Holds itself until gRPC is done with it, which is after its end.
class UnaryCall final : public GrpcCall, public grpc::ServerUnaryReactor {
 public:
  // `answer` is gRPC's.
  UnaryCall(const Method* method, CallCounters* counters, const GrpcRules* rules,
            grpc::CallbackServerContext* context, grpc::ByteBuffer* request,
            grpc::ByteBuffer* answer);

  // Before gRPC knows of it.
  void HoldItself() { self_ = shared_from_this(); }
  // The last step on the thread that it arrived on.
  void EndOfArrival() { NoteOrder(); }

  void Write(Answer message, std::function<void(bool)> written) override;

  void OnCancel() override;
  void OnDone() override;
  // gRPC may then call OnCancel and OnDone on the thread it is on: neither
  // blocks, and a thread woken for each was a sixth of a small call's time. Says
  // of itself that it isn't API; what a gRPC does that no longer asks is right
  // too, but slower.
  bool InternalInlineable() override { return true; }

 private:
  void Send(Answer answer) override;
  void Send(const absl::Status& status) override;

  // gRPC calls OnCancel and OnDone after the method, and OnDone after Finish. Here
  // it is said in a way that ThreadSanitizer sees, which doesn't look into libgrpc.
  void NoteOrder() { order_.fetch_add(1, std::memory_order_acq_rel); }

  grpc::ByteBuffer* const answer_;
  std::shared_ptr<ServedCall> self_;
  std::atomic<int> order_{0};
};

}  // namespace colophon
