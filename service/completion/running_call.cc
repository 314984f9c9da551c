#include "service/completion/running_call.h"

#include <algorithm>
#include <atomic>
#include <tuple>
#include <utility>

#include "boost/asio/as_tuple.hpp"
#include "fmt/format.h"

namespace colophon {
namespace {

// steady_clock's own range ends at 292 years.
std::chrono::nanoseconds ToChrono(absl::Duration duration) {
  return absl::ToChronoNanoseconds(
      std::clamp(duration, absl::ZeroDuration(), absl::Hours(24 * 365)));
}

absl::Status CallerGone() {
  return Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller cancelled the call");
}

absl::Status NotReading(absl::Duration patience) {
  return Error(absl::StatusCode::kCancelled, "CALLER_NOT_READING",
               fmt::format("the caller took nothing of the answer for {}: read the stream as it "
                           "comes, or call Complete",
                           absl::FormatDuration(patience)));
}

absl::Status DeadlinePassed() {
  return Error(absl::StatusCode::kDeadlineExceeded, "CALL_TIMEOUT",
               "the call took longer than its deadline or the prompt's timeout allows");
}

}  // namespace

RunningCall::RunningCall(Loop& run_loop, Call call_context, v1::CompleteRequest call_request,
                         std::shared_ptr<MessageSink> message_sink, Clock* clock, bool drain)
    : loop(run_loop),
      context(std::move(call_context)),
      start_time(clock->Now()),
      request(std::move(call_request)),
      sink_(std::move(message_sink)),
      clock_(clock),
      steady_start_(clock->Steady()),
      drain_(drain),
      deadline_timer_(run_loop.context()),
      wait_timer_(run_loop.context()),
      write_timer_(run_loop.context()) {}

// gRPC says the same of a caller who went away and of one whose deadline passed;
// his own clock may be a little ahead.
void RunningCall::Cancel() {
  constexpr absl::Duration kAhead = absl::Milliseconds(10);
  StopSoon(Elapsed() + kAhead < context.time_left ? CallerGone() : DeadlinePassed());
}

// In this order: who sees the flag and comes back to the loop finds the reason.
void RunningCall::StopSoon(absl::Status why) {
  loop.Post([self = shared_from_this(), why = std::move(why)] { self->Stop(why); });
  stop_flag_.Stop();
}

void RunningCall::Stop(absl::Status why) {
  if (closed_ || !stopped_.ok()) return;
  if (why.code() == absl::StatusCode::kCancelled) {
    caller_gone_ = true;
    if (end_write_) end_write_(false);
    if (drain_ && provider_call != nullptr) return;
  }
  stopped_ = std::move(why);
  stop_flag_.Stop();
  if (end_write_) end_write_(false);
  if (provider_call != nullptr) provider_call->Cancel();
  wait_timer_.cancel();
}

void RunningCall::StopAfter(absl::Duration timeout) {
  if (timeout >= absl::Hours(24 * 365)) return;
  if (timeout <= absl::ZeroDuration()) return Stop(DeadlinePassed());
  deadline_timer_.expires_after(ToChrono(timeout));
  deadline_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->Stop(DeadlinePassed());
  });
}

void RunningCall::Close() {
  closed_ = true;
  deadline_timer_.cancel();
  write_timer_.cancel();
  provider_call.reset();
}

Task<void> RunningCall::Write(v1::StreamCompleteResponse message, absl::Duration patience) {
  // After a stop nothing would end a write that waits.
  if (sink_ == nullptr || caller_gone_ || !stopped_.ok()) co_return;
  write_start_ = std::chrono::steady_clock::now();
  write_patience_ = patience;
  if (!watches_writes_) WatchWrites(patience);
  const bool taken = co_await Await<bool>([&](auto done) {
    auto called = std::make_shared<std::atomic<bool>>(false);
    auto once = [called, done](bool ok) {
      if (!called->exchange(true)) done(ok);
    };
    end_write_ = once;
    sink_->Write(std::move(message), once);
  });
  end_write_ = nullptr;
  if (!taken) Stop(CallerGone());
}

void RunningCall::WatchWrites(absl::Duration after) {
  watches_writes_ = true;
  write_timer_.expires_after(ToChrono(after));
  write_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || self->closed_) return;
    self->watches_writes_ = false;
    if (!self->end_write_) return;
    const absl::Duration waited =
        absl::FromChrono(std::chrono::steady_clock::now() - self->write_start_);
    if (waited < self->write_patience_) {
      self->WatchWrites(self->write_patience_ - waited);
    } else {
      self->Stop(NotReading(self->write_patience_));
    }
  });
}

Task<void> RunningCall::Wait(absl::Duration delay) {
  if (!stopped_.ok()) co_return;
  wait_timer_.expires_after(ToChrono(delay));
  co_await wait_timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace colophon
