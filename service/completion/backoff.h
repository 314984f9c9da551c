#pragma once

#include "absl/time/time.h"
#include "service/base/status.h"

namespace colophon {

// How long to wait before a try is repeated that ended with `status`; `attempt` is 0 for
// the first one. Each is about twice as long as the one before, with jitter; a provider's
// own word (Retry-After) is taken when it is longer.
absl::Duration BackoffOf(int attempt, const absl::Status& status);

}  // namespace colophon
