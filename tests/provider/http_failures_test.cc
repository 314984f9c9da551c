// What an upstream can do wrong: each is classified, and none is taken for a whole
// answer.

#include "gmock/gmock.h"
#include "service/provider/http_provider.h"
#include "tests/provider/answers.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// One way to fail, with a provider whose limits are small.
struct Failure {
  const char* name;
  std::function<ModelAnswer()> answer;
  StatusCode code;
  const char* reason;
  const char* message;
};

void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }

class FailureTest : public testing::TestWithParam<Failure> {};

TEST_P(FailureTest, IsClassifiedAndNeverComplete) {
  const Failure& failure = GetParam();
  for (const bool stream : {false, true}) {
    ModelServer server;
    server.SetHandler([&](const ModelRequest&) { return failure.answer(); });
    config::v1::Provider config = ConfigFor(server);
    config.set_first_byte_timeout_ms(300);
    config.set_idle_timeout_ms(300);
    config.set_max_response_bytes(100'000);
    OneProvider one(config);
    const Outcome outcome = one.Call(stream);
    EXPECT_THAT(outcome.end, ErrorIs(failure.code, failure.reason, HasSubstr(failure.message)))
        << (stream ? "stream" : "unary");
    EXPECT_THAT(MessageOf(outcome.end), HasSubstr("provider \"model\""));
    EXPECT_EQ(MetadataOf(outcome.end)["provider"], "model");
  }
}

std::string StreamHead() { return HttpChunkedHead(); }
std::string Beginning() { return HttpChunk(OpenAiTextEvent("Hel")); }

const Failure kFailures[] = {
    {"RedirectIsNotFollowed",
     [] { return HttpAnswer(302, "", {"location: http://169.254.169.254/latest/meta-data"}); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "169.254.169.254"},
    {"BadRequest", [] { return JsonAnswer(400, R"({"error":{"message":"no such model"}})"); },
     StatusCode::kInvalidArgument, "PROVIDER_REJECTED", "no such model"},
    {"Unauthorized", [] { return JsonAnswer(401, R"({"error":{"message":"bad key"}})"); },
     StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED", "bad key"},
    {"TooManyRequests",
     [] { return JsonAnswer(429, R"({"error":{"message":"slow"}})", {"retry-after: 3"}); },
     StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", "slow"},
    {"ServerError", [] { return HttpAnswer(500, "Internal Server Error", {}); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "Internal Server Error"},
    {"Overloaded",
     [] { return JsonAnswer(529, R"({"error":{"type":"overloaded_error","message":"busy"}})"); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "busy"},
    {"ErrorWhoseBodyNeverEnds",
     [] {
       return ModelAnswer()
           .Send("HTTP/1.1 503 S\r\nretry-after: 1\r\n\r\n")
           .Repeat(std::string(10'000, 'x'));
     },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "503"},
    {"ErrorWhoseBodyIsCut",
     [] { return BytesAnswer("HTTP/1.1 500 S\r\ncontent-length: 100\r\n\r\noops").Close(); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "oops"},
    {"HtmlWith200",
     [] {
       return HttpAnswer(200, "<html>Welcome</html>", {"content-type: text/html; charset=utf-8"});
     },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "text/html"},
    {"HtmlThatSaysItIsJson",
     [] { return HttpAnswer(200, "<html>Welcome</html>", {"content-type: application/json"}); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "<html>"},
    {"EmptyJson", [] { return JsonAnswer(200, ""); }, StatusCode::kUnavailable,
     "PROVIDER_MALFORMED", "not JSON"},
    {"ErrorWith200",
     [] { return JsonAnswer(200, R"({"error":{"type":"server_error","message":"sorry"}})"); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "sorry"},
    {"GzipNobodyAskedFor",
     [] {
       return HttpAnswer(200, "\x1f\x8b\x08zzzz",
                         {"content-type: application/json", "content-encoding: gzip"});
     },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "gzip"},
    {"NotHttp", [] { return BytesAnswer("SSH-2.0-OpenSSH_9.2\r\n").Close(); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "HTTP"},
    {"ClosedWithoutAnAnswer", [] { return ModelAnswer().Close(); }, StatusCode::kUnavailable,
     "PROVIDER_CUT", "broke off"},
    {"ResetWithoutAnAnswer", [] { return ModelAnswer().Reset(); }, StatusCode::kUnavailable,
     "PROVIDER_CUT", "broke off"},
    {"ClosedInTheHeaders", [] { return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-ty").Close(); },
     StatusCode::kUnavailable, "PROVIDER_CUT", "headers"},
    {"ContentLengthTooLong",
     [] {
       return BytesAnswer(
                  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                  "9999\r\n\r\n" +
                  OpenAiBody("x"))
           .Close();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"ContentLengthTooShort",
     [] {
       return BytesAnswer(
           "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n" +
           OpenAiBody("x"));
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "middle"},
    // Kind: an answer whose end is in doubt.
    {"TwoContentLengths",
     [] {
       const std::string length = std::to_string(OpenAiBody("x").size());
       return BytesAnswer(
           "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n"
           "content-length: " +
           length + "\r\n\r\n" + OpenAiBody("x"));
     },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "more than once"},
    {"HalfABodyWithoutLength",
     [] {
       return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" +
                          OpenAiBody("x").substr(0, 100))
           .Close();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "middle"},
    {"ContentLengthThatIsNoNumber",
     [] { return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-length: much\r\n\r\nx").Close(); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "Content-Length"},
    {"ChunkSizeThatIsNoNumber",
     [] {
       return BytesAnswer(
                  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                  "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")
           .Hang();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"TooManyHeaders",
     [] { return BytesAnswer("HTTP/1.1 200 OK\r\n").Repeat("x-header: value\r\n", 100'000); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"OneHeaderThatNeverEnds",
     [] { return BytesAnswer("HTTP/1.1 200 OK\r\nx: ").Repeat(std::string(1000, 'x')); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"FloodOfInterimAnswers",
     [] { return ModelAnswer().Repeat("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"EndlessBody",
     [] {
       return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
           .Repeat(std::string(1000, ' '));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "100000 bytes"},
    {"NoAnswer", [] { return ModelAnswer().Hang(); }, StatusCode::kDeadlineExceeded,
     "PROVIDER_TIMEOUT", "first_byte"},
    {"HeadersAndThenNothing",
     [] { return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n").Hang(); },
     StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "first_byte"},
    {"HalfABodyAndThenNothing",
     [] {
       return BytesAnswer("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"id\":")
           .Hang();
     },
     StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "idle"},
};

INSTANTIATE_TEST_SUITE_P(All, FailureTest, testing::ValuesIn(kFailures),
                         [](const auto& test) { return std::string(test.param.name); });

class StreamFailureTest : public testing::TestWithParam<Failure> {};

TEST_P(StreamFailureTest, KeepsThePiecesBeforeIt) {
  const Failure& failure = GetParam();
  ModelServer server;
  server.SetHandler([&](const ModelRequest&) { return failure.answer(); });
  config::v1::Provider config = ConfigFor(server);
  config.set_idle_timeout_ms(300);
  config.set_max_response_bytes(3'000'000);
  OneProvider one(config);
  const Outcome outcome = one.Call(true);
  EXPECT_THAT(outcome.end, ErrorIs(failure.code, failure.reason, HasSubstr(failure.message)));
  EXPECT_EQ(outcome.text(), "Hel");
  EXPECT_EQ(outcome.metadata.provider_model(), "gpt-4o-mini-2024-07-18");
  EXPECT_FALSE(outcome.metadata.has_usage());
}

const Failure kStreamFailures[] = {
    {"NoTerminator",
     [] {
       std::vector<std::string> events = OpenAiEvents({"Hel"});
       events.resize(2);  // Up to the finish_reason, and without it.
       return StreamAnswer(events);
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"HalfAnEvent",
     [] {
       const std::string event = OpenAiTextEvent("lo");
       return BytesAnswer(StreamHead() + Beginning() +
                          HttpChunk(event.substr(0, event.size() / 2)) + HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"ATerminatorWithoutItsEmptyLine",
     [] {
       return BytesAnswer(StreamHead() + Beginning() + HttpChunk("data: [DO\n") + HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"AResetAfterTheFinishReason",
     [] {
       std::vector<std::string> events = OpenAiEvents({"Hel"});
       std::string bytes = StreamHead();
       for (int i = 0; i < 3; ++i) bytes += HttpChunk(events[i]);
       return BytesAnswer(bytes).Close();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"AFinishReasonThatSaysItFailed",
     [] {
       return StreamAnswer({OpenAiTextEvent("Hel"),
                            Event(R"({"choices":[{"delta":{},"finish_reason":"network_error"}]})"),
                            Event("[DONE]")});
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "network_error"},
    {"AnErrorInTheChoice",
     [] {
       return StreamAnswer(
           {OpenAiTextEvent("Hel"), Event(R"({"choices":[{"delta":{},"finish_reason":"error",)"
                                          R"("error":{"code":429,"message":"busy"}}]})")});
     },
     StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", "busy"},
    {"AnEventThatIsCalledError",
     [] {
       return StreamAnswer({OpenAiTextEvent("Hel"), Event("error", "upstream is gone")});
     },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "upstream is gone"},
    {"ClosedInAChunk",
     [] { return BytesAnswer(StreamHead() + Beginning() + "100\r\ndata: {").Close(); },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"Silence", [] { return BytesAnswer(StreamHead() + Beginning()).Hang(); },
     StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "idle"},
    {"ErrorInTheStream",
     [] {
       return BytesAnswer(
           StreamHead() + Beginning() +
           HttpChunk(Event(R"({"error":{"type":"server_error","message":"sorry"}})")) +
           HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "sorry"},
    {"ErrorBehindTheEvents",
     [] {
       return BytesAnswer(
           StreamHead() + Beginning() +
           HttpChunk(R"({"error":{"type":"rate_limit_exceeded","message":"slow"}})") +
           HttpChunkEnd());
     },
     StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", "slow"},
    {"AnEventThatIsNoJson",
     [] { return BytesAnswer(StreamHead() + Beginning() + HttpChunk(Event("{\"id\""))); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "not JSON"},
    {"AnEventOverTheLimit",
     [] {
       return BytesAnswer(StreamHead() + Beginning() + HttpChunk("data: "))
           .Repeat(HttpChunk(std::string(10'000, 'x')));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "max_response_bytes"},
    {"EndlessComments",
     [] {
       return BytesAnswer(StreamHead() + Beginning())
           .Repeat(HttpChunk(": " + std::string(50'000, 'p') + "\n\n"));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "max_response_bytes"},
};

INSTANTIATE_TEST_SUITE_P(All, StreamFailureTest, testing::ValuesIn(kStreamFailures),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace colophon
