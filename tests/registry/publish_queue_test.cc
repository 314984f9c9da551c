// One greedy repository, or one greedy caller of a repository, takes its share of
// the threads that make changes and of the memory for those that wait.

#include "service/registry/publish_queue.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

class PublishQueueTest : public testing::Test {
 protected:
  // A job that is written down when it is done.
  PublishQueue::Job Noted(const std::string& repository, const std::string& caller,
                          const std::string& name, size_t bytes = 1) {
    return {.repository = repository,
            .caller = caller,
            .bytes = bytes,
            .run =
                [this, name] {
                  Note(name);
                  return true;
                },
            .refuse =
                [this, name](const absl::Status& status) {
                  Note(fmt::format("{} {}", name, ReasonOf(status)));
                }};
  }
  // A job that runs until `end` is set.
  PublishQueue::Job Long(const std::string& repository) {
    return {.repository = repository,
            .caller = "slow",
            .bytes = 1,
            .run =
                [this] {
                  begun_.set_value();
                  end_.get_future().wait();
                  return true;
                },
            .refuse = [](const absl::Status&) {}};
  }
  void Note(const std::string& name) {
    std::lock_guard lock(mu_);
    done_.push_back(name);
    changed_.notify_all();
  }
  // The first `count` that were done, at most 30 s later.
  std::vector<std::string> Done(size_t count) {
    std::unique_lock lock(mu_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return done_.size() >= count; });
    return done_;
  }

  std::promise<void> begun_, end_;
  std::mutex mu_;
  std::condition_variable changed_;
  std::vector<std::string> done_;
};

TEST_F(PublishQueueTest, RepositoriesTakeTurns) {
  PublishQueue queue(1);
  ASSERT_OK(queue.Push(Long("greedy")));
  begun_.get_future().wait();
  for (int i = 0; i < 100; ++i) ASSERT_OK(queue.Push(Noted("greedy", "a", fmt::format("g{}", i))));
  ASSERT_OK(queue.Push(Noted("modest", "b", "m")));
  end_.set_value();
  const auto done = Done(101);
  ASSERT_EQ(done.size(), 101u);
  EXPECT_LE(std::find(done.begin(), done.end(), "m") - done.begin(), 1);
}

TEST_F(PublishQueueTest, ALongChangeHoldsOneThreadAndItsOwnRepository) {
  PublishQueue queue(2);
  ASSERT_OK(queue.Push(Long("greedy")));
  begun_.get_future().wait();
  ASSERT_OK(queue.Push(Noted("greedy", "a", "g")));
  for (int i = 0; i < 3; ++i) ASSERT_OK(queue.Push(Noted("modest", "b", fmt::format("m{}", i))));
  EXPECT_THAT(Done(3), ElementsAre("m0", "m1", "m2"));
  end_.set_value();
  EXPECT_THAT(Done(4), ElementsAre("m0", "m1", "m2", "g"));
}

TEST_F(PublishQueueTest, CallersOfARepositoryTakeTurnsAndKeepTheirOrder) {
  PublishQueue queue(1);
  ASSERT_OK(queue.Push(Long("acme")));
  begun_.get_future().wait();
  for (int i = 0; i < 3; ++i) ASSERT_OK(queue.Push(Noted("acme", "a", fmt::format("a{}", i))));
  for (int i = 0; i < 2; ++i) ASSERT_OK(queue.Push(Noted("acme", "b", fmt::format("b{}", i))));
  end_.set_value();
  EXPECT_THAT(Done(5), ElementsAre("a0", "b0", "a1", "b1", "a2"));
}

TEST_F(PublishQueueTest, WhatWaitsIsBounded) {
  PublishQueue queue(1);
  ASSERT_OK(queue.Push(Long("acme")));
  begun_.get_future().wait();
  const auto fill = [&](const std::string& repository, const std::string& caller, size_t count) {
    for (size_t i = 0; i < count; ++i) ASSERT_OK(queue.Push(Noted(repository, caller, "x")));
  };
  fill("acme", "a", PublishQueue::kMaxOfCaller);
  const absl::Status of_caller = queue.Push(Noted("acme", "a", "x"));
  EXPECT_THAT(of_caller, ErrorIs(kExhausted, "BUSY", HasSubstr("1024 changes of acme by this")));
  EXPECT_GT(RetryDelayOf(of_caller).value_or(absl::ZeroDuration()), absl::ZeroDuration());

  // Others of the repository still may, up to its own limit.
  for (const char* caller : {"b", "c", "d"}) fill("acme", caller, PublishQueue::kMaxOfCaller);
  EXPECT_THAT(queue.Push(Noted("acme", "e", "x")),
              ErrorIs(kExhausted, "BUSY", HasSubstr("4096 changes of acme wait")));
  for (int r = 0; r < 12; ++r) {
    fill(fmt::format("other-{}", r), "a", PublishQueue::kMaxOfCaller);
  }
  EXPECT_THAT(queue.Push(Noted("last", "a", "x")),
              ErrorIs(kExhausted, "BUSY", HasSubstr("16384 changes of all repositories")));
  end_.set_value();
  EXPECT_EQ(Done(PublishQueue::kMaxInAll).size(), PublishQueue::kMaxInAll);
  EXPECT_OK(queue.Push(Noted("last", "a", "x")));
}

TEST_F(PublishQueueTest, BytesThatWaitAreBounded) {
  PublishQueue queue(1);
  ASSERT_OK(queue.Push(Long("acme")));
  begun_.get_future().wait();
  // One that is larger than the limit has its turn too.
  ASSERT_OK(queue.Push(Noted("acme", "a", "x", PublishQueue::kMaxBytesOfRepository + 1)));
  EXPECT_THAT(queue.Push(Noted("acme", "b", "x")), ErrorIs(kExhausted, "BUSY"));
  for (int r = 0; r < 2; ++r) {
    ASSERT_OK(queue.Push(
        Noted(fmt::format("other-{}", r), "a", "x", PublishQueue::kMaxBytesOfRepository)));
  }
  EXPECT_THAT(queue.Push(Noted("last", "a", "x", PublishQueue::kMaxBytesOfRepository)),
              ErrorIs(kExhausted, "BUSY", HasSubstr("of all repositories")));
  end_.set_value();
}

TEST_F(PublishQueueTest, AJobThatCantRunYetKeepsItsPlace) {
  PublishQueue queue(1);
  std::atomic<bool> ready = false;
  std::promise<void> tried;
  auto first = Noted("acme", "a", "first");
  first.run = [&, run = first.run, told = false]() mutable {
    if (ready) return run();
    if (!std::exchange(told, true)) tried.set_value();
    return false;
  };
  ASSERT_OK(queue.Push(std::move(first)));
  ASSERT_OK(queue.Push(Noted("acme", "b", "second")));
  tried.get_future().wait();
  ASSERT_OK(queue.Push(Noted("other", "a", "elsewhere")));
  EXPECT_THAT(Done(1), ElementsAre("elsewhere"));
  ready = true;
  queue.Resume("acme");
  EXPECT_THAT(Done(3), ElementsAre("elsewhere", "first", "second"));
  queue.Resume("nobody");
}

TEST_F(PublishQueueTest, AResumeWhileTheJobLooksIsntLost) {
  PublishQueue queue(1);
  auto job = Noted("acme", "a", "done");
  job.run = [&, run = job.run, looks = 0]() mutable {
    if (++looks > 1) return run();
    queue.Resume("acme");
    return false;
  };
  ASSERT_OK(queue.Push(std::move(job)));
  EXPECT_THAT(Done(1), ElementsAre("done"));
}

TEST_F(PublishQueueTest, StopRefusesWhatWaits) {
  PublishQueue queue(1);
  ASSERT_OK(queue.Push(Long("acme")));
  begun_.get_future().wait();
  ASSERT_OK(queue.Push(Noted("acme", "a", "one")));
  ASSERT_OK(queue.Push(Noted("other", "a", "two")));
  std::thread stopper([&] { queue.Stop(); });
  // From then on nothing is taken.
  while (!absl::IsUnavailable(queue.Push(Noted("third", "a", "three")))) {
  }
  end_.set_value();
  stopper.join();
  std::vector<std::string> done = Done(2);
  std::erase(done, "three STOPPING");
  EXPECT_THAT(done, ElementsAre("one STOPPING", "two STOPPING"));
  EXPECT_THAT(queue.Push(Noted("acme", "a", "x")),
              ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
}

}  // namespace
}  // namespace colophon
