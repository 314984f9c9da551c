#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>

#include "colophon/v1/registry.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/workers.h"
#include "service/registry/registry.h"
#include "service/rpc/rpc.h"

namespace colophon {

class WatchCall;

// Everyone who watches a repository.
//
// Thread-safe.
class Watchers {
 public:
  // One more is RESOURCE_EXHAUSTED.
  static constexpr int kMaxWatchers = 10'000;

  Watchers(Registry* registry, Executor* executor, Clock* clock, RpcCounters* counters);
  // REQUIRES: gRPC has done with all of them.
  ~Watchers();

  // Starts a watcher and gives the reactor that the method returns to gRPC.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer& request);

  // Ends all, now and from now on, with UNAVAILABLE STOPPING.
  void Stop();

  int count() const;

 private:
  friend class WatchCall;

  // RESOURCE_EXHAUSTED TOO_MANY_WATCHERS; UNAVAILABLE STOPPING.
  absl::Status Add(const std::shared_ptr<WatchCall>& watcher);
  void Remove(const std::shared_ptr<WatchCall>& watcher);

  // Constant after construction.
  Registry* const registry_;
  Executor* const executor_;
  Clock* const clock_;
  RpcCounters* const counters_;

  // Reads changes from the store, in a share for each repository. Its own pool,
  // so that a label move reaches the watchers while the other one is busy; each
  // of them waits here at most once, so neither it nor a share is ever full.
  Workers readers_;

  mutable std::mutex mu_;
  // Guarded by mu_.
  std::unordered_set<std::shared_ptr<WatchCall>> watchers_;
  bool stopping_ = false;
};

}  // namespace colophon
