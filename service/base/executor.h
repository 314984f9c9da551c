#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"

namespace colophon {

// One thread that runs callbacks, timers and sockets, one at a time.
class Loop {
 public:
  explicit Loop(int index);
  // Stops: what has not begun by then does not run.
  ~Loop();

  boost::asio::io_context& context() { return context_; }
  // From 0; counts the loops of one Executor.
  int index() const { return index_; }
  // Thread-safe.
  void Post(std::function<void()> run);
  void Stop();

 private:
  const int index_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// A fixed number of Loops. Each completion lives on one of them.
//
// Thread-safe.
class Executor {
 public:
  explicit Executor(int loop_count);

  // The next one in turn.
  Loop& Next();
  Loop& loop(int index) { return *loops_[index]; }
  int loop_count() const { return static_cast<int>(loops_.size()); }

  // Joins the threads; work that has not begun is dropped. Idempotent.
  void Stop();

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<unsigned> next_{0};
};

}  // namespace colophon
