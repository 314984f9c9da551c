#include "service/api/call_counters.h"

namespace colophon {

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
