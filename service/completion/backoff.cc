#include "service/completion/backoff.h"

#include <algorithm>
#include <random>

namespace colophon {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(250);
constexpr absl::Duration kLastBackoff = absl::Seconds(60);

}  // namespace

absl::Duration BackoffOf(int attempt, const absl::Status& status) {
  thread_local std::minstd_rand random(std::random_device{}());
  const absl::Duration full = std::min(kFirstBackoff * (1 << std::min(attempt, 16)), kLastBackoff);
  const absl::Duration jittered = full * std::uniform_real_distribution<>(0.5, 1)(random);
  return std::min(std::max(jittered, RetryDelayOf(status).value_or(absl::ZeroDuration())),
                  kLastBackoff);
}

}  // namespace colophon
