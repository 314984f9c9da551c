#include "service/rpc/completion_stream.h"

#include <utility>

#include "service/base/task.h"
#include "service/rpc/message.h"

namespace colophon {

CompletionStream::CompletionStream(Adapter* adapter, grpc::CallbackServerContext* context)
    : adapter_(adapter), rpc_(adapter->counters(), "StreamComplete", context) {}

CompletionStream* CompletionStream::Start(Completer* completer, Adapter* adapter,
                                          int64_t max_message_bytes,
                                          grpc::CallbackServerContext* context,
                                          grpc::ByteBuffer* request) {
  auto call = std::make_shared<CompletionStream>(adapter, context);
  call->self_ = call;
  grpc::ByteBuffer bytes;
  bytes.Swap(request);
  absl::Status status = call->rpc_.Begin(bytes, max_message_bytes);
  if (status.ok() && bytes.Length() > kLargeBytes) {
    status = adapter->workers()->Run(call->rpc_.call().caller,
                                     [call, completer, bytes] { call->Begin(completer, bytes); });
  } else if (status.ok()) {
    call->Begin(completer, bytes);
  }
  if (!status.ok()) call->End(status);
  return call.get();
}

void CompletionStream::Begin(Completer* completer, const grpc::ByteBuffer& request) {
  if (absl::Status vain = rpc_.IsInVain(); !vain.ok()) return End(vain);
  v1::StreamCompleteRequest message;
  const auto parse = [&] { return ParseMessage(request, &message); };
  if (absl::Status parsed = AnswerOf(parse); !parsed.ok()) return End(parsed);
  std::shared_ptr<OpenCall> open_call = completer->Start(
      rpc_.call_with_time_left(), std::move(*message.mutable_call()), shared_from_this(),
      [call = shared_from_this()](absl::StatusOr<v1::CompleteResponse> result) {
        call->End(std::move(result));
      });
  {
    std::lock_guard lock(mu_);
    if (!cancelled_ && !ended_) open_call_ = open_call;
    if (!cancelled_) return;
  }
  open_call->Cancel();
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
    written_ = std::move(written);
  }
  if (message.has_start()) rpc_.NoteRecord(message.start().record());
  Serialize(std::make_shared<v1::StreamCompleteResponse>(std::move(message)),
            [self = shared_from_this()](const absl::Status& status) {
              if (!status.ok()) return self->OnWriteDone(false);
              // No buffer hint: a piece that waits for the next one is late.
              self->StartWrite(&self->bytes_, grpc::WriteOptions());
            });
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
  rpc_.NoteCancel();
  std::shared_ptr<OpenCall> open_call;
  {
    std::lock_guard lock(mu_);
    cancelled_ = true;
    open_call = open_call_;
  }
  if (open_call != nullptr) open_call->Cancel();
}

void CompletionStream::OnDone() {
  std::shared_ptr<OpenCall> open_call;
  {
    std::lock_guard lock(mu_);
    open_call = std::exchange(open_call_, nullptr);
  }
  self_ = nullptr;  // May be the last of this.
}

// The completer may end the call while a message still waits for a caller that
// doesn't read.
void CompletionStream::End(absl::StatusOr<v1::CompleteResponse> result) {
  {
    std::unique_lock lock(mu_);
    ended_ = true;
    if (writing_) {
      const bool never_taken = ReasonOf(result.status()) == "CALLER_NOT_READING";
      result_ = std::move(result);
      lock.unlock();
      if (never_taken) rpc_.Abandon();
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
  rpc_.NoteRecord(result->record());
  rpc_.details().Add("version", result->version());
  auto message = std::make_shared<v1::StreamCompleteResponse>();
  *message->mutable_response() = *std::move(result);
  Serialize(message, [self = shared_from_this()](const absl::Status& status) {
    if (!status.ok()) return self->Finish(self->rpc_.End(status));
    self->StartWriteAndFinish(&self->bytes_, grpc::WriteOptions(), self->rpc_.End(status));
  });
}

void CompletionStream::Serialize(const std::shared_ptr<v1::StreamCompleteResponse>& message,
                                 std::function<void(const absl::Status&)> send) {
  const auto serialize_and_send = [this, message, send = std::move(send)] {
    send(SerializeMessage(*message, &bytes_));
  };
  const bool large = message->ByteSizeLong() > kLargeBytes;
  // When no worker is free, here.
  if (!large || !adapter_->workers()
                     ->Run(rpc_.call().caller, serialize_and_send, Workers::Order::kNext)
                     .ok()) {
    serialize_and_send();
  }
}

}  // namespace colophon
