#include "service/api/watchers.h"

#include <vector>

#include "boost/asio/co_spawn.hpp"
#include "fmt/format.h"
#include "service/api/watch.h"

namespace colophon {
namespace {

constexpr int kReaderThreads = 2;

}  // namespace

Watchers::Watchers(Registry* registry, Executor* executor, Clock* clock)
    : registry_(registry),
      executor_(executor),
      clock_(clock),
      readers_(kReaderThreads, 2 * kMaxWatchers) {}

Watchers::~Watchers() = default;

void Watchers::Start(const std::shared_ptr<ServedCall>& call) {
  auto watch = std::make_shared<Watch>(registry_, &readers_, clock_, executor_->Next(), call);
  absl::Status begun = watch->Begin(*static_cast<v1::WatchChangesRequest*>(call->request()));
  if (begun.ok()) begun = Add(watch);
  if (!begun.ok()) return call->End(begun);
  call->set_on_gone([watch] { watch->Leave(); });
  boost::asio::co_spawn(
      watch->loop().context(), watch->Run(),
      [this, watch, call](const std::exception_ptr& exception, absl::Status status) {
        if (exception != nullptr) {
          status = StatusOfException("watching", exception);
        }
        Remove(watch);
        call->End(status);
      });
}

void Watchers::Stop() {
  std::vector<std::shared_ptr<Watch>> watchers;
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

absl::Status Watchers::Add(const std::shared_ptr<Watch>& watcher) {
  std::lock_guard lock(mu_);
  if (stopping_) return Watch::Stopping();
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

void Watchers::Remove(const std::shared_ptr<Watch>& watcher) {
  std::lock_guard lock(mu_);
  watchers_.erase(watcher);
}

}  // namespace colophon
