#pragma once

// When a call is made again, and after how long.

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/base/clock.h"

namespace colophon {

struct RetryPolicy {
  // In all; 1: never again. Six last for up to three seconds, in which a server
  // that restarts is back.
  int max_attempts = 6;
  // Before the second attempt; doubles with each one up to the longest. The
  // wait itself is between half of that and all of it, at random.
  absl::Duration first_delay = absl::Milliseconds(100);
  absl::Duration longest_delay = absl::Seconds(5);
};

// What makes it safe to repeat a call whose answer didn't come.
enum class Repeat {
  kNever,  // Nothing does: a completion, or a write without a request id.
  kRead,   // It changes nothing.
  kWrite,  // It carries a request id: the server does it once.
};

// Where waiting and chance come from, so that tests can say what they are.
struct RetryEnvironment {
  Clock* clock = Clock::Real();
  std::function<void(absl::Duration)> sleep;
  std::function<double()> random;  // [0, 1)
};

// UNAVAILABLE is repeated as it is; RESOURCE_EXHAUSTED only for reads and only
// when the server says when to come back. Everything else, ABORTED among it,
// is for the caller.
bool IsRetryable(const absl::Status& status, Repeat repeat);

// Before attempt number `attempt`, from 2. Never less than the server's
// RetryInfo asks for.
absl::Duration RetryDelay(const RetryPolicy& policy, int attempt, const absl::Status& status,
                          double random);

// Calls `attempt` until it succeeds, fails for good, the attempts are used up
// or the next wait would pass the deadline, a time of the clock's Steady. The last error is the
// answer; when there was more than one attempt its message says how many.
absl::Status Retry(const RetryPolicy& policy, const RetryEnvironment& environment, Repeat repeat,
                   absl::Duration deadline, const std::function<absl::Status()>& attempt);

}  // namespace colophon
