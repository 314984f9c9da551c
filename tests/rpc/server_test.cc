#include "service/server.h"

#include <filesystem>
#include <future>
#include <thread>

#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kStreamCall[] =
    "call { name: 'acme/greeting' variables { fields { key: 'name' value { string_value: 'Ada' } } "
    "} }";

// A provider that says one piece and waits at `gate_`.
class ServerTest : public RpcFixture {
 protected:
  ServerTest() {
    Script({{Step{.text = "Hello", .gate = nullptr, .error = {}},
             Step{.text = "", .gate = gate_, .error = {}},
             Step{.text = " there", .gate = nullptr, .error = {}}}});
  }
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  // A stream that has its first piece and waits at the gate.
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::StreamCompleteResponse>> reader;
    std::string record;

    // The last message.
    v1::StreamCompleteResponse ReadAll() {
      v1::StreamCompleteResponse message;
      v1::StreamCompleteResponse last;
      while (reader->Read(&message)) last = message;
      return last;
    }
  };
  std::unique_ptr<Stream> OpenStream() {
    auto stream = std::make_unique<Stream>();
    Prepare(&stream->context);
    stream->reader = completion_->StreamComplete(&stream->context,
                                                 FromText<v1::StreamCompleteRequest>(kStreamCall));
    v1::StreamCompleteResponse message;
    EXPECT_TRUE(stream->reader->Read(&message));
    stream->record = message.start().record();
    EXPECT_TRUE(stream->reader->Read(&message));
    EXPECT_EQ(message.piece().text(), "Hello");
    return stream;
  }

  // Waits until the server refuses what is new.
  bool WaitUntilStopping() {
    v1::GetVersionRequest request;
    request.set_name("acme/greeting");
    for (int i = 0; i < 100'000; ++i) {
      const absl::Status status =
          Call(*registry_, &v1::RegistryService::Stub::GetVersion, request).status();
      if (ReasonOf(status) == "STOPPING") return true;
    }
    return false;
  }

  // As the next process reads it.
  v1::Record RecordAfterRestart(const std::string& id) {
    Restart();
    v1::GetRecordRequest request;
    request.set_id(id);
    auto response = Call(*record_, &v1::RecordService::Stub::GetRecord, request);
    EXPECT_OK(response);
    return response.ok() ? response->record() : v1::Record();
  }

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

TEST_F(ServerTest, AStreamThatEndsInTimeFinishesWhileTheServerStops) {
  auto stream = OpenStream();
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_TRUE(WaitUntilStopping());
  gate_->Open();
  EXPECT_EQ(stream->ReadAll().response().completion().message().parts(0).text(), "Hello there");
  EXPECT_OK(FromGrpc(stream->reader->Finish()));
  stopper.join();
  EXPECT_EQ(RecordAfterRestart(stream->record).outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_F(ServerTest, WhatIsNewIsRefusedWhileTheServerStops) {
  auto stream = OpenStream();
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_TRUE(WaitUntilStopping());
  ExpectFailures({
      {"a call",
       Call(*completion_, &v1::CompletionService::Stub::Complete,
            FromText<v1::CompleteRequest>("name: 'acme/greeting'"))
           .status(),
       StatusCode::kUnavailable, "STOPPING"},
      {"a publish",
       Call(*registry_, &v1::RegistryService::Stub::Publish,
            FromText<v1::PublishRequest>("repository: 'acme' description: 'x' "
                                         "edits { path: 'x.prompt' content: 'x' }"))
           .status(),
       StatusCode::kUnavailable, "STOPPING"},
  });
  gate_->Open();
  stream->ReadAll();
  EXPECT_OK(FromGrpc(stream->reader->Finish()));
  stopper.join();
}

class ShortDrainTest : public ServerTest {
 protected:
  ShortDrainTest() { options_.config.drain = absl::Milliseconds(1); }
};

TEST_F(ShortDrainTest, AStreamThatDoesntEndIsCutAndRecordedSo) {
  auto stream = OpenStream();
  server_->Stop();
  EXPECT_FALSE(stream->ReadAll().has_response());
  const absl::Status status = FromGrpc(stream->reader->Finish());
  EXPECT_THAT(status, ErrorIs(StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(MetadataOf(status)["record"], stream->record);
  const v1::Outcome outcome = RecordAfterRestart(stream->record).outcome();
  EXPECT_EQ(outcome.status(), v1::RECORD_STATUS_CUT);
  EXPECT_EQ(outcome.completion().message().parts(0).text(), "Hello");
}

// Says much more than a connection takes unread.
class UnreadStreamTest : public ShortDrainTest {
 protected:
  UnreadStreamTest() { Script({Says(std::vector<std::string>(200, std::string(100'000, 'x')))}); }
};

TEST_F(UnreadStreamTest, ACallerThatDoesntReadHoldsNoStopUp) {
  Stream stream;
  Prepare(&stream.context);
  stream.reader = completion_->StreamComplete(&stream.context,
                                              FromText<v1::StreamCompleteRequest>(kStreamCall));
  v1::StreamCompleteResponse message;
  ASSERT_TRUE(stream.reader->Read(&message));
  const std::string record = message.start().record();
  ASSERT_TRUE(stream.reader->Read(&message));  // A piece: what can be cut has begun.
  server_->Stop();
  EXPECT_FALSE(stream.ReadAll().has_response());
  EXPECT_FALSE(FromGrpc(stream.reader->Finish()).ok());
  EXPECT_EQ(RecordAfterRestart(record).outcome().status(), v1::RECORD_STATUS_CUT);
}

TEST_F(ServerTest, StopsTwiceAndServesAgainOnTheSameData) {
  server_->Stop();
  server_->Stop();
  Restart();
  v1::GetVersionRequest request;
  request.set_name("acme/greeting");
  EXPECT_OK(Call(*registry_, &v1::RegistryService::Stub::GetVersion, request));
}

TEST_F(ServerTest, ASecondServerOnTheDataIsRefused) {
  EXPECT_THAT(Server::Start(options_), ErrorIs(StatusCode::kFailedPrecondition, "STORE_LOCKED"));
}

TEST_F(ServerTest, ASecondServerOnThePortIsRefused) {
  ServerOptions options = options_;
  options.data_directory = directory_ / "other";
  options.config.listen = server_->address();
  EXPECT_THAT(Server::Start(options), ErrorIs(StatusCode::kFailedPrecondition, "ADDRESS_IN_USE"));
}

// Kind: a check that finds a file good which the start then refuses, or the reverse.
TEST_F(ServerTest, TheCheckFindsWhatAStartWould) {
  WriteFile(directory_ / "file", "");
  ServerOptions options = options_;
  options.data_directory = directory_ / "file/data";
  options.config.backup_directory = directory_ / "file/backups";
  options.config.listen = *ListenAddress::Parse("192.0.2.1:0");
  for (const std::string name : {"a", "b"}) {
    config::v1::Provider* provider = options.config.providers.Add();
    provider->set_name(name);
    provider->set_kind(config::v1::Provider::KIND_OPENAI);
    provider->set_api_key_env("COLOPHON_TEST_NO_SUCH_KEY_" + name);
  }
  std::vector<absl::Status> problems = Server::Check(options);
  const auto says = [](const char* reason, const std::string& words) {
    return ErrorIs(StatusCode::kFailedPrecondition, reason,
                   testing::Matcher<std::string>(HasSubstr(words)));
  };
  EXPECT_THAT(
      problems,
      ElementsAre(says("DATA_DIRECTORY", "can't write to the data directory \"" +
                                             options.data_directory + "\": Not a directory"),
                  says("PROVIDER_KEY_MISSING", "COLOPHON_TEST_NO_SUCH_KEY_a, which is not set"),
                  says("PROVIDER_KEY_MISSING", "COLOPHON_TEST_NO_SUCH_KEY_b, which is not set"),
                  says("CANT_LISTEN", "192.0.2.1"),
                  says("BACKUP_DIRECTORY", options.config.backup_directory)));
  // As each is mended, the start names the next one.
  EXPECT_EQ(Server::Start(options).status(), problems[0]);
  options.data_directory = directory_ / "other";
  EXPECT_EQ(Server::Start(options).status(), problems[1]);
  options.config.providers.Clear();
  EXPECT_EQ(Server::Start(options).status(), problems[3]);
  EXPECT_FALSE(std::filesystem::exists(options.data_directory));
  options.config.listen = options_.config.listen;
  EXPECT_THAT(Server::Check(options), ElementsAre(problems[4]));
  EXPECT_OK(Server::Start(options));  // A place for backups may come later.
  options.config.backup_directory = directory_ / "not/yet/there";
  EXPECT_THAT(Server::Check(options), IsEmpty());
}

TEST_F(ServerTest, TheCheckTakesAnAddressThatAServerHas) {
  ServerOptions options = options_;
  options.config.listen = server_->address();
  EXPECT_THAT(Server::Check(options), IsEmpty());
}

// Kind: two sockets of one process that are bound to a port, of which one can't listen.
TEST_F(ServerTest, GrpcAndHttpOnOnePortAreRefused) {
  ServerOptions options = options_;
  options.data_directory = directory_ / "other";
  options.config.listen = *ListenAddress::Parse("127.0.0.1:50");
  const auto on_one_port = [](const std::string& listen, const std::string& http_listen) {
    return ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                   testing::Matcher<std::string>(HasSubstr("gRPC is to be served on " + listen +
                                                           " and HTTP on " + http_listen)));
  };
  for (const std::string http_listen : {"127.0.0.1:50", "0.0.0.0:50", "[::]:50"}) {
    options.config.http_listen = *ListenAddress::Parse(http_listen);
    EXPECT_THAT(Server::Check(options), Contains(on_one_port("127.0.0.1:50", http_listen)));
    EXPECT_THAT(Server::Start(options), on_one_port("127.0.0.1:50", http_listen));
  }
  options.config.listen = *ListenAddress::Parse("127.0.0.1:0");
  options.config.http_listen = options.config.listen;  // Each gets one that is free.
  EXPECT_THAT(Server::Check(options), IsEmpty());
}

TEST_F(ServerTest, ADataDirectoryThatCantBeMadeIsNamed) {
  WriteFile(directory_ / "file", "");
  ServerOptions options = options_;
  options.data_directory = directory_ / "file/data";
  EXPECT_THAT(Server::Start(options),
              ErrorIs(StatusCode::kFailedPrecondition, "DATA_DIRECTORY",
                      testing::Matcher<std::string>(HasSubstr("file/data"))));
}

TEST_F(ServerTest, AMissingKeyIsToldAtTheStart) {
  ServerOptions options = options_;
  options.data_directory = directory_ / "other";
  config::v1::Provider* provider = options.config.providers.Add();
  provider->set_name("a");
  provider->set_kind(config::v1::Provider::KIND_OPENAI);
  provider->set_api_key_env("COLOPHON_TEST_NO_SUCH_KEY");
  EXPECT_THAT(Server::Start(options),
              ErrorIs(StatusCode::kFailedPrecondition, "PROVIDER_KEY_MISSING",
                      testing::Matcher<std::string>(HasSubstr("COLOPHON_TEST_NO_SUCH_KEY"))));
}

TEST_F(ServerTest, AnIntentOfADeadProcessIsClosedAtTheStart) {
  server_ = nullptr;
  const std::string id = "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37";
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory_ / "data/store"));
    v1::Intent intent;
    intent.set_repository("acme");
    intent.set_prompt("greeting");
    intent.set_version(1);
    std::promise<absl::Status> done;
    store->AppendIntent(id, intent, [&](absl::Status status) { done.set_value(status); });
    ASSERT_OK(done.get_future().get());
  }
  EXPECT_EQ(RecordAfterRestart(id).outcome().status(), v1::RECORD_STATUS_UNKNOWN);
}

}  // namespace
}  // namespace colophon
