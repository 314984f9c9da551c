#include "service/rpc/bounded_pool.h"

#include <utility>

#include "fmt/format.h"

namespace colophon {

BoundedPool::BoundedPool(int thread_count, int queue_limit)
    : job_limit_(thread_count + queue_limit) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { Work(); });
}

BoundedPool::~BoundedPool() { Stop(); }

absl::Status BoundedPool::Run(std::function<void()> job) {
  {
    std::lock_guard lock(mu_);
    if (stopping_) {
      return Unavailable("STOPPING", "the server is stopping; call another one or try again");
    }
    if (running_ + waiting_.size() >= job_limit_) {
      return WithRetryDelay(
          ResourceExhausted("BUSY", fmt::format("{} requests are running or waiting, which is the "
                                                "limit; try again a little later",
                                                job_limit_)),
          absl::Milliseconds(100));
    }
    waiting_.push_back(std::move(job));
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void BoundedPool::Stop() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void BoundedPool::Work() {
  std::unique_lock lock(mu_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::function<void()> job = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    lock.unlock();
    job();
    job = nullptr;  // What it holds is let go before another one may come.
    lock.lock();
    --running_;
  }
}

}  // namespace colophon
