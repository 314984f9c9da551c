#include "service/base/task.h"

#include <future>
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

TEST(ExecutorTest, GivesTheLoopsInTurn) {
  Executor executor(2);
  EXPECT_NE(executor.Next().index(), executor.Next().index());
}

}  // namespace
}  // namespace colophon
