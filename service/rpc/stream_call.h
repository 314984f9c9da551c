#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "grpcpp/support/server_callback.h"
#include "service/base/workers.h"
#include "service/rpc/grpc_call.h"

namespace colophon {

// One call that is answered by a stream: messages go out as fast as the caller reads,
// one at a time. Holds memory and no thread.
//
// gRPC's share of the ownership ends in OnDone; the method may let go earlier or later.
//
// Thread-safe. No mutex is held while gRPC or the method is called: both may call back
// before they return.
class StreamCall final : public GrpcCall, public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  StreamCall(const Method* method, CallCounters* counters, const GrpcRules* rules, Workers* workers,
             grpc::CallbackServerContext* context, grpc::ByteBuffer* request);

  // Before gRPC knows of it.
  void HoldItself() { self_ = shared_from_this(); }

  void Write(Answer message, std::function<void(bool)> written) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  // As UnaryCall has it.
  bool InternalInlineable() override { return true; }

 private:
  using Last = std::variant<absl::Status, Answer>;

  void Send(Answer answer) override { SendLast(std::move(answer)); }
  void Send(const absl::Status& status) override { SendLast(status); }
  // Waits for the write in progress, if there is one.
  void SendLast(Last last);
  void FinishWith(Last last);
  // `send` with the message's bytes in `bytes_`, here or, when it is large, on a
  // worker.
  void Serialize(Answer message, std::function<void(const absl::Status&)> send);

  Workers* const workers_;
  std::shared_ptr<ServedCall> self_;

  // Of the write in progress, of which there is one at most.
  grpc::ByteBuffer bytes_;

  std::mutex mu_;
  // Guarded by mu_.
  bool writing_ = false;
  bool ended_ = false;  // The last thing was said to gRPC, or waits in `last_`.
  std::function<void(bool)> written_;
  // The end, when it came while a write was in progress.
  std::optional<Last> last_;
};

}  // namespace colophon
