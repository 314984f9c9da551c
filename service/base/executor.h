#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"

namespace colophon {

// Called on a Loop's thread after one piece of work held it for too long, when
// everybody else who lives there had to wait: how long, and what for, as
// Loop::WorkOn said, empty when it did not.
using OnHold = std::function<void(std::chrono::nanoseconds held, std::string_view work)>;

// One thread that runs callbacks, timers and sockets, one at a time. A piece of
// work is to hold it for a millisecond at most; what takes longer is for
// Workers. It watches itself: see longest_hold.
class Loop {
 public:
  // What is told to OnHold.
  static constexpr std::chrono::milliseconds kLongHold{20};

  explicit Loop(int index, OnHold on_hold = nullptr);
  // Stops: what has not begun by then does not run.
  ~Loop();

  boost::asio::io_context& context() { return context_; }
  // From 0; counts the loops of one Executor.
  int index() const { return index_; }
  // Thread-safe.
  void Post(std::function<void()> run);
  void Stop();

  // On the loop: the piece of work that runs now is for this, a record's id.
  void WorkOn(std::string_view what) { work_ = what; }

  // The longest that one piece of work held it, in time of the processor, so
  // that what other programs take isn't counted. Exact to a millisecond.
  // Thread-safe.
  std::chrono::nanoseconds longest_hold() const {
    return std::chrono::nanoseconds(longest_hold_.load(std::memory_order_relaxed));
  }

 private:
  class Stopwatch;
  void Run();

  const int index_;
  const OnHold on_hold_;
  std::string work_;  // On the loop only.
  std::atomic<int64_t> longest_hold_{0};
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_guard_;
  std::thread thread_;
};

// A fixed number of Loops. Each completion lives on one of them.
//
// Thread-safe.
class Executor {
 public:
  explicit Executor(int loop_count, const OnHold& on_hold = nullptr);

  // The next one in turn.
  Loop& Next();
  Loop& loop(int index) { return *loops_[index]; }
  int loop_count() const { return static_cast<int>(loops_.size()); }
  // Of all loops.
  std::chrono::nanoseconds longest_hold() const;

  // Joins the threads; work that has not begun is dropped. Idempotent.
  void Stop();

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<unsigned> next_{0};
};

}  // namespace colophon
