#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>

#include "colophon/v1/registry.pb.h"
#include "service/api/served_call.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/workers.h"
#include "service/registry/registry.h"

namespace colophon {

class Watch;

// Everyone who watches a repository.
//
// Thread-safe.
class Watchers {
 public:
  // One more is RESOURCE_EXHAUSTED.
  static constexpr int kMaxWatchers = 10'000;

  Watchers(Registry* registry, Executor* executor, Clock* clock);
  // REQUIRES: none is left.
  ~Watchers();

  // Serves a WatchChanges, which lasts until its caller goes away.
  void Start(const std::shared_ptr<ServedCall>& call);

  // Ends all, now and from now on, with UNAVAILABLE STOPPING.
  void Stop();

  int count() const;

 private:
  // RESOURCE_EXHAUSTED TOO_MANY_WATCHERS; UNAVAILABLE STOPPING.
  absl::Status Add(const std::shared_ptr<Watch>& watcher);
  void Remove(const std::shared_ptr<Watch>& watcher);

  // Constant after construction.
  Registry* const registry_;
  Executor* const executor_;
  Clock* const clock_;

  // Its own pool, so that a label move reaches the watchers while the other one is busy; each
  // of them waits here at most once, so neither it nor a share is ever full.
  Workers readers_;

  mutable std::mutex mu_;
  // Guarded by mu_.
  std::unordered_set<std::shared_ptr<Watch>> watchers_;
  bool stopping_ = false;
};

}  // namespace colophon
