#include <atomic>
#include <future>
#include <thread>

#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using Stub = v1::CompletionService::Stub;

constexpr char kCall[] =
    "name: 'acme/greeting' variables { fields { key: 'name' value { string_value: 'Ada' } } }";

v1::StreamCompleteRequest StreamRequest(const std::string& text = kCall) {
  return FromText<v1::StreamCompleteRequest>("call { " + text + " }");
}

class CompletionServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  absl::StatusOr<v1::CompleteResponse> Complete(const std::string& text = kCall,
                                                const Metadata& metadata = {}) {
    return Call(*completion_, &Stub::Complete, FromText<v1::CompleteRequest>(text), metadata);
  }
  v1::Record GetRecord(const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    auto response = Call(*record_, &v1::RecordService::Stub::GetRecord, request);
    EXPECT_OK(response);
    return response.ok() ? response->record() : v1::Record();
  }
  // Waits until the record has its outcome.
  v1::Record GetClosedRecord(const std::string& id) {
    v1::Record record;
    for (int i = 0; i < 100'000 && !record.has_outcome(); ++i) record = GetRecord(id);
    EXPECT_TRUE(record.has_outcome());
    return record;
  }
};

TEST_F(CompletionServiceTest, RendersWithoutARecord) {
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Call(*completion_, &Stub::Render, FromText<v1::RenderRequest>(kCall)));
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_THAT(response.rendered().messages(0).parts(0).text(), HasSubstr("Greet Ada."));
  ASSERT_OK_AND_ASSIGN(const auto records, Call(*record_, &v1::RecordService::Stub::ListRecords,
                                                FromText<v1::ListRecordsRequest>("name: 'acme'")));
  EXPECT_EQ(records.records_size(), 0);
}

TEST_F(CompletionServiceTest, CompletesAndRecords) {
  ASSERT_OK_AND_ASSIGN(const auto response, Complete());
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_EQ(response.completion().message().parts(0).text(), "Hello there");
  EXPECT_EQ(GetRecord(response.record()).outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_F(CompletionServiceTest, TheCallerIsWhatMetadataSays) {
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Complete(kCall,
               {{"colophon-caller", "billing app/7"},
                {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}));
  const v1::Intent intent = GetRecord(response.record()).intent();
  EXPECT_EQ(intent.caller(), "billing app/7");
  EXPECT_EQ(intent.traceparent(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST_F(CompletionServiceTest, TheCallerIsThePeersAddressWithoutMetadata) {
  ASSERT_OK_AND_ASSIGN(const auto response, Complete());
  EXPECT_EQ(GetRecord(response.record()).intent().caller(), "127.0.0.1");
}

TEST_F(CompletionServiceTest, FailuresHaveCodeAndReason) {
  ExpectFailures({
      {"an empty caller", Complete(kCall, {{"colophon-caller", ""}}).status(),
       StatusCode::kInvalidArgument, "BAD_CALLER"},
      {"a long caller", Complete(kCall, {{"colophon-caller", std::string(129, 'x')}}).status(),
       StatusCode::kInvalidArgument, "BAD_CALLER"},
      {"two callers",
       Complete(kCall, {{"colophon-caller", "a"}, {"colophon-caller", "b"}}).status(),
       StatusCode::kInvalidArgument, "BAD_CALLER"},
      {"a reference", Complete("name: '@'").status(), StatusCode::kInvalidArgument,
       "BAD_REFERENCE"},
      {"no such prompt", Complete("name: 'acme/nothing'").status(), StatusCode::kNotFound,
       "PROMPT_NOT_FOUND"},
      {"no such provider",
       Complete(std::string(kCall) + " overrides { model: 'nobody/x' }").status(),
       StatusCode::kFailedPrecondition, "PROVIDER_UNKNOWN"},
      {"no such prompt, rendered",
       Call(*completion_, &Stub::Render, FromText<v1::RenderRequest>("name: 'acme/nothing'"))
           .status(),
       StatusCode::kNotFound, "PROMPT_NOT_FOUND"},
  });
}

TEST_F(CompletionServiceTest, ACallerOf128BytesIsTaken) {
  EXPECT_OK(Complete(kCall, {{"colophon-caller", std::string(128, '~')}}));
}

TEST_F(CompletionServiceTest, StreamsAStartThePiecesAndTheResponse) {
  grpc::ClientContext context;
  Prepare(&context);
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  std::vector<v1::StreamCompleteResponse> messages;
  v1::StreamCompleteResponse message;
  while (reader->Read(&message)) messages.push_back(message);
  ASSERT_OK(FromGrpc(reader->Finish()));
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].start().version(), "acme/greeting@v1");
  EXPECT_EQ(messages[1].piece().text(), "Hello");
  EXPECT_EQ(messages[2].piece().text(), " there");
  EXPECT_EQ(messages[3].response().record(), messages[0].start().record());
  EXPECT_EQ(GetRecord(messages[0].start().record()).outcome().piece_count(), 2);
}

TEST_F(CompletionServiceTest, AStreamThatCantBeginFailsWithItsReason) {
  for (const char* text : {"name: 'acme/nothing'", "name: '@'"}) {
    grpc::ClientContext context;
    Prepare(&context);
    auto reader = completion_->StreamComplete(&context, StreamRequest(text));
    v1::StreamCompleteResponse message;
    EXPECT_FALSE(reader->Read(&message));
    EXPECT_NE(ReasonOf(FromGrpc(reader->Finish())), "") << text;
  }
  grpc::ClientContext context;
  Prepare(&context, {{"colophon-caller", ""}});
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  v1::StreamCompleteResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_THAT(FromGrpc(reader->Finish()), ErrorIs(StatusCode::kInvalidArgument, "BAD_CALLER"));
}

// A provider that says one piece and waits at `gate_`.
class GatedCompletionTest : public CompletionServiceTest {
 protected:
  GatedCompletionTest() {
    Script({{Step{.text = "Hello", .gate = nullptr, .error = {}},
             Step{.text = "", .gate = gate_, .error = {}},
             Step{.text = " there", .gate = nullptr, .error = {}}}});
  }

  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

TEST_F(GatedCompletionTest, PiecesComeAtOnceAndNotWithTheNext) {
  grpc::ClientContext context;
  Prepare(&context);
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  v1::StreamCompleteResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.has_start());
  // The provider says no more until the gate opens.
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.piece().text(), "Hello");
  gate_->Open();
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.piece().text(), " there");
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.has_response());
  EXPECT_OK(FromGrpc(reader->Finish()));
}

TEST_F(GatedCompletionTest, ACancelledStreamIsRecordedWithWhatHadArrived) {
  grpc::ClientContext context;
  Prepare(&context);
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  v1::StreamCompleteResponse message;
  ASSERT_TRUE(reader->Read(&message));
  const std::string record = message.start().record();
  ASSERT_TRUE(reader->Read(&message));
  context.TryCancel();
  EXPECT_EQ(FromGrpc(reader->Finish()).code(), StatusCode::kCancelled);
  const v1::Outcome outcome = GetClosedRecord(record).outcome();
  EXPECT_EQ(outcome.status(), v1::RECORD_STATUS_CANCELLED);
  EXPECT_EQ(outcome.completion().message().parts(0).text(), "Hello");
}

TEST_F(GatedCompletionTest, ACancelledUnaryCallIsRecorded) {
  grpc::ClientContext context;
  Prepare(&context);
  std::thread canceller([&] {
    ASSERT_TRUE(gate_->WaitForArrivals(1));
    context.TryCancel();
  });
  v1::CompleteResponse response;
  const grpc::Status status =
      completion_->Complete(&context, FromText<v1::CompleteRequest>(kCall), &response);
  canceller.join();
  EXPECT_EQ(FromGrpc(status).code(), StatusCode::kCancelled);
  ASSERT_OK_AND_ASSIGN(const auto records, Call(*record_, &v1::RecordService::Stub::ListRecords,
                                                FromText<v1::ListRecordsRequest>("name: 'acme'")));
  ASSERT_EQ(records.records_size(), 1);
  EXPECT_EQ(GetClosedRecord(records.records(0).id()).outcome().status(),
            v1::RECORD_STATUS_CANCELLED);
}

TEST_F(GatedCompletionTest, ACallThatIsCancelledAtOnceLeavesNothingOpen) {
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    Prepare(&context);
    auto reader = completion_->StreamComplete(&context, StreamRequest());
    context.TryCancel();
    EXPECT_FALSE(FromGrpc(reader->Finish()).ok());
  }
  int64_t open = 1;
  for (int i = 0; i < 100'000 && open > 0; ++i) {
    auto info = Call(*admin_, &v1::AdminService::Stub::GetServerInfo, {});
    ASSERT_OK(info);
    open = info->open_completion_count();
  }
  EXPECT_EQ(open, 0);
}

TEST_F(GatedCompletionTest, TheRpcsDeadlineEndsTheCall) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  v1::StreamCompleteResponse message;
  std::string record;
  while (reader->Read(&message)) {
    if (message.has_start()) record = message.start().record();
  }
  EXPECT_EQ(FromGrpc(reader->Finish()).code(), StatusCode::kDeadlineExceeded);
  if (record.empty()) GTEST_SKIP() << "the machine was too slow for a call within 500 ms";
  EXPECT_EQ(GetClosedRecord(record).outcome().status(), v1::RECORD_STATUS_TIMED_OUT);
}

TEST_F(GatedCompletionTest, TwoHundredStreamsAreOpenAtOnce) {
  constexpr int kStreams = 200;
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::StreamCompleteResponse>> reader;
  };
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < kStreams; ++i) {
    streams.push_back(std::make_unique<Stream>());
    Prepare(&streams.back()->context);
    streams.back()->reader = completion_->StreamComplete(&streams.back()->context, StreamRequest());
  }
  ASSERT_TRUE(gate_->WaitForArrivals(kStreams));
  ASSERT_OK_AND_ASSIGN(const auto info, Call(*admin_, &v1::AdminService::Stub::GetServerInfo, {}));
  EXPECT_EQ(info.open_completion_count(), kStreams);
  gate_->Open();
  for (auto& stream : streams) {
    v1::StreamCompleteResponse message;
    v1::StreamCompleteResponse last;
    while (stream->reader->Read(&message)) last = message;
    ASSERT_OK(FromGrpc(stream->reader->Finish()));
    EXPECT_EQ(last.response().completion().message().parts(0).text(), "Hello there");
    EXPECT_EQ(GetRecord(last.response().record()).outcome().status(), v1::RECORD_STATUS_OK);
  }
}

class SmallServerTest : public GatedCompletionTest {
 protected:
  SmallServerTest() { options_.config.max_open_completions = 1; }
};

TEST_F(SmallServerTest, OneCallTooManyIsRefusedWithADelay) {
  grpc::ClientContext context;
  Prepare(&context);
  auto reader = completion_->StreamComplete(&context, StreamRequest());
  ASSERT_TRUE(gate_->WaitForArrivals(1));
  const absl::Status refused = Complete().status();
  EXPECT_THAT(refused, ErrorIs(StatusCode::kResourceExhausted, "BUSY"));
  EXPECT_TRUE(RetryDelayOf(refused).has_value());
  gate_->Open();
  v1::StreamCompleteResponse message;
  while (reader->Read(&message)) {
  }
  EXPECT_OK(FromGrpc(reader->Finish()));
}

std::string RecordIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto found = metadata.find("colophon-record");
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

// Kind: a caller that doesn't know which record its call made.
TEST_F(CompletionServiceTest, MetadataNamesTheRecordFirstAndLast) {
  grpc::ClientContext unary;
  Prepare(&unary);
  v1::CompleteResponse response;
  ASSERT_OK(
      FromGrpc(completion_->Complete(&unary, FromText<v1::CompleteRequest>(kCall), &response)));
  EXPECT_EQ(RecordIn(unary.GetServerInitialMetadata()), response.record());
  EXPECT_EQ(RecordIn(unary.GetServerTrailingMetadata()), response.record());

  grpc::ClientContext stream;
  Prepare(&stream);
  auto reader = completion_->StreamComplete(&stream, StreamRequest());
  v1::StreamCompleteResponse message;
  ASSERT_TRUE(reader->Read(&message));
  const std::string record = message.start().record();
  EXPECT_EQ(RecordIn(stream.GetServerInitialMetadata()), record);
  while (reader->Read(&message)) continue;
  ASSERT_OK(FromGrpc(reader->Finish()));
  EXPECT_EQ(RecordIn(stream.GetServerTrailingMetadata()), record);

  grpc::ClientContext created;
  Prepare(&created);
  v1::CreateRecordResponse made;
  ASSERT_OK(
      FromGrpc(record_->CreateRecord(&created, FromText<v1::CreateRecordRequest>(kCall), &made)));
  EXPECT_EQ(RecordIn(created.GetServerTrailingMetadata()), made.record().id());

  grpc::ClientContext refused;
  Prepare(&refused);
  EXPECT_THAT(FromGrpc(completion_->Complete(
                  &refused, FromText<v1::CompleteRequest>("name: 'acme/none'"), &response)),
              ErrorIs(StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_EQ(RecordIn(refused.GetServerTrailingMetadata()), "");
}

class FailingProviderTest : public CompletionServiceTest {
 protected:
  FailingProviderTest() {
    Script({Fails(
        WithRetryDelay(ResourceExhausted("PROVIDER_THROTTLED", "slow down"), absl::Seconds(7)))});
  }
};

TEST_F(FailingProviderTest, TheProvidersErrorKeepsItsReasonDelayAndRecord) {
  const absl::Status status = Complete().status();
  EXPECT_THAT(status, ErrorIs(StatusCode::kResourceExhausted, "PROVIDER_THROTTLED"));
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(7));
  const v1::Record record = GetRecord(MetadataOf(status)["record"]);
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_FAILED);

  grpc::ClientContext context;
  Prepare(&context);
  v1::CompleteResponse response;
  const absl::Status failed =
      FromGrpc(completion_->Complete(&context, FromText<v1::CompleteRequest>(kCall), &response));
  EXPECT_EQ(RecordIn(context.GetServerTrailingMetadata()), MetadataOf(failed)["record"]);
}

}  // namespace
}  // namespace colophon
