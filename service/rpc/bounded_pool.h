#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "service/base/status.h"

namespace colophon {

// A few threads for work that may block for a disk read, which gRPC forbids in
// its callbacks, and a queue with an end: who comes when it is full hears so at
// once instead of waiting for an unknown time.
//
// Thread-safe.
class BoundedPool {
 public:
  // `queue_limit`: jobs that may wait beside those that run.
  BoundedPool(int thread_count, int queue_limit);
  ~BoundedPool();

  // RESOURCE_EXHAUSTED BUSY, with RetryInfo, when the queue is full;
  // UNAVAILABLE STOPPING after Stop. `job` runs exactly when this is OK.
  absl::Status Run(std::function<void()> job);

  // Runs what is waiting and joins the threads. Idempotent.
  void Stop();

 private:
  void Work();

  // Constant after construction.
  const size_t job_limit_;
  std::vector<std::thread> threads_;

  std::mutex mu_;
  // Guarded by mu_.
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace colophon
