#include "service/api/call_counters.h"

#include "service/metrics/metrics.h"

namespace colophon {

void CallCounters::CountEnd(std::string_view door, std::string_view method, absl::StatusCode code,
                            absl::Duration took) {
  if (code != absl::StatusCode::kOk && code != absl::StatusCode::kCancelled) {
    errors_.fetch_add(1, std::memory_order_relaxed);
  }
  if (metrics_ != nullptr) metrics_->CountCall(door, method, code, took);
}

void CallCounters::CountClosed() {
  if (--open_ > 0 || !stopping_) return;
  std::lock_guard lock(mu_);
  none_open_.notify_all();
}

void CallCounters::AwaitEnds(absl::Duration timeout) {
  std::unique_lock lock(mu_);
  none_open_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return open_ == 0; });
}

}  // namespace colophon
