#include "service/rpc/stream_call.h"

#include <utility>

#include "service/rpc/message.h"
#include "service/rpc/status.h"

namespace colophon {

StreamCall::StreamCall(const Method* method, CallCounters* counters, const GrpcRules* rules,
                       Workers* workers, grpc::CallbackServerContext* context,
                       grpc::ByteBuffer* request)
    : GrpcCall(method, counters, rules, context, request), workers_(workers) {}

void StreamCall::Write(Answer message, std::function<void(bool)> written) {
  {
    std::unique_lock lock(mu_);
    if (ended_) {
      lock.unlock();
      return written(false);
    }
    writing_ = true;
    written_ = std::move(written);
  }
  Serialize(std::move(message), [this, self = shared_from_this()](const absl::Status& status) {
    if (!status.ok()) return OnWriteDone(false);
    // No buffer hint: a piece that waits for the next one is late.
    StartWrite(&bytes_, grpc::WriteOptions());
  });
}

void StreamCall::OnWriteDone(bool ok) {
  std::function<void(bool)> written;
  std::optional<Last> last;
  {
    std::lock_guard lock(mu_);
    writing_ = false;
    written = std::exchange(written_, nullptr);
    last = std::exchange(last_, std::nullopt);
  }
  if (written) written(ok);
  if (last) FinishWith(*std::move(last));
}

void StreamCall::OnCancel() { OnCancelled(); }

void StreamCall::OnDone() { self_ = nullptr; }  // May be the last of this.

// The method may end the call while a message still waits for a caller that doesn't
// read.
void StreamCall::SendLast(Last last) {
  {
    std::unique_lock lock(mu_);
    ended_ = true;
    if (writing_) {
      const auto* const status = std::get_if<absl::Status>(&last);
      const bool never_taken = status != nullptr && ReasonOf(*status) == "CALLER_NOT_READING";
      last_ = std::move(last);
      lock.unlock();
      if (never_taken) Abandon();
      return;
    }
  }
  FinishWith(std::move(last));
}

void StreamCall::FinishWith(Last last) {
  if (const auto* const status = std::get_if<absl::Status>(&last)) {
    Close(*status);
    Finish(ToGrpc(*status));
    return;
  }
  Serialize(std::get<Answer>(std::move(last)),
            [this, self = shared_from_this()](const absl::Status& status) {
              Close(status);
              if (!status.ok()) return Finish(ToGrpc(status));
              StartWriteAndFinish(&bytes_, grpc::WriteOptions(), grpc::Status::OK);
            });
}

void StreamCall::Serialize(Answer message, std::function<void(const absl::Status&)> send) {
  if (message.ByteSize() <= kLargeBytes) return send(SerializeAnswer(message, &bytes_));
  const auto shared = std::make_shared<Answer>(std::move(message));
  const auto serialize_and_send = [this, shared, send = std::move(send)] {
    send(SerializeAnswer(*shared, &bytes_));
  };
  // When no worker is free, here.
  if (!workers_->Run(call().caller, serialize_and_send, Workers::Order::kNext).ok()) {
    serialize_and_send();
  }
}

}  // namespace colophon
