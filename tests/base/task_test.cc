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

Task<Places> WhereAWorkerAnswers(Workers& workers) {
  Places places;
  const absl::StatusOr<std::thread::id> answered = co_await RunOn(
      workers, "ada",
      []() -> absl::StatusOr<std::thread::id> { return std::this_thread::get_id(); });
  EXPECT_TRUE(answered.ok());
  places.answered = answered.value_or(std::thread::id());
  places.resumed = std::this_thread::get_id();
  co_return places;
}

TEST(TaskTest, WhatMayBlockRunsOnAWorker) {
  Workers workers(1, 1);
  Executor executor(1);
  std::promise<std::thread::id> loop_thread;
  executor.loop(0).Post([&] { loop_thread.set_value(std::this_thread::get_id()); });
  const Places places = boost::asio::co_spawn(executor.loop(0).context(),
                                              WhereAWorkerAnswers(workers), boost::asio::use_future)
                            .get();
  EXPECT_NE(places.answered, places.resumed);
  EXPECT_EQ(places.resumed, loop_thread.get_future().get());
}

Task<absl::Status> ThrowOn(Workers& workers) {
  co_return co_await RunOn(workers, "ada",
                           []() -> absl::Status { throw std::runtime_error("no more memory"); });
}

TEST(TaskTest, AnExceptionIsAStatus) {
  Workers workers(1, 1);
  Executor executor(1);
  const absl::Status status =
      boost::asio::co_spawn(executor.loop(0).context(), ThrowOn(workers), boost::asio::use_future)
          .get();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(MessageOf(status), "the work failed: no more memory");
}

Task<absl::Status> AskStopped(Workers& workers) {
  workers.Stop();
  co_return co_await RunOn(workers, "ada", [] { return absl::OkStatus(); });
}

TEST(TaskTest, WhatTheWorkersRefuseIsTheAnswer) {
  Workers workers(1, 1);
  Executor executor(1);
  const absl::Status status = boost::asio::co_spawn(executor.loop(0).context(), AskStopped(workers),
                                                    boost::asio::use_future)
                                  .get();
  EXPECT_EQ(ReasonOf(status), "STOPPING");
}

}  // namespace
}  // namespace colophon
