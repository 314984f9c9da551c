#include "service/rpc/completion_stream.h"

#include <utility>

namespace colophon {

CompletionStream::CompletionStream(RpcCounters* counters, grpc::CallbackServerContext* context)
    : rpc_(counters, "StreamComplete", context) {}

CompletionStream* CompletionStream::Start(Completer* completer, RpcCounters* counters,
                                          grpc::CallbackServerContext* context,
                                          const v1::StreamCompleteRequest& request) {
  auto call = std::make_shared<CompletionStream>(counters, context);
  call->self_ = call;
  if (absl::Status status = call->rpc_.Begin(); status.ok()) {
    call->open_call_ = completer->Start(
        call->rpc_.call(), request.call(), call,
        [call](absl::StatusOr<v1::CompleteResponse> result) { call->End(std::move(result)); });
  } else {
    call->End(status);
  }
  return call.get();
}

void CompletionStream::Write(v1::StreamCompleteResponse message,
                             std::function<void(bool)> written) {
  {
    std::unique_lock lock(mu_);
    if (ended_) {
      lock.unlock();
      written(false);
      return;
    }
    writing_ = true;
    message_ = std::move(message);
    written_ = std::move(written);
  }
  // No buffer hint: a piece that waits for the next one is late.
  StartWrite(&message_, grpc::WriteOptions());
}

void CompletionStream::OnWriteDone(bool ok) {
  std::function<void(bool)> written;
  std::optional<absl::StatusOr<v1::CompleteResponse>> result;
  {
    std::lock_guard lock(mu_);
    writing_ = false;
    written = std::exchange(written_, nullptr);
    result = std::exchange(result_, std::nullopt);
  }
  if (written) written(ok);
  if (result) FinishWith(*std::move(result));
}

void CompletionStream::OnCancel() {
  if (open_call_ != nullptr) open_call_->Cancel();
}

void CompletionStream::OnDone() {
  open_call_ = nullptr;
  self_ = nullptr;  // May be the last of this.
}

// The completer may end the call while a message still waits for a caller that
// doesn't read.
void CompletionStream::End(absl::StatusOr<v1::CompleteResponse> result) {
  {
    std::lock_guard lock(mu_);
    ended_ = true;
    if (writing_) {
      result_ = std::move(result);
      return;
    }
  }
  FinishWith(std::move(result));
}

void CompletionStream::FinishWith(absl::StatusOr<v1::CompleteResponse> result) {
  if (!result.ok()) {
    Finish(rpc_.End(result.status()));
    return;
  }
  rpc_.details().Add("record", result->record());
  rpc_.details().Add("version", result->version());
  message_.Clear();
  *message_.mutable_response() = *std::move(result);
  StartWriteAndFinish(&message_, grpc::WriteOptions(), rpc_.End(absl::OkStatus()));
}

}  // namespace colophon
