#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "boost/asio/steady_timer.hpp"
#include "colophon/v1/registry.pb.h"
#include "service/api/served_call.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/registry/registry.h"

namespace colophon {

// One WatchChanges: a cursor, not a queue. It reads the change at its cursor,
// writes it, moves on, and asks to be woken where there is none; whoever reads
// slowly has one message waiting at his door and the rest in the store.
//
// Its life is the task Run, on one Loop, where everything not said otherwise
// is called and touched.
class Watch final : public std::enable_shared_from_this<Watch> {
 public:
  // `readers` read changes from the store, in a share for each repository.
  Watch(Registry* registry, Workers* readers, Clock* clock, Loop& loop,
        std::shared_ptr<ServedCall> call);

  // Where to begin and how often to send a heartbeat. Called before the task.
  absl::Status Begin(const v1::WatchChangesRequest& request);

  // Runs until the caller goes away or something fails.
  Task<absl::Status> Run();
  Loop& loop() { return loop_; }

  // Ends it with Stopping(). From any thread.
  void Stop();
  // The caller is gone. From any thread.
  void Leave();
  static absl::Status Stopping();

 private:
  // The change at the cursor, if there is one yet.
  Task<absl::StatusOr<std::optional<v1::Change>>> ReadNext();
  // False: the caller is gone.
  Task<bool> Send(v1::WatchChangesResponse message);
  // Until there is something to read, a heartbeat is due, or the call ends.
  Task<void> WaitForChange();

  // Ends the wait. From any thread.
  void EndSoon(absl::Status why);
  v1::WatchChangesResponse Heartbeat() const;

  // Constant after Begin.
  Registry* const registry_;
  Workers* const readers_;
  Clock* const clock_;
  Loop& loop_;
  const std::shared_ptr<ServedCall> call_;
  std::string repository_;
  absl::Duration heartbeat_interval_;

  // On the loop only.
  int64_t next_sequence_ = 0;
  bool woken_ = false;
  absl::Status end_;  // Not OK: why the call is to end.
  boost::asio::steady_timer timer_;
};

}  // namespace colophon
