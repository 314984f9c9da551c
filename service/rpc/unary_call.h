#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "grpcpp/support/server_callback.h"
#include "service/rpc/rpc.h"

namespace colophon {

// One unary RPC. Owns itself: made by the method, gone when gRPC is done with
// it, which is after End.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(RpcCounters* counters, const char* name, grpc::CallbackServerContext* context)
      : rpc_(counters, name, context) {}

  Rpc& rpc() { return rpc_; }

  // Called when the caller goes away before the answer. To be set before the
  // method returns: gRPC tells it no earlier.
  void set_on_cancel(std::function<void()> on_cancel) { on_cancel_ = std::move(on_cancel); }

  // Once, from any thread; the last thing done with it.
  void End(const absl::Status& status) {
    grpc::Status answer = rpc_.End(status);
    NoteOrder();
    Finish(std::move(answer));
  }

  // The method's last step.
  void EndOfMethod() { NoteOrder(); }

  void OnCancel() override {
    NoteOrder();
    rpc_.StopWork();
    if (on_cancel_) on_cancel_();
  }
  void OnDone() override {
    NoteOrder();
    delete this;
  }

  // gRPC may then call OnCancel and OnDone on the thread it is on: neither
  // blocks, and a thread woken for each was a sixth of a small call's time. Says
  // of itself that it isn't API; what a gRPC does that no longer asks is right
  // too, but slower.
  bool InternalInlineable() override { return true; }

 private:
  ~UnaryCall() override = default;

  // gRPC calls OnCancel and OnDone after the method, and OnDone after Finish. Here
  // it is said in a way that ThreadSanitizer sees, which doesn't look into libgrpc.
  void NoteOrder() { order_.fetch_add(1, std::memory_order_acq_rel); }

  Rpc rpc_;
  std::function<void()> on_cancel_;
  std::atomic<int> order_{0};
};

}  // namespace colophon
