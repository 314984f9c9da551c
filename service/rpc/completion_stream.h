#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "colophon/v1/completion.pb.h"
#include "grpcpp/support/server_callback.h"
#include "service/completion/completer.h"
#include "service/rpc/rpc.h"

namespace colophon {

// One StreamComplete: takes the completer's messages and writes them as fast
// as the caller reads, one at a time. Holds memory and no thread.
//
// gRPC's reactor and the completer's sink at once. gRPC's share of the
// ownership ends in OnDone; the completer may let go earlier or later.
//
// Thread-safe. No mutex is held while gRPC or the completer is called: both
// may call back before they return.
class CompletionStream final : public grpc::ServerWriteReactor<v1::StreamCompleteResponse>,
                               public MessageSink,
                               public std::enable_shared_from_this<CompletionStream> {
 public:
  // Starts the call and gives the reactor that the method returns to gRPC.
  static CompletionStream* Start(Completer* completer, RpcCounters* counters,
                                 grpc::CallbackServerContext* context,
                                 const v1::StreamCompleteRequest& request);

  CompletionStream(RpcCounters* counters, grpc::CallbackServerContext* context);
  ~CompletionStream() override = default;

  void Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void End(absl::StatusOr<v1::CompleteResponse> result);
  void FinishWith(absl::StatusOr<v1::CompleteResponse> result);

  Rpc rpc_;
  // Set before gRPC knows of this.
  std::shared_ptr<CompletionStream> self_;
  std::shared_ptr<OpenCall> open_call_;

  // Belongs to the write in progress, of which there is one at most.
  v1::StreamCompleteResponse message_;

  std::mutex mu_;
  // Guarded by mu_.
  bool writing_ = false;
  bool ended_ = false;  // The last thing was said to gRPC, or waits in `result_`.
  std::function<void(bool)> written_;
  // The end, when it came while a write was in progress.
  std::optional<absl::StatusOr<v1::CompleteResponse>> result_;
};

}  // namespace colophon
