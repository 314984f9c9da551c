#include "service/registry/feed.h"

#include <atomic>
#include <future>
#include <thread>

#include "gtest/gtest.h"

namespace colophon {
namespace {

const auto kAtZero = [] { return int64_t{0}; };

TEST(FeedTest, WakesOnceWhenTheSequencePasses) {
  Feed feed;
  int woken = 0;
  feed.Subscribe(
      "acme", 5, [&] { ++woken; }, kAtZero);
  feed.Notify("acme", 5);
  feed.Notify("other", 9);
  EXPECT_EQ(woken, 0);
  feed.Notify("acme", 6);
  feed.Notify("acme", 7);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(feed.subscriber_count(), 0);
}

TEST(FeedTest, WakesAtOnceWhenItIsSoAlready) {
  Feed feed;
  int woken = 0;
  feed.Subscribe(
      "acme", 5, [&] { ++woken; }, [] { return int64_t{6}; });
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(feed.subscriber_count(), 0);
}

TEST(FeedTest, DoesNotWakeWhoUnsubscribed) {
  Feed feed;
  int woken = 0;
  const uint64_t id = feed.Subscribe(
      "acme", 0, [&] { ++woken; }, kAtZero);
  feed.Unsubscribe(id);
  feed.Unsubscribe(id);
  feed.Notify("acme", 1);
  EXPECT_EQ(woken, 0);
}

TEST(FeedTest, AWakeMaySubscribeAgainAndUnsubscribeItselfAndOthers) {
  Feed feed;
  int first = 0, second = 0, third = 0;
  uint64_t first_id = 0, second_id = 0;
  first_id = feed.Subscribe(
      "acme", 0,
      [&] {
        ++first;
        feed.Unsubscribe(first_id);
        feed.Unsubscribe(second_id);
        feed.Subscribe(
            "acme", 1, [&] { ++third; }, kAtZero);
      },
      kAtZero);
  second_id = feed.Subscribe(
      "acme", 0, [&] { ++second; }, kAtZero);
  feed.Notify("acme", 1);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0) << "it was unsubscribed before its turn";
  EXPECT_EQ(third, 0);
  feed.Notify("acme", 2);
  EXPECT_EQ(third, 1);
}

TEST(FeedTest, UnsubscribeWaitsForAWakeThatRuns) {
  Feed feed;
  std::promise<void> running, go_on;
  std::atomic<bool> returned{false};
  const uint64_t id = feed.Subscribe(
      "acme", 0,
      [&] {
        running.set_value();
        go_on.get_future().wait();
        returned = true;
      },
      kAtZero);
  std::thread notifier([&] { feed.Notify("acme", 1); });
  running.get_future().wait();
  std::thread unsubscriber([&] {
    feed.Unsubscribe(id);
    EXPECT_TRUE(returned);
  });
  go_on.set_value();
  unsubscriber.join();
  notifier.join();
}

TEST(FeedTest, DestroysTheWakeBeforeUnsubscribeReturns) {
  Feed feed;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  const uint64_t id = feed.Subscribe(
      "acme", 0, [held = std::move(held)] {}, kAtZero);
  EXPECT_FALSE(watched.expired());
  feed.Unsubscribe(id);
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace colophon
