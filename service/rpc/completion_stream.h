#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "colophon/v1/completion.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "service/completion/completer.h"
#include "service/rpc/adapter.h"

namespace colophon {

// One StreamComplete: takes the completer's messages and writes them as fast
// as the caller reads, one at a time. Holds memory and no thread.
//
// gRPC's reactor and the completer's sink at once. gRPC's share of the
// ownership ends in OnDone; the completer may let go earlier or later.
//
// Thread-safe. No mutex is held while gRPC or the completer is called: both
// may call back before they return.
class CompletionStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                               public MessageSink,
                               public std::enable_shared_from_this<CompletionStream> {
 public:
  // Starts the call and gives the reactor that the method returns to gRPC.
  // Takes the request's bytes.
  static CompletionStream* Start(Completer* completer, Adapter* adapter, int64_t max_message_bytes,
                                 grpc::CallbackServerContext* context, grpc::ByteBuffer* request);

  CompletionStream(Adapter* adapter, grpc::CallbackServerContext* context);
  ~CompletionStream() override = default;

  void Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  // As UnaryCall has it.
  bool InternalInlineable() override { return true; }

 private:
  void Begin(Completer* completer, const grpc::ByteBuffer& request);
  void End(absl::StatusOr<v1::CompleteResponse> result);
  void FinishWith(absl::StatusOr<v1::CompleteResponse> result);
  // `send` with the message's bytes in `bytes_`, here or, when it is large, on a
  // worker.
  void Serialize(const std::shared_ptr<v1::StreamCompleteResponse>& message,
                 std::function<void(const absl::Status&)> send);

  Adapter* const adapter_;
  Rpc rpc_;
  // Set before gRPC knows of this.
  std::shared_ptr<CompletionStream> self_;

  // Of the write in progress, of which there is one at most.
  grpc::ByteBuffer bytes_;

  std::mutex mu_;
  // Guarded by mu_.
  std::shared_ptr<OpenCall> open_call_;
  bool cancelled_ = false;
  bool writing_ = false;
  bool ended_ = false;  // The last thing was said to gRPC, or waits in `result_`.
  std::function<void(bool)> written_;
  // The end, when it came while a write was in progress.
  std::optional<absl::StatusOr<v1::CompleteResponse>> result_;
};

}  // namespace colophon
