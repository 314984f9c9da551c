#include <thread>

#include "service/base/clock.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;

// One watcher that reads when it is asked.
class Watch {
 public:
  Watch(v1::RegistryService::Stub& stub, const std::string& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader_ = stub.WatchChanges(&context_, FromText<v1::WatchChangesRequest>(request));
  }
  ~Watch() {
    if (!finished_) Cancel().IgnoreError();
  }

  // The next event; fails the test when the stream has ended.
  v1::WatchChangesResponse Next() {
    v1::WatchChangesResponse event;
    EXPECT_TRUE(reader_->Read(&event));
    return event;
  }
  // The next change; `heartbeat`, when given, gets the last one before it.
  v1::Change NextChange(v1::Heartbeat* heartbeat = nullptr) {
    v1::WatchChangesResponse event = Next();
    for (int i = 0; event.has_heartbeat() && i < 100'000; ++i) {
      if (heartbeat != nullptr) *heartbeat = event.heartbeat();
      event = Next();
    }
    EXPECT_TRUE(event.has_change());
    return event.change();
  }
  // How it ends, after whatever still comes.
  absl::Status End() {
    v1::WatchChangesResponse event;
    while (reader_->Read(&event)) {
    }
    finished_ = true;
    return FromGrpc(reader_->Finish());
  }
  absl::Status Cancel() {
    context_.TryCancel();
    return End();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchChangesResponse>> reader_;
  bool finished_ = false;
};

class WatchTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
  }

  v1::Change Edit(int number) { return Publish("greeting", "Hello " + std::to_string(number)); }

  int64_t WatcherCount() {
    auto info = Call(*admin_, &v1::AdminService::Stub::GetServerInfo, {});
    EXPECT_OK(info);
    return info.ok() ? info->watcher_count() : -1;
  }
  bool WaitForWatchers(int64_t count) {
    for (int i = 0; i < 100'000; ++i) {
      if (WatcherCount() == count) return true;
    }
    return false;
  }
};

TEST_F(WatchTest, SendsThePastAndThenWhatHappensInOrderWithoutGaps) {
  for (int i = 1; i <= 30; ++i) Edit(i);
  Watch watch(*registry_, "repository: 'acme' start_sequence: 1");
  std::thread editor([&] {
    for (int i = 31; i <= 60; ++i) Edit(i);
  });
  for (int i = 1; i <= 60; ++i) EXPECT_EQ(watch.NextChange().sequence(), i);
  editor.join();
}

TEST_F(WatchTest, AChangeIsSentWhole) {
  Watch watch(*registry_, "repository: 'acme'");
  EXPECT_TRUE(watch.Next().has_heartbeat());
  const v1::Change made = Edit(1);
  EXPECT_EQ(watch.NextChange().SerializeAsString(), made.SerializeAsString());
}

TEST_F(WatchTest, FromNowOnLeavesThePastOut) {
  Edit(1);
  Edit(2);
  Watch watch(*registry_, "repository: 'acme'");
  EXPECT_EQ(watch.Next().heartbeat().sequence(), 2);
  Edit(3);
  EXPECT_EQ(watch.NextChange().sequence(), 3);
}

TEST_F(WatchTest, TheFirstHeartbeatPromisesNoMoreThanWasSent) {
  for (int i = 1; i <= 5; ++i) Edit(i);
  Watch watch(*registry_, "repository: 'acme' start_sequence: 3");
  EXPECT_EQ(watch.Next().heartbeat().sequence(), 2);
  EXPECT_EQ(watch.NextChange().sequence(), 3);
}

TEST_F(WatchTest, OneBeyondTheNewestWaitsForIt) {
  Edit(1);
  Watch watch(*registry_, "repository: 'acme' start_sequence: 2");
  EXPECT_EQ(watch.Next().heartbeat().sequence(), 1);
  Edit(2);
  EXPECT_EQ(watch.NextChange().sequence(), 2);
}

TEST_F(WatchTest, HeartbeatsKeepComingAndCarryTheSequence) {
  const absl::Time before = absl::Now();
  Watch watch(*registry_, "repository: 'acme' heartbeat_interval { nanos: 10000000 }");
  for (int i = 0; i < 5; ++i) {
    const v1::WatchChangesResponse event = watch.Next();
    EXPECT_EQ(event.heartbeat().sequence(), 0);
    EXPECT_GE(FromProto(event.heartbeat().server_time()), before - absl::Milliseconds(1));
  }
  Edit(1);
  EXPECT_EQ(watch.NextChange().sequence(), 1);
  EXPECT_EQ(watch.Next().heartbeat().sequence(), 1);
}

TEST_F(WatchTest, ASlowWatcherGetsEverythingAndHoldsUpNobody) {
  Watch slow(*registry_, "repository: 'acme' start_sequence: 1");
  Watch quick(*registry_, "repository: 'acme' start_sequence: 1");
  // More than a connection takes unread.
  v1::PublishRequest request;
  request.set_repository("acme");
  for (int i = 0; i < 300; ++i) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(std::string(200, 'd') + std::to_string(i) + ".txt");
  }
  constexpr int kChanges = 40;
  for (int i = 1; i <= kChanges; ++i) {
    request.set_description("edit " + std::to_string(i));
    for (auto& edit : *request.mutable_edits()) edit.set_content(std::to_string(i));
    ASSERT_OK(Call(*registry_, &v1::RegistryService::Stub::Publish, request));
    EXPECT_EQ(quick.NextChange().sequence(), i);
  }
  for (int i = 1; i <= kChanges; ++i) EXPECT_EQ(slow.NextChange().sequence(), i);
}

TEST_F(WatchTest, ManyWatchersAllSeeTheSame) {
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 100; ++i) {
    watches.push_back(std::make_unique<Watch>(*registry_, "repository: 'acme' start_sequence: 1"));
  }
  EXPECT_TRUE(WaitForWatchers(100));
  for (int i = 1; i <= 5; ++i) Edit(i);
  for (auto& watch : watches) {
    for (int i = 1; i <= 5; ++i) EXPECT_EQ(watch->NextChange().sequence(), i);
  }
}

TEST_F(WatchTest, AWatcherThatGoesAwayLeavesNothingBehind) {
  for (int i = 0; i < 20; ++i) {
    Watch watch(*registry_, "repository: 'acme'");
    if (i % 2 == 0) {
      EXPECT_TRUE(watch.Next().has_heartbeat());
    }
    EXPECT_EQ(watch.Cancel().code(), StatusCode::kCancelled);
  }
  EXPECT_TRUE(WaitForWatchers(0));
  Edit(1);
}

TEST_F(WatchTest, RepositoriesAreWatchedApart) {
  CreateRepository("beta");
  Watch watch(*registry_, "repository: 'beta' heartbeat_interval { nanos: 10000000 }");
  EXPECT_TRUE(watch.Next().has_heartbeat());
  Edit(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(watch.Next().has_heartbeat());
}

TEST_F(WatchTest, EndsWithStoppingWhenTheServerStops) {
  Watch watch(*registry_, "repository: 'acme'");
  EXPECT_TRUE(watch.Next().has_heartbeat());
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_THAT(watch.End(), ErrorIs(StatusCode::kUnavailable, "STOPPING"));
  stopper.join();
}

TEST_F(WatchTest, FailuresHaveCodeAndReason) {
  Edit(1);
  const auto watch = [&](const std::string& request) { return Watch(*registry_, request).End(); };
  ExpectFailures({
      {"no such repository", watch("repository: 'nowhere'"), StatusCode::kNotFound,
       "REPOSITORY_NOT_FOUND"},
      {"a bad name", watch("repository: '../x'"), StatusCode::kInvalidArgument, "BAD_REPOSITORY"},
      {"too far", watch("repository: 'acme' start_sequence: 3"), StatusCode::kOutOfRange,
       "BEYOND_SEQUENCE"},
      {"negative", watch("repository: 'acme' start_sequence: -1"), StatusCode::kInvalidArgument,
       "BAD_SEQUENCE"},
      {"too often", watch("repository: 'acme' heartbeat_interval { nanos: 9999999 }"),
       StatusCode::kInvalidArgument, "BAD_HEARTBEAT_INTERVAL"},
      {"too rarely", watch("repository: 'acme' heartbeat_interval { seconds: 601 }"),
       StatusCode::kInvalidArgument, "BAD_HEARTBEAT_INTERVAL"},
  });
}

}  // namespace
}  // namespace colophon
