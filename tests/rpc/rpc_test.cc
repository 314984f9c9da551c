// What all RPCs have in common, as a client sees it.

#include <chrono>
#include <future>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "service/rpc/message.h"
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
  Reflection(const std::shared_ptr<grpc::Channel>& channel, const std::string& version,
             const std::string& request)
      : stub_(channel), request_(BufferOf(request)) {
    stub_.PrepareBidiStreamingCall(
        &context_, "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo",
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
  for (const char* version : {"v1", "v1alpha"}) {
    SCOPED_TRACE(version);
    const std::string answer = Reflection(channel_, version, std::string("\x3a\x00", 2)).Answer();
    for (const char* service : {"colophon.v1.RegistryService", "colophon.v1.CompletionService",
                                "colophon.v1.RecordService", "colophon.v1.AdminService"}) {
      EXPECT_THAT(answer, HasSubstr(service));
    }
  }
}

TEST_F(RpcTest, ReflectionGivesTheFilesOfAServiceAndSaysWhatIsntThere) {
  const auto ask = [&](const std::string& request) {
    return Reflection(channel_, "v1", request).Answer();
  };
  const std::string service = "colophon.v1.RecordService";
  EXPECT_THAT(
      ask("\x22" + std::string(1, static_cast<char>(service.size())) + service),
      AllOf(HasSubstr("colophon/v1/record.proto"), HasSubstr("colophon/v1/completion.proto"),
            HasSubstr("google/protobuf/timestamp.proto")));
  EXPECT_THAT(ask("\x1a\x07"
                  "no.file"),
              HasSubstr("nothing of that name"));
  EXPECT_THAT(ask("\x32\x01"
                  "x"),
              HasSubstr("no message here has extensions"));
  EXPECT_THAT(ask(""), HasSubstr("the request asks nothing"));
}

// Every method that the .proto files have.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const auto* message :
       {v1::GetVersionRequest::descriptor(), v1::CompleteRequest::descriptor(),
        v1::GetRecordRequest::descriptor(), v1::VerifyStoreRequest::descriptor()}) {
    const google::protobuf::ServiceDescriptor* service = message->file()->service(0);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

// Kind: what a library refuses in its own words, or in none.
TEST_F(RpcTest, BytesThatAreNoRequestAreRefusedByEveryMethod) {
  // By what reads a small one at once, and a large one on a worker.
  const std::string small = "\xff\xff\xff";
  const std::string large = std::string(100'000, '\xff');
  for (const auto* method : AllMethods()) {
    for (const std::string& bytes : {small, large}) {
      SCOPED_TRACE(method->full_name());
      EXPECT_THAT(CallBytes(PathOf(*method), bytes),
                  ErrorIs(StatusCode::kInvalidArgument, "BAD_REQUEST"));
    }
  }
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

TEST_F(RpcTest, ACompressedRequestIsRefused) {
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    Prepare(&context);
    context.set_compression_algorithm(algorithm);
    v1::GetVersionRequest request;
    request.set_name("acme/" + std::string(10'000, 'x'));
    v1::GetVersionResponse response;
    const grpc::Status status = registry_->GetVersion(&context, request, &response);
    // Every gRPC library's word for it.
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("is disabled"));
  }
}

// JSON nested so deep, as a variable's value: {"a": {"a": … }}.
google::protobuf::Struct Nested(int levels) {
  google::protobuf::Struct outermost;
  google::protobuf::Struct* at = &outermost;
  for (int i = 1; i < levels; ++i) at = (*at->mutable_fields())["a"].mutable_struct_value();
  (*at->mutable_fields())["a"].set_string_value("deep");
  return outermost;
}

// Kind: what is taken must be read back, by clients with the limits they have.
TEST_F(RpcTest, TheDeepestVariablesThatAreTakenAreReadBackByADefaultClient) {
  CreateRepository();
  Publish("greeting", kGreeting);
  v1::StreamCompleteRequest request;
  request.mutable_call()->set_name("acme/greeting");
  absl::Status status;
  int levels = 20;
  for (; levels < 100 && status.ok(); ++levels) {
    *request.mutable_call()->mutable_variables() = Nested(levels);
    (*request.mutable_call()->mutable_variables()->mutable_fields())["name"].set_string_value("A");
    grpc::ClientContext context;
    Prepare(&context);
    auto reader = completion_->StreamComplete(&context, request);
    v1::StreamCompleteResponse message;
    while (reader->Read(&message)) {
    }
    status = FromGrpc(reader->Finish());
    if (!status.ok()) break;
    v1::ListRecordsRequest list;
    list.set_name("acme/greeting");
    list.set_page_size(1);
    ASSERT_OK(Call(*record_, &v1::RecordService::Stub::ListRecords, list)) << levels;
  }
  EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "TOO_DEEP"));
  EXPECT_THAT(MessageOf(status), HasSubstr("call.variables.a.a.a"));
  EXPECT_THAT(MessageOf(status), HasSubstr("at most 31 objects"));
  EXPECT_EQ(levels, 32);  // The first that is refused.
}

TEST_F(RpcTest, TextThatIsNoUtf8IsRefusedWithItsField) {
  v1::CompleteRequest request;
  request.set_name("acme/greeting");
  google::protobuf::Value& list = (*request.mutable_variables()->mutable_fields())["order"];
  list.mutable_list_value()->add_values()->set_string_value("BYTES");
  for (const size_t size : {size_t{0}, 2 * kLargeBytes}) {
    request.set_subject(std::string(size, 's'));
    std::string bytes = request.SerializeAsString();
    bytes.replace(bytes.find("BYTES"), 5, "\xff\xfe\xfd\xfc\xfb");
    const absl::Status status =
        CallBytes("/colophon.v1.CompletionService/Complete", bytes).status();
    EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "BAD_UTF8"));
    EXPECT_EQ(MetadataOf(status)["field"], "variables.order") << status;
    EXPECT_THAT(CallBytes("/colophon.v1.CompletionService/Complete", bytes.substr(0, 20)),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_REQUEST"));
  }
}

// Kind: large work on gRPC's threads and the loops; here, that elsewhere is right too.
TEST_F(RpcTest, LargeRequestsAndAnswersAreTheSameAsSmallOnes) {
  const std::string large(3 * kLargeBytes, 'x');
  server_ = nullptr;
  Script({Says({large, large})});
  Start();
  CreateRepository();
  Publish("greeting", kGreeting);
  v1::CompleteRequest request;
  request.set_name("acme/greeting");
  (*request.mutable_variables()->mutable_fields())["name"].set_string_value(large);
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Call(*completion_, &v1::CompletionService::Stub::Complete, request));
  EXPECT_EQ(response.completion().message().parts(0).text(), large + large);

  grpc::ClientContext context;
  Prepare(&context);
  v1::StreamCompleteRequest stream;
  *stream.mutable_call() = request;
  auto reader = completion_->StreamComplete(&context, stream);
  std::string text;
  v1::StreamCompleteResponse message;
  while (reader->Read(&message)) text += message.piece().text();
  EXPECT_OK(FromGrpc(reader->Finish()));
  EXPECT_EQ(text, large + large);
  EXPECT_EQ(message.response().completion().message().parts(0).text(), large + large);
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
  const absl::Status refused =
      Call(*registry_, &v1::RegistryService::Stub::Publish, request).status();
  EXPECT_THAT(refused, ErrorIs(StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE"));
  EXPECT_THAT(MessageOf(refused), HasSubstr("10000 is the limit by max_message_bytes"));
  v1::GetVersionRequest get;
  get.set_name("acme/large@" + std::string(20'000, 'x'));
  EXPECT_THAT(Call(*registry_, &v1::RegistryService::Stub::GetVersion, get),
              ErrorIs(StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE"));
  EXPECT_EQ(Publish("small", "x").sequence(), 1);
}

}  // namespace
}  // namespace colophon
