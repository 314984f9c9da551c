#include "client/cpp/retry.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/cord.h"
#include "fmt/format.h"
#include "service/base/status.h"

namespace colophon {
namespace {

absl::Status WithAttempts(const absl::Status& status, int attempts) {
  if (attempts == 1) return status;
  absl::Status result(status.code(), fmt::format("{} ({} attempts)", MessageOf(status), attempts));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

}  // namespace

bool IsRetryable(const absl::Status& status, Repeat repeat) {
  if (repeat == Repeat::kNever) return false;
  if (absl::IsUnavailable(status)) return true;
  return repeat == Repeat::kRead && absl::IsResourceExhausted(status) &&
         RetryDelayOf(status).has_value();
}

absl::Duration RetryDelay(const RetryPolicy& policy, int attempt, const absl::Status& status,
                          double random) {
  const double doublings = std::min(attempt - 2, 30);
  const absl::Duration whole =
      std::min(policy.first_delay * std::exp2(doublings), policy.longest_delay);
  const absl::Duration delay = whole * (0.5 + random / 2);
  return std::max(delay, RetryDelayOf(status).value_or(absl::ZeroDuration()));
}

absl::Status Retry(const RetryPolicy& policy, const RetryEnvironment& environment, Repeat repeat,
                   absl::Duration deadline, const std::function<absl::Status()>& attempt) {
  for (int attempts = 1;; ++attempts) {
    absl::Status status = attempt();
    if (status.ok()) return status;
    if (attempts >= policy.max_attempts || !IsRetryable(status, repeat)) {
      return WithAttempts(status, attempts);
    }
    const absl::Duration delay = RetryDelay(policy, attempts + 1, status, environment.random());
    if (environment.clock->Steady() + delay >= deadline) return WithAttempts(status, attempts);
    environment.sleep(delay);
  }
}

}  // namespace colophon
