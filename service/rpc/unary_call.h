#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "google/protobuf/message.h"
#include "grpcpp/support/server_callback.h"
#include "service/rpc/rpc.h"

namespace colophon {

// One unary RPC. Owns itself: made when it arrives, gone when gRPC is done with
// it, which is after End, and no Hold is left.
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(RpcCounters* counters, const char* name, grpc::CallbackServerContext* context)
      : rpc_(counters, name, context) {}

  Rpc& rpc() { return rpc_; }

  // What the method takes, to be filled before RunMethod.
  virtual google::protobuf::Message* request() = 0;
  // Calls the method, which calls End, then or later.
  virtual void RunMethod() = 0;

  // Called when the caller goes away before the answer.
  void set_on_cancel(std::function<void()> on_cancel) {
    {
      std::lock_guard lock(mu_);
      on_cancel_ = on_cancel;
      if (!cancelled_) return;
    }
    on_cancel();
  }

  // Once, from any thread; the last thing done with it.
  void End(absl::Status status) {
    if (status.ok()) status = WriteAnswer();
    grpc::Status answer = rpc_.End(status);
    NoteOrder();
    Finish(std::move(answer));
  }

  // The last step on the thread that it arrived on.
  void EndOfArrival() { NoteOrder(); }

  // Keeps it after End, until Release.
  void Hold() { holds_.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    if (holds_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  void OnCancel() override {
    NoteOrder();
    rpc_.StopWork();
    rpc_.NoteCancel();
    std::function<void()> on_cancel;
    {
      std::lock_guard lock(mu_);
      cancelled_ = true;
      on_cancel = on_cancel_;
    }
    if (on_cancel) on_cancel();
  }
  void OnDone() override {
    NoteOrder();
    Release();
  }

  // gRPC may then call OnCancel and OnDone on the thread it is on: neither
  // blocks, and a thread woken for each was a sixth of a small call's time. Says
  // of itself that it isn't API; what a gRPC does that no longer asks is right
  // too, but slower.
  bool InternalInlineable() override { return true; }

 protected:
  ~UnaryCall() override = default;

 private:
  // Puts the answer where gRPC takes it from.
  virtual absl::Status WriteAnswer() = 0;

  // gRPC calls OnCancel and OnDone after the method, and OnDone after Finish. Here
  // it is said in a way that ThreadSanitizer sees, which doesn't look into libgrpc.
  void NoteOrder() { order_.fetch_add(1, std::memory_order_acq_rel); }

  Rpc rpc_;
  std::atomic<int> holds_{1};  // gRPC's, until OnDone.
  std::atomic<int> order_{0};

  std::mutex mu_;
  // Guarded by mu_.
  bool cancelled_ = false;
  std::function<void()> on_cancel_;
};

}  // namespace colophon
