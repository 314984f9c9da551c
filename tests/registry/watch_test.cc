// Many publishers and watchers at once.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Follows a repository as WatchChanges does: a cursor that reads, and is woken
// when there is nothing to read.
class Watcher {
 public:
  Watcher(Registry* registry, int64_t target)
      : registry_(registry), target_(target), thread_([this] { Run(); }) {}
  ~Watcher() {
    if (thread_.joinable()) thread_.join();
  }

  // Waits for the end.
  const std::vector<int64_t>& seen() {
    if (thread_.joinable()) thread_.join();
    return seen_;
  }

 private:
  void Run() {
    int64_t next = 1;
    while (next <= target_) {
      const auto changes = registry_->ListChangesFrom("acme", next, 7);
      if (!changes.ok()) return;
      for (const v1::Change& change : *changes) {
        seen_.push_back(change.sequence());
        next = change.sequence() + 1;
      }
      if (!changes->empty()) continue;
      std::promise<void> woken;
      auto future = woken.get_future();
      const uint64_t id = registry_->Subscribe("acme", next - 1, [&] { woken.set_value(); });
      const bool in_time = future.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
      registry_->Unsubscribe(id);
      if (!in_time) return;
    }
  }

  Registry* const registry_;
  const int64_t target_;
  std::vector<int64_t> seen_;
  std::thread thread_;
};

class ConcurrencyTest : public RegistryFixture {};

TEST_F(ConcurrencyTest, WatchersSeeEachChangeOnceInOrderWithoutGaps) {
  constexpr int kPublishers = 8, kChangesEach = 25, kWatchers = 6;
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < kWatchers; ++i) {
    watchers.push_back(std::make_unique<Watcher>(registry_.get(), kPublishers * kChangesEach));
  }
  std::vector<std::thread> publishers;
  for (int p = 0; p < kPublishers; ++p) {
    publishers.emplace_back([this, p] {
      for (int i = 0; i < kChangesEach; ++i) {
        EXPECT_OK(Publish(Edit().Write("p" + std::to_string(p) + ".prompt", std::to_string(i))));
      }
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  std::vector<int64_t> all;
  for (int64_t i = 1; i <= kPublishers * kChangesEach; ++i) all.push_back(i);
  for (const auto& watcher : watchers) EXPECT_EQ(watcher->seen(), all);
}

TEST_F(ConcurrencyTest, ASubscriberIsWokenWhenTheChangeIsServed) {
  std::promise<std::string> resolved;
  registry_->Subscribe("acme", 0, [&] { resolved.set_value(*Resolve("acme/x@latest")); });
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  EXPECT_EQ(resolved.get_future().get(), "acme/x@v1");
  bool at_once = false;
  registry_->Subscribe("acme", 0, [&] { at_once = true; });
  EXPECT_TRUE(at_once);
  EXPECT_EQ(registry_->ListChangesFrom("acme", 2, 10)->size(), 0u);
}

TEST_F(ConcurrencyTest, SixtyFourPublishersGetTheirOwnSequencesAndVersions) {
  constexpr int kPublishers = 64, kChangesEach = 10;
  std::mutex mu;
  std::set<int64_t> sequences;
  std::set<std::string> versions;
  std::vector<std::thread> publishers;
  for (int p = 0; p < kPublishers; ++p) {
    publishers.emplace_back([&, p] {
      for (int i = 0; i < kChangesEach; ++i) {
        // Four publishers share a prompt, all of them a folder.
        const std::string prompt = "all/p" + std::to_string(p / 4);
        const auto response =
            Publish(Edit()
                        .Write(prompt + ".prompt", std::to_string(p) + " " + std::to_string(i))
                        .Label(prompt, "production", {{0, 0}}));
        ASSERT_OK(response);
        // Who was answered sees it, or something newer.
        const auto resolved = registry_->Resolve("acme/" + prompt, {}, Call());
        ASSERT_OK(resolved);
        std::lock_guard lock(mu);
        EXPECT_GE(resolved->loaded->version.version(), response->change().versions(0).version());
        EXPECT_TRUE(sequences.insert(response->change().sequence()).second);
        EXPECT_TRUE(versions.insert(response->change().versions(0).name()).second);
      }
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(sequences.size(), static_cast<size_t>(kPublishers * kChangesEach));
  EXPECT_EQ(*sequences.rbegin(), kPublishers * kChangesEach);

  // What is in memory is what is on disk.
  const std::string before = Dump();
  Reopen();
  EXPECT_EQ(Dump(), before);
  const auto verified = store_->Verify();
  ASSERT_OK(verified);
  EXPECT_EQ(verified->problems_size(), 0) << verified->DebugString();
}

TEST_F(ConcurrencyTest, ARepeatedRequestInFlightMakesOneChange) {
  constexpr int kRepeats = 32;
  std::vector<std::thread> callers;
  std::mutex mu;
  std::set<std::string> answers;
  for (int i = 0; i < kRepeats; ++i) {
    callers.emplace_back([&] {
      const auto response = Publish(Edit().Write("x.prompt", "1").Id("the-same"));
      std::lock_guard lock(mu);
      answers.insert(response.ok() ? response->SerializeAsString() : response.status().ToString());
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(*registry_->Sequence("acme"), 1);
}

TEST_F(ConcurrencyTest, CompareAndSwapLetsOneWin) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  for (int round = 0; round < 5; ++round) {
    const std::string label = "acme/x@l" + std::to_string(round);
    std::atomic<int> won{0}, lost{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 16; ++i) {
      callers.emplace_back([&] {
        v1::UpdateLabelRequest request;
        request.set_name(label);
        request.mutable_targets()->add_targets()->set_version(1);
        request.mutable_expected();
        const auto response = UpdateLabel(request);
        if (response.ok()) ++won;
        if (ReasonOf(response.status()) == "LABEL_MOVED") ++lost;
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
  }
}

TEST_F(ConcurrencyTest, StoppingAnswersEverybody) {
  constexpr int kRequests = 200;
  std::atomic<int> answered{0}, done{0};
  for (int i = 0; i < kRequests; ++i) {
    registry_->Publish(Edit().Write("x.prompt", std::to_string(i)).request(), {"tester"},
                       [&](const absl::StatusOr<v1::PublishResponse>& response) {
                         ++answered;
                         if (response.ok()) {
                           ++done;
                         } else {
                           EXPECT_EQ(ReasonOf(response.status()), "STOPPING");
                         }
                       });
  }
  registry_ = nullptr;
  EXPECT_EQ(answered, kRequests);
  Reopen();
  EXPECT_EQ(*registry_->Sequence("acme"), done);
}

// Somebody else writes to the same store: another registry stands for another
// node.
TEST_F(ConcurrencyTest, ALostRaceIsToldAndRecoveredFrom) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  auto other = *Registry::Open(store_.get(), &clock_);
  ASSERT_OK(Await<v1::PublishResponse>([&](auto reply) {
    other->Publish(Edit().Write("x.prompt", "theirs").request(), {"them"}, std::move(reply));
  }));
  std::atomic<bool> woken{false};
  registry_->Subscribe("acme", 1, [&] { woken = true; });

  EXPECT_THAT(Publish(Edit().Write("x.prompt", "ours")),
              ErrorIs(absl::StatusCode::kAborted, "LOST_RACE"));
  const auto again = Publish(Edit().Write("x.prompt", "ours"));
  ASSERT_OK(again);
  EXPECT_EQ(again->change().sequence(), 3);
  EXPECT_EQ(again->change().versions(0).name(), "acme/x@v3");
  EXPECT_TRUE(woken);
  EXPECT_EQ(registry_->Resolve("acme/x@v2", {}, Call())->loaded->version.files(0).content(),
            "theirs");
  const auto verified = store_->Verify();
  EXPECT_EQ(verified->problems_size(), 0) << verified->DebugString();
}

TEST_F(ConcurrencyTest, WhatStoodOnALostRaceIsLostToo) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  auto other = *Registry::Open(store_.get(), &clock_);
  ASSERT_OK(Await<v1::PublishResponse>([&](auto reply) {
    other->Publish(Edit().Write("x.prompt", "theirs").request(), {"them"}, std::move(reply));
  }));
  std::atomic<int> made{0}, lost{0};
  std::vector<std::thread> publishers;
  for (int p = 0; p < 16; ++p) {
    publishers.emplace_back([&, p] {
      for (int tries = 0; tries < 50; ++tries) {
        const auto response =
            Publish(Edit().Write("p" + std::to_string(p) + ".prompt", std::to_string(tries)));
        if (response.ok()) {
          ++made;
          return;
        }
        EXPECT_EQ(ReasonOf(response.status()), "LOST_RACE");
        ++lost;
      }
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(made, 16);
  EXPECT_GE(lost, 1);
  EXPECT_EQ(*registry_->Sequence("acme"), 18);
  EXPECT_EQ(store_->Verify()->problems_size(), 0);
}

}  // namespace
}  // namespace colophon
