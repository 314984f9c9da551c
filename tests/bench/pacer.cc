#include "tests/bench/pacer.h"

#include <sys/prctl.h>

#include <thread>

namespace colophon::bench {

Pacer::Pacer(int rate, absl::Duration warm_up, absl::Duration duration)
    : interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / rate),
      warm_up_count_(static_cast<int>(absl::ToDoubleSeconds(warm_up) * rate)),
      count_(warm_up_count_ + static_cast<int>(absl::ToDoubleSeconds(duration) * rate)),
      start_(std::chrono::steady_clock::now() + interval_) {}

Pacer::TimePoint Pacer::WaitFor(int index) const {
  // By default Linux may wake a thread 50 µs late, to save power.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const TimePoint due = start_ + index * interval_;
  std::this_thread::sleep_until(due);
  return due;
}

}  // namespace colophon::bench
