#include "service/rpc/watchers.h"

#include <vector>

#include "fmt/format.h"
#include "service/rpc/watch_call.h"

namespace colophon {
namespace {

constexpr int kReaderThreads = 2;

}  // namespace

Watchers::Watchers(Registry* registry, Executor* executor, Clock* clock, RpcCounters* counters)
    : registry_(registry),
      executor_(executor),
      clock_(clock),
      counters_(counters),
      readers_(kReaderThreads, 2 * kMaxWatchers) {}

Watchers::~Watchers() = default;

grpc::ServerWriteReactor<grpc::ByteBuffer>* Watchers::Start(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer& request) {
  return WatchCall::Start(this, context, request);
}

void Watchers::Stop() {
  std::vector<std::shared_ptr<WatchCall>> watchers;
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    watchers.assign(watchers_.begin(), watchers_.end());
  }
  for (const auto& watcher : watchers) watcher->Stop();
}

int Watchers::count() const {
  std::lock_guard lock(mu_);
  return static_cast<int>(watchers_.size());
}

absl::Status Watchers::Add(const std::shared_ptr<WatchCall>& watcher) {
  std::lock_guard lock(mu_);
  if (stopping_) return WatchCall::Stopping();
  if (static_cast<int>(watchers_.size()) >= kMaxWatchers) {
    return WithRetryDelay(
        ResourceExhausted("TOO_MANY_WATCHERS",
                          fmt::format("{} watchers are connected, which is the limit; share one "
                                      "watcher among the callers of a process",
                                      kMaxWatchers)),
        absl::Seconds(10));
  }
  watchers_.insert(watcher);
  return absl::OkStatus();
}

void Watchers::Remove(const std::shared_ptr<WatchCall>& watcher) {
  std::lock_guard lock(mu_);
  watchers_.erase(watcher);
}

}  // namespace colophon
