#include "service/base/workers.h"

#include <atomic>
#include <future>
#include <stdexcept>

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;

// Jobs that wait until they are let go.
class WorkersTest : public testing::Test {
 protected:
  Workers::Job Waits() {
    return [this, open = open_] {
      ++running_;
      open.wait();
    };
  }
  void Open() { gate_.set_value(); }
  void AwaitRunning(int count) {
    while (running_ < count) std::this_thread::yield();
  }

  std::promise<void> gate_;
  std::shared_future<void> open_ = gate_.get_future().share();
  std::atomic<int> running_{0};
};

TEST_F(WorkersTest, RefuseAtOnceWhatExceedsThreadsAndQueue) {
  Workers workers(2, 4);
  for (int i = 0; i < 6; ++i) ASSERT_OK(workers.Run(std::to_string(i), Waits()));
  const absl::Status refused = workers.Run("one more", Waits());
  EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kResourceExhausted, "BUSY"));
  EXPECT_TRUE(RetryDelayOf(refused).has_value());
  Open();
  workers.Stop();
  EXPECT_EQ(running_, 6);
}

// Kind: one who asks for much takes everything. He has half of the threads and
// half of the queue, and another one is served at once.
TEST_F(WorkersTest, AGreedyCallerHasHisShareOnly) {
  Workers workers(4, 20);
  for (int i = 0; i < 10; ++i) ASSERT_OK(workers.Run("greedy", Waits()));
  AwaitRunning(2);
  std::promise<void> served;
  ASSERT_OK(workers.Run("modest", [&] { served.set_value(); }));
  served.get_future().get();
  EXPECT_EQ(running_, 2);

  absl::Status refused;
  int taken = 0;
  while ((refused = workers.Run("greedy", Waits())).ok()) ++taken;
  EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kResourceExhausted, "BUSY"));
  EXPECT_EQ(taken, 2);  // Two run and ten wait.
  EXPECT_OK(workers.Run("modest", Waits()));
  Open();
}

TEST_F(WorkersTest, ThoseWhoWaitAreServedInTurn) {
  Workers workers(1, 20);
  ASSERT_OK(workers.Run("first", Waits()));
  AwaitRunning(1);
  std::vector<std::string> order;
  for (const char* who : {"a", "a", "a", "b", "b", "c"}) {
    ASSERT_OK(workers.Run(who, [&order, who] { order.push_back(who); }));
  }
  Open();
  workers.Stop();
  EXPECT_THAT(order, ElementsAre("a", "b", "c", "a", "b", "a"));
}

// Kind: much is begun, all of it is held, and nothing ends.
TEST_F(WorkersTest, WhatGoesOnComesBeforeWhatHasNotBegun) {
  Workers workers(2, 20);
  ASSERT_OK(workers.Run("caller", Waits()));
  AwaitRunning(1);
  std::vector<std::string> order;  // One of his runs at a time.
  const auto note = [&](const std::string& what) {
    return [&order, what] { order.push_back(what); };
  };
  ASSERT_OK(workers.Run("caller", note("begins")));
  ASSERT_OK(workers.Run("caller", note("begins later")));
  ASSERT_OK(workers.Run("caller", note("goes on"), Workers::Order::kNext));
  Open();
  workers.Stop();
  EXPECT_THAT(order, ElementsAre("goes on", "begins", "begins later"));
}

TEST_F(WorkersTest, TakeMoreWhenSomeHaveEnded) {
  Workers workers(1, 1);
  for (int i = 0; i < 1000; ++i) {
    std::promise<void> ran;
    ASSERT_OK(workers.Run("ada", [&] { ran.set_value(); }));
    ran.get_future().get();
  }
}

TEST_F(WorkersTest, RunWhatWaitsBeforeTheyStopAndNothingAfter) {
  std::atomic<int> ran{0};
  Workers workers(1, 100);
  for (int i = 0; i < 50; ++i) ASSERT_OK(workers.Run("ada", [&] { ++ran; }));
  workers.Stop();
  EXPECT_EQ(ran, 50);
  EXPECT_THAT(workers.Run("ada", [&] { ++ran; }),
              ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(ran, 50);
}

TEST_F(WorkersTest, AJobThatThrowsEndsAlone) {
  Workers workers(1, 10);
  ASSERT_OK(workers.Run("ada", [] { throw std::runtime_error("no more memory"); }));
  std::promise<void> ran;
  ASSERT_OK(workers.Run("ada", [&] { ran.set_value(); }));
  ran.get_future().get();
}

}  // namespace
}  // namespace colophon
