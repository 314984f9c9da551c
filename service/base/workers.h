#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "service/base/status.h"

namespace colophon {

// To read, write or convert more bytes than this takes longer than a millisecond:
// work for Workers.
inline constexpr size_t kLargeBytes = 64 << 10;

// A few threads for work that may block for the disk or take more than a
// millisecond, which neither a Loop nor gRPC's threads may do. Its queue has an
// end: who comes when it is full hears so at once instead of waiting for an
// unknown time.
//
// Everybody has a share. Of one caller's jobs at most half of the threads run
// and half of the queue waits, and those who wait are served in turn, however
// much each of them brought: who asks for much waits for himself.
//
// Thread-safe.
class Workers {
 public:
  using Job = std::function<void()>;
  // Among the jobs of one caller. A job that goes on with a call that was begun is
  // next: what it holds is let go before more is begun.
  enum class Order { kLast, kNext };

  // `queue_limit`: jobs that may wait beside those that run.
  Workers(int thread_count, int queue_limit);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `job` for `who`, a caller or whoever's share it is to be. `job` runs
  // exactly when this is OK; what it throws ends it and nothing else.
  // RESOURCE_EXHAUSTED BUSY, with RetryInfo, when the queue or his share of it
  // is full; UNAVAILABLE STOPPING after Stop.
  absl::Status Run(std::string_view who, Job job, Order order = Order::kLast);

  // Runs what is waiting and joins the threads. Idempotent.
  void Stop();

 private:
  // What one caller has here. Is gone when nothing of his waits or runs.
  struct Share {
    std::string who;
    std::deque<Job> waiting;
    int running = 0;
    bool in_turn = false;
  };

  void Work();
  // Both REQUIRE that mu_ is held.
  void TakeTurn(Share* share);
  void Forget(Share* share);

  // Constant after construction.
  const int share_threads_;
  const size_t queue_limit_;
  const size_t share_limit_;
  std::vector<std::thread> threads_;

  std::mutex mu_;
  // Guarded by mu_.
  std::condition_variable changed_;
  std::unordered_map<std::string, std::unique_ptr<Share>> shares_;
  // Those that have a job waiting and a thread of their share left, in turn.
  std::deque<Share*> turns_;
  size_t waiting_ = 0;
  size_t running_ = 0;
  bool stopping_ = false;
};

}  // namespace colophon
