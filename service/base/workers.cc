#include "service/base/workers.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

absl::Status Busy(std::string_view whose, size_t count) {
  return WithRetryDelay(
      ResourceExhausted("BUSY", fmt::format("{} {} requests are running or waiting, which is the "
                                            "limit; try again a little later",
                                            count, whose)),
      absl::Milliseconds(100));
}

}  // namespace

Workers::Workers(int thread_count, int queue_limit)
    : share_threads_(std::max(1, thread_count / 2)),
      queue_limit_(queue_limit),
      share_limit_(std::max(1, queue_limit / 2)) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() { Stop(); }

absl::Status Workers::Run(std::string_view who, Job job, Order order) {
  {
    std::lock_guard lock(mu_);
    if (stopping_) {
      return Unavailable("STOPPING", "the server is stopping; call another one or try again");
    }
    if (waiting_ + running_ >= queue_limit_ + threads_.size()) {
      return Busy("", waiting_ + running_);
    }
    std::unique_ptr<Share>& share = shares_[std::string(who)];
    if (share == nullptr) {
      share = std::make_unique<Share>();
      share->who = who;
    }
    if (share->waiting.size() >= share_limit_) {
      return Busy("of your", share->waiting.size() + share->running);
    }
    if (order == Order::kNext) {
      share->waiting.push_front(std::move(job));
    } else {
      share->waiting.push_back(std::move(job));
    }
    ++waiting_;
    TakeTurn(share.get());
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void Workers::Stop() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Workers::Work() {
  std::unique_lock lock(mu_);
  while (true) {
    changed_.wait(lock, [this] { return !turns_.empty() || (stopping_ && waiting_ == 0); });
    if (turns_.empty()) return;
    Share* const share = turns_.front();
    turns_.pop_front();
    share->in_turn = false;
    Job job = std::move(share->waiting.front());
    share->waiting.pop_front();
    --waiting_;
    ++running_;
    ++share->running;
    TakeTurn(share);
    lock.unlock();
    try {
      job();
    } catch (...) {
      // Who waits for an answer catches it himself: see RunOn and Adapter.
    }
    job = nullptr;  // What it holds is let go before another one may come.
    lock.lock();
    --running_;
    --share->running;
    TakeTurn(share);
    Forget(share);
    if (stopping_ && waiting_ == 0) changed_.notify_all();
  }
}

void Workers::TakeTurn(Share* share) {
  if (share->in_turn || share->waiting.empty() || share->running >= share_threads_) return;
  share->in_turn = true;
  turns_.push_back(share);
  changed_.notify_one();
}

void Workers::Forget(Share* share) {
  if (share->waiting.empty() && share->running == 0) shares_.erase(share->who);
}

}  // namespace colophon
