#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "service/store/write_done.h"

namespace colophon {

// Does the writes in the order they come in, on a thread of its own.
//
// Thread-safe.
class MemoryCommitter {
 public:
  using Write = std::function<absl::Status()>;

  MemoryCommitter() : thread_([this] { Run(); }) {}
  // After all writes.
  ~MemoryCommitter() {
    {
      std::lock_guard lock(mu_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Add(Write write, Done done) {
    {
      std::lock_guard lock(mu_);
      queue_.emplace_back(std::move(write), std::move(done));
    }
    wake_.notify_one();
  }

 private:
  void Run() {
    std::unique_lock lock(mu_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto [write, done] = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      done(write());
      lock.lock();
    }
  }

  std::mutex mu_;
  std::condition_variable wake_;
  // Guarded by mu_.
  std::deque<std::pair<Write, Done>> queue_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace colophon
