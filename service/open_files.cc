#include "service/open_files.h"

#include <sys/resource.h>

#include <algorithm>

#include "fmt/format.h"
#include "service/provider/http_connections.h"

namespace colophon {
namespace {

// The standard streams, the listening socket, gRPC's and curl's own, the store's
// logs, directories and the files that it is writing; and some that nobody has.
constexpr int64_t kReserve = 96;
// Polling and timers of a completion loop, and of its HTTP client.
constexpr int64_t kFilesOfLoop = 8;

constexpr int64_t kMinStoreFiles = 32;
constexpr int64_t kMaxStoreFiles = 8'192;
// Fewer of either, or of as many calls as are configured, would be no service.
constexpr int64_t kMinConnections = 16;
constexpr int64_t kMinCalls = 16;
// Of a default: memory is used up first.
constexpr int64_t kMaxConnections = 50'000;
constexpr int64_t kHighestLimit = 1 << 20;

}  // namespace

absl::StatusOr<OpenFiles> ShareOpenFiles(int64_t limit, const Config& config) {
  limit = std::min(limit, kHighestLimit);
  const int64_t usable = limit - kReserve - kFilesOfLoop * config.completion_threads;
  const int64_t store = std::clamp(usable / 4, kMinStoreFiles, kMaxStoreFiles);
  int64_t rest = usable - store;
  if (rest < kMinConnections + kMinCalls) {
    return FailedPrecondition(
        "OPEN_FILES",
        fmt::format("this process may open {} files, which is too few: raise the limit (ulimit -n, "
                    "LimitNOFILE of systemd) to {} or more",
                    limit, limit - rest + kMinConnections + kMinCalls));
  }
  OpenFiles share;
  share.store = static_cast<int>(store);
  share.kept_connections =
      static_cast<int>(std::min<int64_t>((rest - kMinConnections - kMinCalls) / 4,
                                         config.completion_threads * HttpConnections::kMaxKept));
  rest -= share.kept_connections;
  share.connections = config.max_connections;
  if (share.connections == 0) {
    const int64_t calls = std::min<int64_t>(config.max_open_completions, rest / 2);
    share.connections = static_cast<int>(std::min(rest - calls, kMaxConnections));
  }
  const int64_t calls = rest - share.connections;
  if (const int64_t min_calls = std::min<int64_t>(config.max_open_completions, kMinCalls);
      calls < min_calls) {
    return FailedPrecondition(
        "OPEN_FILES",
        fmt::format("max_connections is {}, but this process may open {} files, of which {} are "
                    "for the store and in reserve: raise the limit (ulimit -n, LimitNOFILE of "
                    "systemd), or set max_connections to {} or less",
                    share.connections, limit, limit - rest, rest - min_calls));
  }
  share.provider_calls = static_cast<int>(std::min<int64_t>(calls, config.max_open_completions));
  if (config.http_listen) {
    share.http_connections = std::max(1, share.connections / 4);
    share.connections -= share.http_connections;
  }
  return share;
}

absl::StatusOr<OpenFiles> ShareOpenFiles(const Config& config) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > kHighestLimit) {
    return ShareOpenFiles(kHighestLimit, config);
  }
  return ShareOpenFiles(static_cast<int64_t>(limit.rlim_cur), config);
}

}  // namespace colophon
