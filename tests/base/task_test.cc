#include "service/base/task.h"

#include <future>
#include <stdexcept>
#include <thread>

#include "boost/asio/co_spawn.hpp"
#include "boost/asio/use_future.hpp"
#include "gmock/gmock.h"
#include "service/base/executor.h"

namespace colophon {
namespace {

Task<std::thread::id> WhereAnotherThreadAnswers() {
  const int answer =
      co_await Await<int>([](auto done) { std::thread([done] { done(42); }).detach(); });
  EXPECT_EQ(answer, 42);
  co_return std::this_thread::get_id();
}

TEST(TaskTest, ResumesOnItsLoopWhoeverAnswers) {
  Executor executor(1);
  std::promise<std::thread::id> loop_thread;
  executor.loop(0).Post([&] { loop_thread.set_value(std::this_thread::get_id()); });
  auto resumed = boost::asio::co_spawn(executor.loop(0).context(), WhereAnotherThreadAnswers(),
                                       boost::asio::use_future);
  EXPECT_EQ(resumed.get(), loop_thread.get_future().get());
}

struct Places {
  std::thread::id answered;
  std::thread::id resumed;
};

Task<Places> WhereAPoolAnswers(boost::asio::thread_pool& pool) {
  Places places;
  places.answered = co_await RunOn(pool, [] { return std::this_thread::get_id(); });
  places.resumed = std::this_thread::get_id();
  co_return places;
}

TEST(TaskTest, WhatMayBlockRunsOnThePool) {
  boost::asio::thread_pool pool(1);
  Executor executor(1);
  std::promise<std::thread::id> loop_thread;
  executor.loop(0).Post([&] { loop_thread.set_value(std::this_thread::get_id()); });
  const Places places = boost::asio::co_spawn(executor.loop(0).context(), WhereAPoolAnswers(pool),
                                              boost::asio::use_future)
                            .get();
  EXPECT_NE(places.answered, places.resumed);
  EXPECT_EQ(places.resumed, loop_thread.get_future().get());
}

Task<int> ThrowOn(boost::asio::thread_pool& pool) {
  co_return co_await RunOn(pool, []() -> int { throw std::runtime_error("no more memory"); });
}

TEST(TaskTest, AnExceptionIsAStatus) {
  boost::asio::thread_pool pool(1);
  Executor executor(1);
  std::promise<absl::Status> end;
  boost::asio::co_spawn(executor.loop(0).context(), ThrowOn(pool),
                        [&](const std::exception_ptr& exception, int) {
                          end.set_value(StatusOfException("counting", exception));
                        });
  const absl::Status status = end.get_future().get();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(MessageOf(status), "counting failed: no more memory");
}

TEST(ExecutorTest, GivesTheLoopsInTurn) {
  Executor executor(2);
  EXPECT_NE(executor.Next().index(), executor.Next().index());
}

}  // namespace
}  // namespace colophon
