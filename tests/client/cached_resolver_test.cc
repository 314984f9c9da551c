#include "client/cpp/cached_resolver.h"

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/label_pick.h"
#include "tests/client/fake_server.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

constexpr LabelShare kShares[] = {{1, 90}, {2, 10}};

using testing::HasSubstr;

class CachedResolverTest : public testing::Test {
 protected:
  CachedResolverTest() {
    server_.Publish("greeting", "one");
    server_.Publish("greeting", "two");
    server_.MoveLabel("greeting", "production", {{1, 1}});
    options_.heartbeat_interval = absl::Milliseconds(20);
    options_.reconnect.first_delay = absl::Milliseconds(5);
    options_.reconnect.longest_delay = absl::Milliseconds(50);
    options_.clock = &clock_;
    Open();
  }

  void Open() {
    resolver_.reset();
    ClientOptions client;
    client.address = server_.address();
    client.retry = {.max_attempts = 2, .first_delay = absl::Milliseconds(1)};
    resolver_ = std::make_unique<CachedResolver>(Client(client), options_);
  }

  absl::StatusOr<Resolved> Resolve(const std::string& reference, const std::string& subject = "") {
    return resolver_->Resolve(reference, subject);
  }

  // The text it resolves to, or the error.
  std::string Text(const std::string& reference, const std::string& subject = "") {
    const auto resolved = Resolve(reference, subject);
    if (!resolved.ok()) return resolved.status().ToString();
    return resolved->version->version.files(0).content();
  }

  testing::AssertionResult Becomes(const std::string& reference, const std::string& text) {
    return Eventually([&] { return Text(reference) == text; });
  }

  FakeClock clock_;
  FakeServer server_;
  TempDir dir_;
  CachedResolverOptions options_;
  std::unique_ptr<CachedResolver> resolver_;
};

TEST_F(CachedResolverTest, AsksOnceForWhatIsUsedOften) {
  for (const char* reference :
       {"acme/greeting", "acme/greeting@production", "acme/greeting@v2", "acme/greeting@latest"}) {
    ASSERT_OK(Resolve(reference));
  }
  ASSERT_TRUE(server_.WaitForCalls("ListChanges", 1));
  const int calls = server_.total_calls();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Text("acme/greeting"), "one");
    EXPECT_EQ(Text("acme/greeting@production"), "one");
    EXPECT_EQ(Text("acme/greeting@v2"), "two");
    EXPECT_EQ(Text("acme/greeting@latest"), "two");
  }
  EXPECT_EQ(server_.total_calls(), calls);
  EXPECT_EQ(server_.calls("WatchChanges"), 1);
}

TEST_F(CachedResolverTest, SaysWhatAReferenceResolvedTo) {
  ASSERT_OK_AND_ASSIGN(const Resolved labelled, Resolve("acme/greeting"));
  EXPECT_EQ(labelled.version->version.name(), "acme/greeting@v1");
  EXPECT_EQ(labelled.version->label, "production");
  EXPECT_EQ(labelled.version->sequence, 3);
  ASSERT_OK_AND_ASSIGN(const Resolved numbered, Resolve("acme/greeting@v2"));
  EXPECT_EQ(numbered.version->label, "");
}

TEST_F(CachedResolverTest, SeesALabelMove) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_EQ(Text("acme/greeting@production"), "one");
  server_.MoveLabel("greeting", "production", {{2, 1}});
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
  EXPECT_TRUE(Becomes("acme/greeting@production", "two"));
  ASSERT_OK_AND_ASSIGN(const Resolved resolved, Resolve("acme/greeting"));
  EXPECT_EQ(resolved.version->label, "production");
}

// A watch brings the first page of a change; a move on another page counts as much.
TEST_F(CachedResolverTest, SeesAMoveOnALaterPageOfAChange) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  server_.MoveLabelOnSecondPage("greeting", "production", {{2, 1}});
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
  EXPECT_EQ(server_.calls("GetChange"), 1);
}

// It isn't seen before all of it was read: whoever says it is would never look again.
TEST_F(CachedResolverTest, AChangeWhosePageCantBeReadIsReadAgain) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_TRUE(server_.WaitForWatchers(1));
  for (int i = 0; i < 3; ++i) {
    server_.FailNext("GetChange", FakeServer::Failure(grpc::StatusCode::UNAVAILABLE, "X", "later"));
  }
  server_.MoveLabelOnSecondPage("greeting", "production", {{2, 1}});
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
  EXPECT_EQ(server_.calls("GetChange"), 4);
  EXPECT_EQ(server_.calls("WatchChanges"), 4);
}

TEST_F(CachedResolverTest, SeesANewLatestVersion) {
  ASSERT_EQ(Text("acme/greeting@latest"), "two");
  server_.Publish("greeting", "three");
  EXPECT_TRUE(Becomes("acme/greeting@latest", "three"));
  EXPECT_EQ(Resolve("acme/greeting@latest")->version->label, "latest");
}

TEST_F(CachedResolverTest, ForgetsALabelThatIsRemoved) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  server_.MoveLabel("greeting", "production", {});
  EXPECT_TRUE(Eventually([&] { return !Resolve("acme/greeting").ok(); }));
  EXPECT_THAT(Resolve("acme/greeting"), ErrorIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  server_.MoveLabel("greeting", "production", {{2, 1}});
  EXPECT_EQ(Text("acme/greeting"), "two");
}

TEST_F(CachedResolverTest, MissesNoMoveMadeWhileTheVersionWasFetched) {
  // The label moves when its version has been read but its targets have not.
  bool moved = false;
  server_.OnCall("ListLabels", [&] {
    if (!std::exchange(moved, true)) server_.MoveLabel("greeting", "production", {{2, 1}});
  });
  EXPECT_EQ(Text("acme/greeting"), "two");
}

TEST_F(CachedResolverTest, MissesNoMoveMadeBetweenTheLoadAndTheWatch) {
  bool moved = false;
  server_.OnCall("WatchChanges", [&] {
    if (!std::exchange(moved, true)) server_.MoveLabel("greeting", "production", {{2, 1}});
  });
  ASSERT_OK(Resolve("acme/greeting"));
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
}

TEST_F(CachedResolverTest, RemembersNothingThatDoesNotExist) {
  EXPECT_THAT(Resolve("acme/greeting@v9"),
              ErrorIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  EXPECT_THAT(Resolve("acme/nothing"), ErrorIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  EXPECT_EQ(resolver_->size(), 0u);
  for (int i = 3; i <= 9; ++i) server_.Publish("greeting", "nine");
  EXPECT_EQ(Text("acme/greeting@v9"), "nine");
}

TEST_F(CachedResolverTest, PicksAWeightedTargetBySubject) {
  server_.MoveLabel("greeting", "production", {{1, 90}, {2, 10}});
  std::set<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    const std::string subject = "user-" + std::to_string(i);
    const std::string text = Text("acme/greeting", subject);
    EXPECT_EQ(text, PickShare(kShares, subject, "production") == 0 ? "one" : "two");
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 2u);
  EXPECT_EQ(server_.calls("GetVersion"), 2);
}

TEST_F(CachedResolverTest, FetchesAReferenceOnceForAThousandCallers) {
  std::promise<void> go;
  std::shared_future<void> ready = go.get_future().share();
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      ready.wait();
      EXPECT_EQ(Text("acme/greeting"), "one");
    });
  }
  go.set_value();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_.calls("GetVersion"), 1);
}

TEST_F(CachedResolverTest, ServesTheLastKnownGoodOfADeadServer) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_EQ(Text("acme/greeting@v2"), "two");
  ASSERT_EQ(Text("acme/greeting@heads/draft"), "two");
  ASSERT_TRUE(server_.WaitForWatchers(1));
  server_.Stop();
  clock_.Advance(absl::Seconds(90));

  ASSERT_OK_AND_ASSIGN(Resolved resolved, Resolve("acme/greeting"));
  EXPECT_EQ(resolved.version->version.version(), 1u);
  EXPECT_FALSE(resolved.fresh);
  EXPECT_EQ(resolved.age, absl::Seconds(90));

  ASSERT_OK_AND_ASSIGN(resolved, Resolve("acme/greeting@heads/draft"));
  EXPECT_FALSE(resolved.fresh);
  EXPECT_EQ(resolved.age, absl::Seconds(90));

  ASSERT_OK_AND_ASSIGN(resolved, Resolve("acme/greeting@v2"));
  EXPECT_TRUE(resolved.fresh) << "a version never changes";
  EXPECT_EQ(resolved.age, absl::ZeroDuration());

  EXPECT_THAT(Resolve("acme/greeting@v1"),
              ErrorIs(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE"));
}

TEST_F(CachedResolverTest, CatchesUpWhenTheServerIsBack) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_TRUE(server_.WaitForWatchers(1));
  server_.Stop();
  clock_.Advance(absl::Seconds(90));
  ASSERT_FALSE(Resolve("acme/greeting")->fresh);
  server_.MoveLabel("greeting", "production", {{2, 1}});
  server_.PublishElsewhere();
  server_.StartAgain();
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
  EXPECT_TRUE(Eventually([&] { return Resolve("acme/greeting")->fresh; }));
  EXPECT_EQ(Resolve("acme/greeting")->age, absl::ZeroDuration());
}

TEST_F(CachedResolverTest, FetchesALabelThatMovedOftenMeanwhileOnce) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_TRUE(server_.WaitForWatchers(1));
  server_.Stop();
  for (int i = 3; i <= 40; ++i) {
    server_.Publish("greeting", "text " + std::to_string(i));
    server_.MoveLabel("greeting", "production", {{i, 1}});
  }
  const int before = server_.calls("GetVersion");
  server_.StartAgain();
  EXPECT_TRUE(Becomes("acme/greeting", "text 40"));
  EXPECT_LT(server_.calls("GetVersion") - before, 20);
}

TEST_F(CachedResolverTest, TriesAgainWhenANewVersionCantBeFetched) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  ASSERT_TRUE(server_.WaitForWatchers(1));
  for (int i = 0; i < 3; ++i) {
    server_.FailNext("GetVersion", FakeServer::Failure(grpc::StatusCode::INTERNAL, "BUG", "bug"));
  }
  server_.MoveLabel("greeting", "production", {{2, 1}});
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
}

TEST_F(CachedResolverTest, StartsAnewWhenTheServerForgot) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  for (int i = 0; i < 5; ++i) server_.PublishElsewhere();
  ASSERT_TRUE(server_.WaitForWatchers(1));
  // Once the watch has seen the newest change.
  server_.MoveLabel("greeting", "production", {{2, 1}});
  ASSERT_TRUE(Becomes("acme/greeting", "two"));
  server_.Stop();
  server_.Rewind(2);
  server_.MoveLabel("greeting", "production", {{1, 1}});
  server_.StartAgain();
  EXPECT_TRUE(Becomes("acme/greeting", "one"));
}

TEST_F(CachedResolverTest, AsksForADraftEachTime) {
  ASSERT_EQ(Text("acme/greeting@heads/draft"), "two");
  server_.Publish("greeting", "three");
  EXPECT_EQ(Text("acme/greeting@heads/draft"), "three");
  EXPECT_EQ(server_.calls("WatchChanges"), 0);
}

TEST_F(CachedResolverTest, KeepsNoMoreThanItsBound) {
  options_.max_entries = 2;
  Open();
  ASSERT_OK(Resolve("acme/greeting@v1"));
  ASSERT_OK(Resolve("acme/greeting@v2"));
  ASSERT_OK(Resolve("acme/greeting@v1"));
  ASSERT_OK(Resolve("acme/greeting@latest"));
  EXPECT_EQ(resolver_->size(), 2u);
  const int calls = server_.calls("GetVersion");
  ASSERT_OK(Resolve("acme/greeting@v1"));
  EXPECT_EQ(server_.calls("GetVersion"), calls) << "used last but one: still there";
  ASSERT_OK(Resolve("acme/greeting@v2"));
  EXPECT_EQ(server_.calls("GetVersion"), calls + 1);
}

TEST_F(CachedResolverTest, AsksEachTimeForLabelsOfRepositoriesItMayNotFollow) {
  options_.max_repositories = 0;
  Open();
  ASSERT_EQ(Text("acme/greeting"), "one");
  server_.MoveLabel("greeting", "production", {{2, 1}});
  EXPECT_EQ(Text("acme/greeting"), "two");
  EXPECT_EQ(server_.calls("WatchChanges"), 0);
  server_.Stop();
  ASSERT_OK_AND_ASSIGN(const Resolved resolved, Resolve("acme/greeting"));
  EXPECT_EQ(resolved.version->version.version(), 2u);
  EXPECT_FALSE(resolved.fresh);
}

class CachedResolverFileTest : public CachedResolverTest {
 protected:
  CachedResolverFileTest() {
    options_.state_file = dir_ / "cache";
    options_.save_interval = absl::Milliseconds(1);
    options_.first_contact_timeout = absl::Seconds(30);
    Open();
  }
};

TEST_F(CachedResolverFileTest, ServesWithoutAServerAfterARestart) {
  server_.MoveLabel("greeting", "production", {{1, 90}, {2, 10}});
  for (const char* reference : {"acme/greeting", "acme/greeting@v2", "acme/greeting@heads/draft"}) {
    ASSERT_OK(Resolve(reference));
  }
  server_.Stop();
  Open();
  clock_.Advance(absl::Minutes(3));
  ASSERT_OK(resolver_->restore_status());
  ASSERT_OK_AND_ASSIGN(Resolved resolved, Resolve("acme/greeting"));
  EXPECT_FALSE(resolved.fresh);
  EXPECT_EQ(resolved.age, absl::Minutes(3));
  EXPECT_EQ(resolved.version->label, "production");
  for (int i = 0; i < 50; ++i) {
    const std::string subject = std::to_string(i);
    EXPECT_EQ(Text("acme/greeting", subject),
              PickShare(kShares, subject, "production") == 0 ? "one" : "two");
  }
  EXPECT_EQ(Text("acme/greeting@v2"), "two");
  EXPECT_EQ(Text("acme/greeting@heads/draft"), "two");
}

// Kind: the age of a thing, told by a clock that people set.
TEST_F(CachedResolverTest, TheAgeIsRightWhoeverSetsTheClock) {
  ASSERT_OK(Resolve("acme/greeting"));
  server_.Stop();
  clock_.Advance(absl::Minutes(3));
  for (const absl::Duration step : {-absl::Hours(2), absl::Hours(5)}) {
    clock_.Set(clock_.Now() + step);
    ASSERT_OK_AND_ASSIGN(const Resolved resolved, Resolve("acme/greeting"));
    EXPECT_EQ(resolved.age, absl::Minutes(3));
    EXPECT_FALSE(resolved.fresh);
  }
}

TEST_F(CachedResolverFileTest, WhatWasKeptAfterNowIsNotFresh) {
  ASSERT_OK(Resolve("acme/greeting"));
  server_.Stop();
  resolver_.reset();
  clock_.Set(clock_.Now() - absl::Hours(2));
  Open();
  ASSERT_OK_AND_ASSIGN(const Resolved resolved, Resolve("acme/greeting"));
  EXPECT_FALSE(resolved.fresh);
}

TEST_F(CachedResolverFileTest, SavesWithoutBeingAsked) {
  ASSERT_OK(Resolve("acme/greeting@v2"));
  EXPECT_TRUE(Eventually([&] {
    return std::filesystem::exists(options_.state_file) &&
           ReadFileOrDie(options_.state_file).find("acme/greeting@v2") != std::string::npos;
  }));
}

TEST_F(CachedResolverFileTest, IsCurrentAtOnceAfterARestartWithAServer) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  resolver_.reset();
  server_.MoveLabel("greeting", "production", {{2, 1}});
  Open();
  ASSERT_OK_AND_ASSIGN(const Resolved resolved, Resolve("acme/greeting"));
  EXPECT_EQ(resolved.version->version.version(), 2u);
  EXPECT_TRUE(resolved.fresh);
}

TEST_F(CachedResolverFileTest, CatchesUpAfterARestartWithoutAServer) {
  ASSERT_EQ(Text("acme/greeting"), "one");
  server_.Stop();
  Open();
  ASSERT_EQ(Text("acme/greeting"), "one");
  server_.MoveLabel("greeting", "production", {{2, 1}});
  server_.StartAgain();
  EXPECT_TRUE(Becomes("acme/greeting", "two"));
}

TEST_F(CachedResolverFileTest, IgnoresADamagedFileAndSaysSo) {
  ASSERT_OK(Resolve("acme/greeting"));
  resolver_.reset();
  std::string content = ReadFileOrDie(options_.state_file);
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x40);
  WriteFile(options_.state_file, content);
  Open();
  EXPECT_THAT(resolver_->restore_status(),
              ErrorIs(absl::StatusCode::kDataLoss, "BAD_CACHE_FILE", HasSubstr("checksum")));
  EXPECT_EQ(resolver_->size(), 0u);
  EXPECT_EQ(Text("acme/greeting"), "one");
  ASSERT_OK(resolver_->Save());
  Open();
  EXPECT_OK(resolver_->restore_status());
  EXPECT_EQ(resolver_->size(), 1u);
}

TEST_F(CachedResolverFileTest, RunsOnWhenTheFileCantBeWritten) {
  options_.state_file = dir_ / "no/such/folder/cache";
  Open();
  EXPECT_EQ(Text("acme/greeting"), "one");
  EXPECT_TRUE(Eventually([&] { return !resolver_->save_status().ok(); }));
  EXPECT_EQ(Text("acme/greeting"), "one");
}

}  // namespace
}  // namespace colophon
