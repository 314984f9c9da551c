#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace colophon::bench {

// The times at which the calls of an open loop are due. A late caller doesn't
// move the calls that follow, so a stall is seen by all that were due in it.
//
// Thread-safe.
class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Pacer(int rate, absl::Duration warm_up, absl::Duration duration);

  // Those of the warm-up come first.
  int warm_up_count() const { return warm_up_count_; }
  int count() const { return count_; }

  // Sleeps until the call is due; when that was. From 0.
  TimePoint WaitFor(int index) const;

 private:
  const std::chrono::nanoseconds interval_;
  const int warm_up_count_;
  const int count_;
  const TimePoint start_;
};

}  // namespace colophon::bench
