#include "service/http/inbound_call.h"

#include <utility>

namespace colophon {
namespace {

std::chrono::steady_clock::time_point DeadlineAfter(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return std::chrono::steady_clock::time_point::max();
  return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
}

}  // namespace

InboundCall::InboundCall(const Method* method, CallCounters* counters,
                         std::unique_ptr<Dialect> dialect, InboundCallOptions options)
    : ServedCall(method, counters),
      dialect_(std::move(dialect)),
      options_(std::move(options)),
      deadline_(DeadlineAfter(options_.timeout)) {}

Task<InboundCall::Event> InboundCall::Next() {
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

absl::Status InboundCall::StatusOfEnd(const Event& event) const {
  if (!absl::IsCancelled(event.status) || TimeLeft() > absl::ZeroDuration()) return event.status;
  return Error(absl::StatusCode::kDeadlineExceeded, "CALL_TIMEOUT",
               "the time that Connect-Timeout-Ms gave the call is over");
}

std::string InboundCall::record() const {
  std::lock_guard lock(mu_);
  return record_;
}

absl::StatusOr<ServedCall::Arrival> InboundCall::Arrive() {
  Arrival arrival;
  arrival.caller = std::move(options_.caller);
  arrival.certificate_name = std::move(options_.certificate_name);
  arrival.traceparent = std::move(options_.traceparent);
  arrival.request_bytes = options_.request_bytes;
  return arrival;
}

absl::Status InboundCall::ParseRequest() { return dialect_->Read(request()); }

absl::Duration InboundCall::TimeLeft() const {
  if (deadline_ == std::chrono::steady_clock::time_point::max()) return absl::InfiniteDuration();
  return absl::FromChrono(deadline_ - std::chrono::steady_clock::now());
}

void InboundCall::SendRecord(const std::string& record) {
  std::lock_guard lock(mu_);
  record_ = record;
}

void InboundCall::Write(Answer message, std::function<void(bool)> written) {
  if (has_ended()) return written(false);
  Event event;
  event.message = std::move(message);
  event.has_message = true;
  event.written = std::move(written);
  Put(std::move(event));
}

void InboundCall::Send(Answer answer) {
  Close(absl::OkStatus());
  Event event;
  event.message = std::move(answer);
  event.has_message = true;
  event.is_end = true;
  Put(std::move(event));
}

void InboundCall::Send(const absl::Status& status) {
  Close(status);
  Event event;
  event.is_end = true;
  event.status = status;
  Put(std::move(event));
}

void InboundCall::Put(Event event) {
  std::function<void(bool)> wake;
  {
    std::lock_guard lock(mu_);
    events_.push_back(std::move(event));
    wake = std::exchange(wake_, nullptr);
  }
  if (wake) wake(true);
}

}  // namespace colophon
