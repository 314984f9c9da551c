// What all RPCs have in common, as a client sees it.

#include <chrono>
#include <future>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/store/faulty_file_system.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  EXPECT_TRUE(buffer.DumpToSingleSlice(&slice).ok());
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

class RpcTest : public RpcFixture {
 protected:
  // A unary call of a method that no stub is linked for.
  absl::StatusOr<std::string> CallBytes(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    Prepare(&context);
    const grpc::ByteBuffer request = BufferOf(bytes);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> ended;
    stub.UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                   [&](grpc::Status status) { ended.set_value(std::move(status)); });
    absl::Status status = FromGrpc(ended.get_future().get());
    if (!status.ok()) return status;
    return BytesOf(response);
  }

  // grpc.health.v1.Health/Check of a service; 1: serving, 2: not.
  absl::StatusOr<std::string> CheckHealth(const std::string& service) {
    const std::string request =
        service.empty() ? "" : "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
    return CallBytes("/grpc.health.v1.Health/Check", request);
  }
};

TEST_F(RpcTest, HealthSaysServing) {
  for (const char* service : {"", "colophon.v1.RegistryService", "colophon.v1.CompletionService",
                              "colophon.v1.RecordService", "colophon.v1.AdminService"}) {
    ASSERT_OK_AND_ASSIGN(const std::string response, CheckHealth(service));
    EXPECT_EQ(response, "\x08\x01") << service;
  }
  EXPECT_EQ(CheckHealth("no.such.Service").status().code(), StatusCode::kNotFound);
}

// Asks the reflection service one question.
class Reflection : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reflection(const std::shared_ptr<grpc::Channel>& channel, const std::string& request)
      : stub_(channel), request_(BufferOf(request)) {
    stub_.PrepareBidiStreamingCall(&context_,
                                   "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                   grpc::StubOptions(), this);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&response_);
    StartCall();
  }
  void OnDone(const grpc::Status& status) override { ended_.set_value(status); }

  std::string Answer() {
    EXPECT_OK(FromGrpc(ended_.get_future().get()));
    return BytesOf(response_);
  }

 private:
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::promise<grpc::Status> ended_;
};

TEST_F(RpcTest, ReflectionListsTheServices) {
  const std::string answer = Reflection(channel_, std::string("\x3a\x00", 2)).Answer();
  for (const char* service : {"colophon.v1.RegistryService", "colophon.v1.CompletionService",
                              "colophon.v1.RecordService", "colophon.v1.AdminService"}) {
    EXPECT_THAT(answer, HasSubstr(service));
  }
}

TEST_F(RpcTest, BytesThatAreNoRequestAreRefused) {
  EXPECT_THAT(CallBytes("/colophon.v1.RegistryService/GetVersion", "\xff\xff\xff"),
              ErrorIs(StatusCode::kInvalidArgument, "BAD_REQUEST"));
  EXPECT_FALSE(CallBytes("/colophon.v1.RegistryService/GetPrompt", "\xff\xff\xff").ok());
  EXPECT_EQ(CallBytes("/colophon.v1.RegistryService/NoSuchMethod", "").status().code(),
            StatusCode::kUnimplemented);
}

TEST_F(RpcTest, AnErrorWithALongMessageReachesADefaultClient) {
  CreateRepository();
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("x");
  for (int i = 0; i < 1'000; ++i) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(std::string(100, 'p') + std::to_string(i) + ".prompt");
    edit->set_content("{{#nothing}} ü");
  }
  const absl::Status status =
      Call(*registry_, &v1::RegistryService::Stub::Publish, request).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
  EXPECT_NE(ReasonOf(status), "") << status;
  EXPECT_THAT(MessageOf(status), HasSubstr(".prompt"));
}

// A server whose disk fails when told.
class StoreFailureTest : public RpcTest {
 protected:
  StoreFailureTest() {
    options_.env = env_.get();
    options_.on_store_failure = [this](const absl::Status& status) { failed_.set_value(status); };
  }

  // A change whose sync fails.
  absl::Status PublishWithFailingSync() {
    files_->FailNext(FaultyFileSystem::Fault::kSync, rocksdb::IOStatus::IOError("disk on fire"));
    return Call(*registry_, &v1::RegistryService::Stub::Publish,
                FromText<v1::PublishRequest>("repository: 'acme' description: 'x' "
                                             "edits { path: 'x.prompt' content: 'x' }"))
        .status();
  }

  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::promise<absl::Status> failed_;
};

TEST_F(StoreFailureTest, AFailedSyncIsNeverAnsweredOkAndHealthSaysNotServing) {
  CreateRepository();
  EXPECT_THAT(PublishWithFailingSync(), ErrorIs(StatusCode::kUnavailable, "STORE_FAILED"));
  EXPECT_THAT(MessageOf(failed_.get_future().get()), HasSubstr("disk on fire"));
  for (const char* service : {"", "colophon.v1.RegistryService"}) {
    ASSERT_OK_AND_ASSIGN(const std::string health, CheckHealth(service));
    EXPECT_EQ(health, "\x08\x02") << service;
  }
}

using StoreFailureDeathTest = StoreFailureTest;

TEST_F(StoreFailureDeathTest, AFailedSyncEndsTheProcessAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  server_ = nullptr;
  const auto fail = [this] {
    options_.on_store_failure = nullptr;
    Start();
    CreateRepository();
    PublishWithFailingSync().IgnoreError();
    failed_.get_future().wait_for(std::chrono::seconds(30));  // The process ends here.
  };
  EXPECT_EXIT(fail(), testing::ExitedWithCode(Server::kStoreFailedExitCode), "");
}

class SmallMessageTest : public RpcTest {
 protected:
  SmallMessageTest() { options_.config.max_message_bytes = 10'000; }
};

TEST_F(SmallMessageTest, AMessageOverTheLimitIsRefusedAndTheServerGoesOn) {
  CreateRepository();
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("large");
  request.add_edits()->set_path("large.prompt");
  request.mutable_edits(0)->set_content(std::string(20'000, 'x'));
  EXPECT_EQ(Call(*registry_, &v1::RegistryService::Stub::Publish, request).status().code(),
            StatusCode::kResourceExhausted);
  v1::GetVersionRequest get;
  get.set_name("acme/large@" + std::string(20'000, 'x'));
  EXPECT_EQ(Call(*registry_, &v1::RegistryService::Stub::GetVersion, get).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Publish("small", "x").sequence(), 1);
}

}  // namespace
}  // namespace colophon
