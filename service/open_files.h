#pragma once

// Who may open how many files: the process has a limit for all of them, and what
// exceeds it fails, the store's next log among it, which ends the server.

#include <cstdint>

#include "service/base/status.h"
#include "service/config.h"

namespace colophon {

struct OpenFiles {
  int store = 0;             // Data files that the store keeps open.
  int provider_calls = 0;    // At once; each has a connection.
  int kept_connections = 0;  // To providers, for calls to come.
  int connections = 0;       // Of clients by gRPC.
  int http_connections = 0;  // Of clients by HTTP; 0 when that is off.
};

// Shares the limit (RLIMIT_NOFILE) and leaves some in reserve. What the
// configuration says holds where the limit allows it; calls get fewer where it
// doesn't. FAILED_PRECONDITION OPEN_FILES when max_connections is more than is left,
// or the limit too low to serve at all.
absl::StatusOr<OpenFiles> ShareOpenFiles(int64_t limit, const Config& config);

// The same for this process.
absl::StatusOr<OpenFiles> ShareOpenFiles(const Config& config);

}  // namespace colophon
