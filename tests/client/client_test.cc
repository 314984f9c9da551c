#include "client/cpp/client.h"

#include <future>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_server.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;

class ClientTest : public testing::Test {
 protected:
  ClientTest() : client_(Options()) { server_.Publish("greeting", "Hello"); }

  ClientOptions Options() {
    ClientOptions options;
    options.address = server_.address();
    options.caller = "tests";
    options.sleep = [this](absl::Duration delay) { slept_.push_back(delay); };
    options.random = [] { return 1.0; };
    return options;
  }

  absl::StatusOr<v1::GetVersionResponse> Get(const CallOptions& call = {}) {
    v1::GetVersionRequest request;
    request.set_name("acme/greeting@v1");
    return client_.GetVersion(request, call);
  }

  static grpc::Status Down(absl::Duration retry_delay = {}) {
    return FakeServer::Failure(grpc::StatusCode::UNAVAILABLE, "STOPPING", "stopping", retry_delay);
  }

  FakeServer server_;
  std::vector<absl::Duration> slept_;
  Client client_;
};

TEST_F(ClientTest, AnswersWithTheResponse) {
  ASSERT_OK_AND_ASSIGN(const auto response, Get());
  EXPECT_EQ(response.version().files(0).content(), "Hello");
}

TEST_F(ClientTest, RepeatsAReadUntilTheServerIsBack) {
  server_.FailNext("GetVersion", Down());
  server_.FailNext("GetVersion", Down(absl::Seconds(3)));
  EXPECT_OK(Get());
  EXPECT_THAT(slept_, ElementsAre(absl::Milliseconds(100), absl::Seconds(3)));
  EXPECT_EQ(server_.calls("GetVersion"), 3);
}

TEST_F(ClientTest, RepeatsAsOftenAsTheCallAllows) {
  for (int i = 0; i < 3; ++i) server_.FailNext("GetVersion", Down());
  EXPECT_THAT(Get({.max_attempts = 2}),
              ErrorIs(absl::StatusCode::kUnavailable, "STOPPING", "stopping (2 attempts)"));
  EXPECT_EQ(server_.calls("GetVersion"), 2);
}

TEST_F(ClientTest, KeepsReasonFactsAndRetryDelay) {
  server_.FailNext("GetVersion", FakeServer::Failure(grpc::StatusCode::ABORTED, "STALE_BASE",
                                                     "stale base", absl::Milliseconds(1500)));
  const auto response = Get();
  EXPECT_THAT(response, ErrorIs(absl::StatusCode::kAborted, "STALE_BASE", "stale base"));
  EXPECT_EQ(MetadataOf(response.status()).at("sequence"), "41");
  EXPECT_EQ(RetryDelayOf(response.status()), absl::Milliseconds(1500));
}

TEST_F(ClientTest, UnderstandsAServerThatSendsNoDetails) {
  server_.FailNext("GetVersion", grpc::Status(grpc::StatusCode::NOT_FOUND, "no such thing"));
  EXPECT_THAT(Get(), ErrorIs(absl::StatusCode::kNotFound, "", "no such thing"));
  server_.FailNext("GetVersion", grpc::Status(grpc::StatusCode::NOT_FOUND, "odd details",
                                              "\xff\xff not a proto"));
  EXPECT_THAT(Get(), ErrorIs(absl::StatusCode::kNotFound, "", "odd details"));
}

TEST_F(ClientTest, RepeatsAPublishUnderOneRequestId) {
  server_.FailNext("Publish", Down());
  v1::PublishRequest request;
  request.set_repository("acme");
  EXPECT_OK(client_.Publish(request));
  const auto seen = server_.seen("Publish");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].request_id.size(), 36u);
  EXPECT_EQ(seen[0].request_id, seen[1].request_id);

  EXPECT_OK(client_.Publish(request));
  EXPECT_NE(server_.seen("Publish")[2].request_id, seen[0].request_id);
}

TEST_F(ClientTest, KeepsTheRequestIdItIsGiven) {
  v1::UpdateLabelRequest request;
  request.set_request_id("mine");
  EXPECT_OK(client_.UpdateLabel(request));
  EXPECT_EQ(server_.seen("UpdateLabel")[0].request_id, "mine");
}

TEST_F(ClientTest, GivesADryRunNoRequestId) {
  v1::PublishRequest request;
  request.set_validate_only(true);
  EXPECT_OK(client_.Publish(request));
  EXPECT_EQ(server_.seen("Publish")[0].request_id, "");
}

TEST_F(ClientTest, RefusesAnAddressThatIsNone) {
  for (const char* address : {"", "localhost", "localhost:", ":50051", "localhost:x", "localhost:0",
                              "localhost:65536", "http://localhost:50051", "::1:50051"}) {
    ClientOptions options = Options();
    options.address = address;
    const Client client(options);
    EXPECT_THAT(client.GetServerInfo({}),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_ADDRESS", HasSubstr("HOST:PORT")))
        << address;
    auto stream = client.StreamComplete({});
    v1::StreamCompleteResponse message;
    EXPECT_FALSE(stream.Read(&message));
    EXPECT_THAT(stream.Finish(), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_ADDRESS"));
  }
  EXPECT_THAT(slept_, IsEmpty());
  for (const char* address : {"[::1]:1", "localhost:1", "unix:/nowhere/socket"}) {
    ClientOptions options = Options();
    options.address = address;
    options.retry.max_attempts = 1;
    EXPECT_THAT(Client(options).GetServerInfo({}),
                ErrorIs(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE"))
        << address;
  }
}

TEST_F(ClientTest, NeverRepeatsACompletion) {
  server_.FailNext("Complete", Down(absl::Seconds(1)));
  EXPECT_THAT(client_.Complete({}), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(server_.calls("Complete"), 1);

  server_.FailNext("StreamComplete", Down(absl::Seconds(1)));
  auto stream = client_.StreamComplete({});
  v1::StreamCompleteResponse message;
  EXPECT_FALSE(stream.Read(&message));
  EXPECT_THAT(stream.Finish(), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(server_.calls("StreamComplete"), 1);
  EXPECT_THAT(slept_, IsEmpty());
}

TEST_F(ClientTest, NeverRepeatsACreation) {
  server_.FailNext("CreateRepository", Down(absl::Seconds(1)));
  EXPECT_THAT(client_.CreateRepository({}), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(server_.calls("CreateRepository"), 1);
}

TEST_F(ClientTest, SaysWhichServerDoesNotAnswer) {
  server_.Stop();
  EXPECT_THAT(Get({.max_attempts = 1}),
              ErrorIs(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE",
                      HasSubstr("no answer from " + server_.address())));
}

TEST_F(ClientTest, SendsTheDeadline) {
  ASSERT_OK(Get());
  ASSERT_OK(Get({.timeout = absl::Seconds(5)}));
  ASSERT_OK(client_.Complete({}));
  // gRPC rounds the time up when it sends it.
  EXPECT_THAT(server_.seen("GetVersion")[0].time_left,
              AllOf(Ge(absl::Seconds(10)), Le(absl::Seconds(32))));
  EXPECT_THAT(server_.seen("GetVersion")[1].time_left, Le(absl::Seconds(6)));
  EXPECT_THAT(server_.seen("Complete")[0].time_left,
              AllOf(Ge(absl::Minutes(9)), Le(absl::Minutes(11))));
}

TEST_F(ClientTest, GivesUpAtTheDeadline) {
  std::promise<void> release;
  server_.OnCall("GetVersion", [&] { release.get_future().wait_for(std::chrono::seconds(30)); });
  EXPECT_THAT(Get({.timeout = absl::Milliseconds(50)}),
              ErrorIs(absl::StatusCode::kDeadlineExceeded, "DEADLINE",
                      HasSubstr("no answer from " + server_.address() + " within 50ms")));
  release.set_value();
}

TEST_F(ClientTest, NamesTheCallerAndTheTrace) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  ASSERT_OK(Get());
  ASSERT_OK(Get({.caller = "José\n", .traceparent = trace}));
  EXPECT_EQ(server_.seen("GetVersion")[0].caller, "tests");
  EXPECT_EQ(server_.seen("GetVersion")[0].traceparent, "");
  EXPECT_EQ(server_.seen("GetVersion")[1].caller, "Jos%C3%A9%0A");
  EXPECT_EQ(server_.seen("GetVersion")[1].traceparent, trace);
}

TEST_F(ClientTest, ReadsAStreamToItsEnd) {
  auto stream = client_.StreamComplete({});
  v1::StreamCompleteResponse message;
  ASSERT_TRUE(stream.Read(&message));
  EXPECT_EQ(message.start().record(), "0198");
  std::string text;
  while (stream.Read(&message) && message.has_piece()) text += message.piece().text();
  EXPECT_EQ(text, "0 1 2 3 4 5 6 7 8 9 ");
  EXPECT_TRUE(message.has_response());
  EXPECT_FALSE(stream.Read(&message));
  EXPECT_OK(stream.Finish());
  EXPECT_OK(stream.Finish());
}

TEST_F(ClientTest, SaysHowAStreamFailed) {
  server_.FailNext("StreamEnd", FakeServer::Failure(grpc::StatusCode::UNAVAILABLE, "PROVIDER_CUT",
                                                    "the answer broke off"));
  auto stream = client_.StreamComplete({});
  v1::StreamCompleteResponse message;
  int count = 0;
  while (stream.Read(&message)) ++count;
  EXPECT_EQ(count, 12);
  EXPECT_THAT(stream.Finish(), ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"));
}

TEST_F(ClientTest, CancelsAStreamThatIsBeingRead) {
  v1::WatchChangesRequest request;
  request.mutable_heartbeat_interval()->set_seconds(600);
  auto stream = client_.WatchChanges(request);
  v1::WatchChangesResponse event;
  ASSERT_TRUE(stream.Read(&event));
  EXPECT_EQ(stream.Read(&event, absl::Milliseconds(5)), ReadResult::kTimeout);
  std::thread canceller([&] { stream.Cancel(); });
  EXPECT_FALSE(stream.Read(&event));
  canceller.join();
  EXPECT_EQ(stream.Finish().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, CancelsAStreamThatIsThrownAway) {
  {
    v1::WatchChangesRequest request;
    request.mutable_heartbeat_interval()->set_nanos(20'000'000);
    auto stream = client_.WatchChanges(request);
    v1::WatchChangesResponse event;
    ASSERT_TRUE(stream.Read(&event));
  }
  EXPECT_TRUE(server_.WaitForNoWatchers());
}

TEST_F(ClientTest, GoesOnReadingAfterATimeout) {
  v1::WatchChangesRequest request;
  request.mutable_heartbeat_interval()->set_seconds(600);
  auto stream = client_.WatchChanges(request);
  v1::WatchChangesResponse event;
  ASSERT_TRUE(stream.Read(&event));
  ASSERT_EQ(stream.Read(&event, absl::ZeroDuration()), ReadResult::kTimeout);
  server_.Publish("greeting", "Hello again");
  ASSERT_EQ(stream.Read(&event, absl::Seconds(30)), ReadResult::kMessage);
  EXPECT_EQ(event.change().sequence(), 2);
}

TEST_F(ClientTest, SharesOneConnectionBetweenCopies) {
  const Client copy = client_;
  v1::GetVersionRequest request;
  request.set_name("acme/greeting@v1");
  EXPECT_OK(copy.GetVersion(request));
  EXPECT_EQ(&copy.options(), &client_.options());
}

}  // namespace
}  // namespace colophon
