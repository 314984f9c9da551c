#include "service/base/executor.h"

#include <time.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "boost/asio/steady_timer.hpp"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using std::chrono::milliseconds;

TEST(ExecutorTest, GivesTheLoopsInTurn) {
  Executor executor(2);
  EXPECT_NE(executor.Next().index(), executor.Next().index());
}

struct Hold {
  std::chrono::nanoseconds held;
  std::string work;
};

// A loop of one thread, whose holds are kept.
class HoldTest : public testing::Test {
 protected:
  // Runs `work` on the loop, and what comes after it.
  void RunOnLoop(std::function<void()> work) {
    executor_.loop(0).Post(std::move(work));
    std::promise<void> after;
    executor_.loop(0).Post([&] { after.set_value(); });
    after.get_future().get();
  }

  // Until this thread has used so much of the processor.
  static void Work(milliseconds time) {
    const auto used = [] {
      timespec now{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    };
    const auto end = used() + time;
    while (used() < end) {
    }
  }

  std::vector<Hold> holds_;  // Of the loop's thread while it runs.
  Executor executor_{1, [this](std::chrono::nanoseconds held, std::string_view work) {
                       holds_.push_back({held, std::string(work)});
                     }};
};

TEST_F(HoldTest, LongWorkIsToldWithWhatItWasFor) {
  RunOnLoop([this] {
    executor_.loop(0).WorkOn("record 7");
    Work(milliseconds(30));
  });
  executor_.Stop();
  ASSERT_EQ(holds_.size(), 1u);
  EXPECT_EQ(holds_[0].work, "record 7");
  EXPECT_GE(holds_[0].held, milliseconds(29));
  EXPECT_EQ(executor_.longest_hold(), holds_[0].held);
}

TEST_F(HoldTest, ALoopThatWaitsIsNotHeld) {
  boost::asio::steady_timer timer(executor_.loop(0).context(), milliseconds(50));
  std::promise<void> rang;
  RunOnLoop([&] { timer.async_wait([&](boost::system::error_code) { rang.set_value(); }); });
  rang.get_future().get();
  executor_.Stop();
  EXPECT_TRUE(holds_.empty());
  EXPECT_LT(executor_.longest_hold(), Loop::kLongHold);
}

TEST_F(HoldTest, ManyShortPiecesAreNoLongOne) {
  for (int i = 0; i < 100; ++i) executor_.loop(0).Post([] { Work(milliseconds(1)); });
  RunOnLoop([] {});
  executor_.Stop();
  EXPECT_TRUE(holds_.empty());
  EXPECT_LT(executor_.longest_hold(), Loop::kLongHold);
}

// Time that another program has the processor isn't the work's.
TEST_F(HoldTest, WhoSleepsUsesNothing) {
  RunOnLoop([] {
    boost::asio::io_context elsewhere;
    boost::asio::steady_timer timer(elsewhere, milliseconds(50));
    timer.wait();
  });
  executor_.Stop();
  EXPECT_TRUE(holds_.empty());
}

}  // namespace
}  // namespace colophon
