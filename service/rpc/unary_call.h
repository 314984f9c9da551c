#pragma once

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
  void End(const absl::Status& status) { Finish(rpc_.End(status)); }

  void OnCancel() override {
    if (on_cancel_) on_cancel_();
  }
  void OnDone() override { delete this; }

 private:
  ~UnaryCall() override = default;

  Rpc rpc_;
  std::function<void()> on_cancel_;
};

}  // namespace colophon
