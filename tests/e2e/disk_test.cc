// Kind: the disk fills. A real one, of a few megabytes, where it may be mounted.

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
constexpr int64_t kDiskBytes = 128 << 20;
constexpr int64_t kReserve = 32 << 20;

class DiskTest : public E2eTest {
 protected:
  ~DiskTest() override {
    server().Kill();
    if (mounted_) umount2(data().c_str(), MNT_DETACH);
  }

  // False where this process may not mount.
  bool MountSmallDisk() {
    std::filesystem::create_directories(data());
    const std::string size = fmt::format("size={}", kDiskBytes);
    mounted_ = mount("tmpfs", data().c_str(), "tmpfs", 0, size.c_str()) == 0;
    return mounted_;
  }

  int64_t FreeBytes() const {
    return static_cast<int64_t>(std::filesystem::space(data()).available);
  }

  // Another program's file, which leaves so much.
  void FillUpTo(int64_t free_bytes) {
    const int fd = open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    const int64_t size = std::filesystem::file_size(filler()) + FreeBytes() - free_bytes;
    EXPECT_EQ(posix_fallocate(fd, 0, size), 0);
    close(fd);
  }
  void MakeRoom() { std::filesystem::remove(filler()); }

  absl::Status TryCall() {
    return client().Complete(CallOf("acme/support/greet", "Hello.")).status();
  }

  // Speaks OpenAI's format and waits for `gate_` in the middle.
  std::string ConfigWithSlowModel() {
    model_.SetHandler([this](const ModelRequest&) {
      return ModelAnswer()
          .Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Once ")))
          .WaitFor(gate_)
          .Send(HttpChunk(OpenAiTextEvent("upon a time.")))
          .Send(HttpChunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
                          "\"stop\"}]}\n\ndata: [DONE]\n\n") +
                HttpChunkEnd());
    });
    return fmt::format(
        "min_free_bytes: {} store_cache_bytes: 16777216 "
        "providers {{ name: \"slow\" kind: KIND_OPENAI base_url: \"{}\" }}",
        kReserve, model_.base_url());
  }

  std::shared_ptr<ModelGate> gate_ = std::make_shared<ModelGate>();
  ModelServer model_;

 private:
  std::string filler() const { return data() + "/filler"; }

  bool mounted_ = false;
};

TEST_F(DiskTest, WhatRunsIsRecordedReadsGoOnAndRoomIsEnough) {
  if (!MountSmallDisk()) GTEST_SKIP() << "a small disk can't be mounted by this user";
  Serve(ConfigWithSlowModel());
  PublishGreet();
  CallGreet("Hello.");

  // A stream that runs while the disk fills.
  v1::StreamCompleteRequest request;
  *request.mutable_call() = CallOf("acme/support/greet", "Say something long.");
  request.mutable_call()->mutable_overrides()->set_model("slow/talker");
  Stream<v1::StreamCompleteResponse> stream = client().StreamComplete(request);
  v1::StreamCompleteResponse event;
  ASSERT_TRUE(stream.Read(&event));
  const std::string record = event.start().record();
  ASSERT_TRUE(stream.Read(&event));

  FillUpTo(kReserve / 2);
  ASSERT_TRUE(Eventually([&] { return absl::IsResourceExhausted(TryCall()); }));
  const absl::Status refused = TryCall();
  EXPECT_THAT(refused, ErrorIs(kExhausted, "DISK_LOW", HasSubstr("MiB free")));
  EXPECT_TRUE(RetryDelayOf(refused).has_value());
  EXPECT_THAT(client().Publish(PublishOf("new.prompt", "New.")), ErrorIs(kExhausted, "DISK_LOW"));
  v1::GetVersionRequest get_version;
  get_version.set_name("acme/support/greet@v1");
  EXPECT_OK(client().GetVersion(get_version));
  ASSERT_OK_AND_ASSIGN(const v1::GetServerInfoResponse info, client().GetServerInfo({}));
  EXPECT_LT(info.disk_free_bytes(), kReserve);
  EXPECT_GT(info.store_bytes(), 0);
  EXPECT_EQ(info.max_message_bytes(), 4 << 20);

  gate_->Open();
  while (stream.Read(&event)) {
  }
  EXPECT_OK(stream.Finish());
  v1::GetRecordRequest get_record;
  get_record.set_id(record);
  ASSERT_OK_AND_ASSIGN(const v1::GetRecordResponse found, client().GetRecord(get_record));
  EXPECT_EQ(found.record().outcome().status(), v1::RECORD_STATUS_OK);
  EXPECT_EQ(TextOf(found.record().outcome().completion()), "Once upon a time.");

  MakeRoom();
  ASSERT_TRUE(Eventually([&] { return TryCall().ok(); }));
  EXPECT_OK(client().Publish(PublishOf("new.prompt", "New.")));
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
  EXPECT_THAT(store.problems(), IsEmpty());
  for (const char* line : {"event=disk_low", "event=disk_recovered"}) {
    EXPECT_TRUE(server().HasLogged(line)) << line;
  }
}

// Without a word of its own the server used to abort in RocksDB's log file.
TEST_F(DiskTest, AStartOnAFullDiskSaysWhatToDoAndLosesNothing) {
  if (!MountSmallDisk()) GTEST_SKIP() << "a small disk can't be mounted by this user";
  const std::string config = "store_cache_bytes: 16777216 min_free_bytes: 1048576";
  Serve(config);
  PublishGreet();
  const v1::CompleteResponse call = CallGreet("Before it was full.");
  for (int round = 0; round < 5; ++round) {
    server().Kill();
    FillUpTo(0);
    ASSERT_OK(server().Launch({"--config", dir() / "colophond.textproto"}));
    EXPECT_EQ(server().AwaitExitCode(), 1);
    EXPECT_THAT(server().log(), HasSubstr("no space left on the disk"));
    MakeRoom();
    Serve(config);
    v1::GetRecordRequest get;
    get.set_id(call.record());
    EXPECT_OK(client().GetRecord(get));
  }
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
  EXPECT_THAT(store.problems(), IsEmpty());
}

// The reserve is gone within a moment, faster than it is looked at.
TEST_F(DiskTest, ADiskThatIsFullAtOnceEndsTheServerHonestly) {
  if (!MountSmallDisk()) GTEST_SKIP() << "a small disk can't be mounted by this user";
  const std::string config = "store_cache_bytes: 16777216 min_free_bytes: 1048576";
  Serve(config);
  PublishGreet();
  int calls = 0;
  for (int round = 0; round < 5; ++round) {
    FillUpTo(0);
    // Until it has seen it, what fits into the room that the log has is taken.
    const std::string text(100'000, 'x');
    absl::Status status;
    for (int i = 0; i < 1000 && status.ok(); ++i) {
      status = client().Complete(CallOf("acme/support/greet", text)).status();
      if (status.ok()) ++calls;
    }
    ASSERT_FALSE(status.ok());
    if (ReasonOf(status) != "DISK_LOW") {
      EXPECT_EQ(server().AwaitExitCode(), 70) << status << "\n" << server().log();
      MakeRoom();
      Serve(config);
    } else {
      MakeRoom();
      ASSERT_TRUE(Eventually([&] { return TryCall().ok(); }));
      ++calls;
    }
    ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
    EXPECT_THAT(store.problems(), IsEmpty()) << store.DebugString();
    EXPECT_GE(store.record_count(), calls);
  }
}

TEST_F(DiskTest, ALossIsRefusedUntilItIsAccepted) {
  Serve();
  PublishGreet();
  CallGreet("Hello.");
  StopServing();
  for (const auto& entry : std::filesystem::directory_iterator(data() + "/store")) {
    if (entry.path().extension() == ".log") std::filesystem::remove(entry.path());
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(server().Launch());
    EXPECT_EQ(server().AwaitExitCode(), 1);
    EXPECT_THAT(server().log(), HasSubstr("--accept-loss"));
  }
  ASSERT_OK(server().Start({"--accept-loss"}));
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
  ASSERT_THAT(store.problems(), testing::Not(IsEmpty()));
  EXPECT_THAT(store.problems(0).message(), HasSubstr("Accepted at"));
}

}  // namespace
}  // namespace colophon
