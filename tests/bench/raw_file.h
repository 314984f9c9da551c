#pragma once

#include <string>

#include "absl/time/time.h"
#include "service/base/status.h"

namespace colophon::bench {

// The limit of durable writes one by one: a loop that appends so many bytes to
// a new file and syncs them.
struct AppendResult {
  double per_second = 0;
  double p50_milliseconds = 0;
};
absl::StatusOr<AppendResult> AppendAndSync(const std::string& path, size_t bytes,
                                           absl::Duration duration);

}  // namespace colophon::bench
