#include "service/http/connect_call.h"

#include <utility>

namespace colophon {
namespace {

std::chrono::steady_clock::time_point DeadlineAfter(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return std::chrono::steady_clock::time_point::max();
  return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
}

}  // namespace

ConnectCall::ConnectCall(const Method* method, CallCounters* counters, ConnectRequest request)
    : ServedCall(method, counters),
      request_(std::move(request)),
      deadline_(DeadlineAfter(request_.timeout)) {}

Task<ConnectCall::Event> ConnectCall::Next() {
  while (true) {
    {
      std::lock_guard lock(mu_);
      if (!events_.empty()) {
        Event event = std::move(events_.front());
        events_.pop_front();
        co_return event;
      }
    }
    (void)co_await Await<bool>([this](auto done) {
      {
        std::lock_guard lock(mu_);
        if (events_.empty()) {
          wake_ = std::move(done);
          return;
        }
      }
      done(true);
    });
  }
}

absl::Status ConnectCall::StatusOfEnd(const Event& event) const {
  if (!absl::IsCancelled(event.status) || TimeLeft() > absl::ZeroDuration()) return event.status;
  return Error(absl::StatusCode::kDeadlineExceeded, "CALL_TIMEOUT",
               "the time that Connect-Timeout-Ms gave the call is over");
}

std::string ConnectCall::record() const {
  std::lock_guard lock(mu_);
  return record_;
}

absl::StatusOr<ServedCall::Arrival> ConnectCall::Arrive() {
  Arrival arrival;
  arrival.caller = std::move(request_.caller);
  arrival.traceparent = std::move(request_.traceparent);
  arrival.request_bytes = request_.body.size();
  return arrival;
}

absl::Status ConnectCall::ParseRequest() {
  const std::string body = std::exchange(request_.body, {});
  return ReadMessage(body, request_.is_json, request());
}

absl::Duration ConnectCall::TimeLeft() const {
  if (deadline_ == std::chrono::steady_clock::time_point::max()) return absl::InfiniteDuration();
  return absl::FromChrono(deadline_ - std::chrono::steady_clock::now());
}

void ConnectCall::SendRecord(const std::string& record) {
  std::lock_guard lock(mu_);
  record_ = record;
}

void ConnectCall::Write(Answer message, std::function<void(bool)> written) {
  if (has_ended()) return written(false);
  Event event;
  event.message = std::move(message);
  event.has_message = true;
  event.written = std::move(written);
  Put(std::move(event));
}

void ConnectCall::Send(Answer answer) {
  Close(absl::OkStatus());
  Event event;
  event.message = std::move(answer);
  event.has_message = true;
  event.is_end = true;
  Put(std::move(event));
}

void ConnectCall::Send(const absl::Status& status) {
  Close(status);
  Event event;
  event.is_end = true;
  event.status = status;
  Put(std::move(event));
}

void ConnectCall::Put(Event event) {
  std::function<void(bool)> wake;
  {
    std::lock_guard lock(mu_);
    events_.push_back(std::move(event));
    wake = std::exchange(wake_, nullptr);
  }
  if (wake) wake(true);
}

}  // namespace colophon
