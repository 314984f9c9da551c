#include "service/base/executor.h"

#include <time.h>

#include <algorithm>
#include <utility>

#include "boost/asio/post.hpp"

namespace colophon {

// How long the piece of work that just ended held its thread.
//
// To ask for a thread's time of the processor is a system call, too much for
// each of many small pieces. So it is asked for once a millisecond at most, and
// the wall's clock, which costs nothing, says which piece was long: what a piece
// took is no more than either of the two says.
class Loop::Stopwatch {
 public:
  void Start() { start_ = Clock::now(); }

  std::chrono::nanoseconds Stop() {
    const Clock::time_point end = Clock::now();
    if (end - asked_at_ < kBetween) return {};
    const std::chrono::nanoseconds used = ThreadTime();
    const std::chrono::nanoseconds held =
        std::min<std::chrono::nanoseconds>(end - start_, used - used_);
    asked_at_ = end;
    used_ = used;
    return held;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kBetween{1};

  static std::chrono::nanoseconds ThreadTime() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  Clock::time_point start_;
  Clock::time_point asked_at_ = Clock::now();
  std::chrono::nanoseconds used_ = ThreadTime();
};

Loop::Loop(int index, OnHold on_hold)
    : index_(index),
      on_hold_(std::move(on_hold)),
      work_guard_(context_.get_executor()),
      thread_([this] { Run(); }) {}

Loop::~Loop() { Stop(); }

void Loop::Run() {
  Stopwatch stopwatch;
  stopwatch.Start();
  while (context_.run_one() > 0) {
    const std::chrono::nanoseconds held = stopwatch.Stop();
    if (held.count() > longest_hold_.load(std::memory_order_relaxed)) {
      longest_hold_.store(held.count(), std::memory_order_relaxed);
    }
    if (held > kLongHold && on_hold_) on_hold_(held, work_);
    work_.clear();
    stopwatch.Start();
  }
}

void Loop::Post(std::function<void()> run) { boost::asio::post(context_, std::move(run)); }

void Loop::Stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

Executor::Executor(int loop_count, const OnHold& on_hold) {
  for (int i = 0; i < loop_count; ++i) loops_.push_back(std::make_unique<Loop>(i, on_hold));
}

Loop& Executor::Next() {
  return *loops_[next_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

std::chrono::nanoseconds Executor::longest_hold() const {
  std::chrono::nanoseconds longest{0};
  for (const auto& loop : loops_) longest = std::max(longest, loop->longest_hold());
  return longest;
}

void Executor::Stop() {
  for (auto& loop : loops_) loop->Stop();
}

}  // namespace colophon
