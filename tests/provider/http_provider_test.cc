#include "service/provider/http_provider.h"

#include "gmock/gmock.h"
#include "tests/provider/answers.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

config::v1::Provider ConfigFor(const ModelServer& server) {
  config::v1::Provider config;
  config.set_base_url(server.base_url());
  return config;
}

ModelAnswer Bytes(std::string bytes) { return ModelAnswer().Send(std::move(bytes)); }

ModelAnswer Whole(int status, const std::string& body, HeaderList headers) {
  return Bytes(HttpMessage(status, body, headers));
}

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
     [] { return Whole(302, "", {"location: http://169.254.169.254/latest/meta-data"}); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "169.254.169.254"},
    {"BadRequest", [] { return JsonAnswer(400, R"({"error":{"message":"no such model"}})"); },
     StatusCode::kInvalidArgument, "PROVIDER_REJECTED", "no such model"},
    {"Unauthorized", [] { return JsonAnswer(401, R"({"error":{"message":"bad key"}})"); },
     StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED", "bad key"},
    {"TooManyRequests",
     [] { return JsonAnswer(429, R"({"error":{"message":"slow"}})", {"retry-after: 3"}); },
     StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", "slow"},
    {"ServerError", [] { return Whole(500, "Internal Server Error", {}); },
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
     [] { return Bytes("HTTP/1.1 500 S\r\ncontent-length: 100\r\n\r\noops").Close(); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "oops"},
    {"HtmlWith200",
     [] { return Whole(200, "<html>Welcome</html>", {"content-type: text/html; charset=utf-8"}); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "text/html"},
    {"HtmlThatSaysItIsJson",
     [] { return Whole(200, "<html>Welcome</html>", {"content-type: application/json"}); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "<html>"},
    {"EmptyJson", [] { return JsonAnswer(200, ""); }, StatusCode::kUnavailable,
     "PROVIDER_MALFORMED", "not JSON"},
    {"ErrorWith200",
     [] { return JsonAnswer(200, R"({"error":{"type":"server_error","message":"sorry"}})"); },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "sorry"},
    {"GzipNobodyAskedFor",
     [] {
       return Whole(200, "\x1f\x8b\x08zzzz",
                    {"content-type: application/json", "content-encoding: gzip"});
     },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "gzip"},
    {"NotHttp", [] { return Bytes("SSH-2.0-OpenSSH_9.2\r\n").Close(); }, StatusCode::kUnavailable,
     "PROVIDER_MALFORMED", "HTTP"},
    {"ClosedWithoutAnAnswer", [] { return ModelAnswer().Close(); }, StatusCode::kUnavailable,
     "PROVIDER_CUT", "broke off"},
    {"ResetWithoutAnAnswer", [] { return ModelAnswer().Reset(); }, StatusCode::kUnavailable,
     "PROVIDER_CUT", "broke off"},
    {"ClosedInTheHeaders", [] { return Bytes("HTTP/1.1 200 OK\r\ncontent-ty").Close(); },
     StatusCode::kUnavailable, "PROVIDER_CUT", "headers"},
    {"ContentLengthTooLong",
     [] {
       return Bytes(
                  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                  "9999\r\n\r\n" +
                  OpenAiBody("x"))
           .Close();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"ContentLengthTooShort",
     [] {
       return Bytes(
           "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n" +
           OpenAiBody("x"));
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "middle"},
    // Kind: an answer whose end is in doubt.
    {"TwoContentLengths",
     [] {
       const std::string length = std::to_string(OpenAiBody("x").size());
       return Bytes(
           "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n"
           "content-length: " +
           length + "\r\n\r\n" + OpenAiBody("x"));
     },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "more than once"},
    {"HalfABodyWithoutLength",
     [] {
       return Bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" +
                    OpenAiBody("x").substr(0, 100))
           .Close();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "middle"},
    {"ContentLengthThatIsNoNumber",
     [] { return Bytes("HTTP/1.1 200 OK\r\ncontent-length: much\r\n\r\nx").Close(); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "Content-Length"},
    {"ChunkSizeThatIsNoNumber",
     [] {
       return Bytes(
                  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                  "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")
           .Hang();
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"TooManyHeaders",
     [] { return Bytes("HTTP/1.1 200 OK\r\n").Repeat("x-header: value\r\n", 100'000); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"OneHeaderThatNeverEnds",
     [] { return Bytes("HTTP/1.1 200 OK\r\nx: ").Repeat(std::string(1000, 'x')); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"FloodOfInterimAnswers",
     [] { return ModelAnswer().Repeat("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"); },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "header"},
    {"EndlessBody",
     [] {
       return Bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
           .Repeat(std::string(1000, ' '));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "100000 bytes"},
    {"NoAnswer", [] { return ModelAnswer().Hang(); }, StatusCode::kDeadlineExceeded,
     "PROVIDER_TIMEOUT", "first_byte"},
    {"HeadersAndThenNothing",
     [] { return Bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n").Hang(); },
     StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "first_byte"},
    {"HalfABodyAndThenNothing",
     [] {
       return Bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"id\":").Hang();
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
       events.resize(3);  // Up to the finish_reason.
       return StreamAnswer(events);
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"HalfAnEvent",
     [] {
       const std::string event = OpenAiTextEvent("lo");
       return Bytes(StreamHead() + Beginning() + HttpChunk(event.substr(0, event.size() / 2)) +
                    HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"ATerminatorWithoutItsEmptyLine",
     [] {
       return Bytes(StreamHead() + Beginning() + HttpChunk("data: [DONE]\n") + HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_CUT", "complete"},
    {"ClosedInAChunk", [] { return Bytes(StreamHead() + Beginning() + "100\r\ndata: {").Close(); },
     StatusCode::kUnavailable, "PROVIDER_CUT", "broke off"},
    {"Silence", [] { return Bytes(StreamHead() + Beginning()).Hang(); },
     StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "idle"},
    {"ErrorInTheStream",
     [] {
       return Bytes(StreamHead() + Beginning() +
                    HttpChunk(Event(R"({"error":{"type":"server_error","message":"sorry"}})")) +
                    HttpChunkEnd());
     },
     StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", "sorry"},
    {"ErrorBehindTheEvents",
     [] {
       return Bytes(StreamHead() + Beginning() +
                    HttpChunk(R"({"error":{"type":"rate_limit_exceeded","message":"slow"}})") +
                    HttpChunkEnd());
     },
     StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", "slow"},
    {"AnEventThatIsNoJson",
     [] { return Bytes(StreamHead() + Beginning() + HttpChunk(Event("{\"id\""))); },
     StatusCode::kUnavailable, "PROVIDER_MALFORMED", "not JSON"},
    {"AnEventOverTheLimit",
     [] {
       return Bytes(StreamHead() + Beginning() + HttpChunk("data: "))
           .Repeat(HttpChunk(std::string(10'000, 'x')));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "an event"},
    {"EndlessComments",
     [] {
       return Bytes(StreamHead() + Beginning())
           .Repeat(HttpChunk(": " + std::string(50'000, 'p') + "\n\n"));
     },
     StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE", "max_response_bytes"},
};

INSTANTIATE_TEST_SUITE_P(All, StreamFailureTest, testing::ValuesIn(kStreamFailures),
                         [](const auto& test) { return std::string(test.param.name); });

class HttpProviderTest : public testing::Test {
 protected:
  ModelServer server_;
};

TEST_F(HttpProviderTest, AnswersAtOnceAndInPieces) {
  server_.SetHandler([](const ModelRequest&) { return OpenAiAnswer("Hello"); });
  OneProvider one(ConfigFor(server_));
  const Outcome unary = one.Call(false);
  EXPECT_OK(unary.end);
  EXPECT_EQ(unary.text(), "Hello");
  EXPECT_EQ(unary.metadata.usage().output_tokens(), 5);
  server_.SetHandler([](const ModelRequest&) { return OpenAiStream({"Hel", "lo"}); });
  const Outcome streamed = one.Call(true);
  EXPECT_OK(streamed.end);
  EXPECT_EQ(streamed.pieces.size(), 2u);
  EXPECT_EQ(streamed.text(), "Hello");
  EXPECT_EQ(streamed.metadata.provider_stop_reason(), "stop");
}

TEST_F(HttpProviderTest, SpeaksAnthropic) {
  config::v1::Provider config = ConfigFor(server_);
  config.set_kind(config::v1::Provider::KIND_ANTHROPIC);
  OneProvider one(config);
  server_.SetHandler([](const ModelRequest&) { return AnthropicStream({"Hel", "lo"}); });
  EXPECT_EQ(one.Call(true).text(), "Hello");
  server_.SetHandler([](const ModelRequest&) { return AnthropicAnswer("Hello"); });
  EXPECT_EQ(one.Call(false).text(), "Hello");
}

TEST_F(HttpProviderTest, TakesAnAnswerInSingleBytes) {
  std::string bytes = HttpChunkedHead();
  for (const std::string& event : OpenAiEvents({"Hel", "lo"})) bytes += HttpChunk(event);
  bytes += HttpChunkEnd();
  server_.SetHandler([&](const ModelRequest&) { return ModelAnswer().SendInPieces(bytes, 1); });
  OneProvider one(ConfigFor(server_));
  const Outcome outcome = one.Call(true);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), "Hello");
}

TEST_F(HttpProviderTest, TheFirstTerminatorCounts) {
  std::vector<std::string> events = OpenAiEvents({"Hel", "lo"});
  events.push_back(Event("[DONE]"));
  events.push_back(OpenAiTextEvent("more"));
  server_.SetHandler([&](const ModelRequest&) { return StreamAnswer(events); });
  OneProvider one(ConfigFor(server_));
  const Outcome outcome = one.Call(true);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), "Hello");
}

TEST_F(HttpProviderTest, IsCompleteAtTheTerminatorThoughTheConnectionStaysOpen) {
  std::vector<std::string> events = OpenAiEvents({"Hello"});
  ModelAnswer answer;
  answer.Send(HttpChunkedHead());
  for (const std::string& event : events) answer.Send(HttpChunk(event));
  answer.Hang();
  server_.SetHandler([&](const ModelRequest&) { return answer; });
  OneProvider one(ConfigFor(server_));
  EXPECT_OK(one.Call(true).end);
  // Not for ever: the connection is given up.
  EXPECT_TRUE(server_.WaitForOpenConnections(0));
}

TEST_F(HttpProviderTest, TakesAWholeAnswerInsteadOfAStream) {
  server_.SetHandler([](const ModelRequest&) { return OpenAiAnswer("Hello"); });
  OneProvider one(ConfigFor(server_));
  const Outcome outcome = one.Call(true);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), "Hello");
}

TEST_F(HttpProviderTest, PiecesComeWhenTheyAreSent) {
  const auto gate = std::make_shared<ModelGate>();
  const std::vector<std::string> events = OpenAiEvents({"Hel", "lo"});
  ModelAnswer answer;
  answer.Send(HttpChunkedHead() + HttpChunk(events[0]) + HttpChunk(events[1])).WaitFor(gate);
  for (size_t i = 2; i < events.size(); ++i) answer.Send(HttpChunk(events[i]));
  server_.SetHandler([&](const ModelRequest&) { return answer.Send(HttpChunkEnd()); });
  OneProvider one(ConfigFor(server_));
  auto call =
      OnLoop(one.loop(), [&] { return one.provider()->Start(one.loop(), RequestFor(true)); });
  ProviderCall* const started = call.get();
  const auto first =
      boost::asio::co_spawn(one.loop().context(), started->Next(), boost::asio::use_future).get();
  ASSERT_OK(first.status());
  EXPECT_EQ((*first)->text(), "Hel");
  gate->Open();
  const Outcome rest =
      boost::asio::co_spawn(one.loop().context(), Collect(std::move(call)), boost::asio::use_future)
          .get();
  EXPECT_OK(rest.end);
  EXPECT_EQ(rest.text(), "lo");
}

TEST_F(HttpProviderTest, NothingListens) {
  config::v1::Provider config;
  {
    ModelServer gone;
    config = ConfigFor(gone);
  }
  OneProvider one(config);
  EXPECT_THAT(one.Call(false).end,
              ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE", HasSubstr("base_url")));
}

TEST_F(HttpProviderTest, ANameThatDoesNotExist) {
  config::v1::Provider config;
  config.set_base_url("https://no-such-host.invalid/v1");
  OneProvider one(config);
  // The second where no name server answers.
  EXPECT_THAT(one.Call(false).end,
              AnyOf(ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE"),
                    ErrorIs(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT")));
}

TEST_F(HttpProviderTest, RetryAfterIsPassedOn) {
  server_.SetHandler([](const ModelRequest&) { return JsonAnswer(429, "{}", {"retry-after: 3"}); });
  OneProvider one(ConfigFor(server_));
  EXPECT_EQ(RetryDelayOf(one.Call(true).end), absl::Seconds(3));
}

TEST_F(HttpProviderTest, TheRequestsTimeoutIsTheTotal) {
  server_.SetHandler([](const ModelRequest&) {
    return ModelAnswer().Send(HttpChunkedHead()).Repeat(HttpChunk(": ping\n\n"), 3).Hang();
  });
  OneProvider one(ConfigFor(server_));
  ProviderRequest request = RequestFor(true);
  request.timeout = absl::Milliseconds(200);
  const Outcome outcome = CallAsync(one.loop(), one.provider(), request).get();
  EXPECT_THAT(outcome.end, ErrorIs(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT"));
  EXPECT_EQ(MetadataOf(outcome.end)["limit"], "total");
  EXPECT_FALSE(IsRetryable(outcome.end));
}

TEST_F(HttpProviderTest, ATimeoutOfZeroHasPassed) {
  OneProvider one(ConfigFor(server_));
  ProviderRequest request = RequestFor(false);
  request.timeout = absl::ZeroDuration();
  EXPECT_THAT(CallAsync(one.loop(), one.provider(), request).get().end,
              ErrorIs(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT"));
}

TEST_F(HttpProviderTest, TheKeyComesBackInNoError) {
  const std::string key = "sk-secret-0123456789abcdefgh";
  const ScopedVariable variable("TEST_PROVIDER_KEY", key.c_str());
  config::v1::Provider config = ConfigFor(server_);
  config.set_api_key_env("TEST_PROVIDER_KEY");
  OneProvider one(config);
  const std::function<ModelAnswer(std::string)> echoes[] = {
      [](const std::string& sent) {
        return JsonAnswer(401, R"({"error":{"message":"Incorrect key: )" + sent + "\"}}");
      },
      [](const std::string& sent) { return Whole(500, sent, {}); },
      [](const std::string& sent) { return Whole(302, "", {"location: https://x/?key=" + sent}); },
      [](const std::string& sent) { return Whole(200, sent, {"content-type: " + sent}); },
      [](const std::string& sent) { return JsonAnswer(200, sent); },
      [](const std::string& sent) { return StreamAnswer({Event(sent)}); },
      [](const std::string& sent) {
        return StreamAnswer({Event(R"({"error":{"message":")" + sent + "\"}}")});
      },
      [](const std::string& sent) { return Whole(200, "", {"content-encoding: " + sent}); },
      [](const std::string& sent) { return Whole(500, sent.substr(0, sent.size() - 6), {}); },
      [](const std::string& sent) { return Bytes("HTTP/1.1 200 " + sent).Close(); },
      [](const std::string& sent) { return Bytes(sent + "\r\n\r\n").Close(); },
  };
  for (const auto& echo : echoes) {
    server_.SetHandler(
        [&](const ModelRequest& request) { return echo(request.headers.at("authorization")); });
    for (const bool stream : {false, true}) {
      const Outcome outcome = one.Call(stream);
      EXPECT_FALSE(outcome.end.ok());
      EXPECT_THAT(outcome.end.ToString(), Not(HasSubstr("secret")));
      EXPECT_THAT(outcome.end.ToString(), Not(HasSubstr("0123456")));
    }
  }
}

// Kind: a provider's secret in what a provider says, whatever it says it in.
TEST_F(HttpProviderTest, NoSecretComesBackInAnAnswer) {
  const std::string key = "sk-secret-0123456789abcdefgh";
  const std::string in_query = "AIzaSecret/0123456789";
  const std::string in_header = "pk-secret-0123456789abcdefgh";
  const ScopedVariable variable("TEST_PROVIDER_KEY", key.c_str());
  config::v1::Provider config = ConfigFor(server_);
  config.set_api_key_env("TEST_PROVIDER_KEY");
  config.set_query("api-version=2024-10-21-preview&key=AIzaSecret%2F0123456789");
  (*config.mutable_headers())["x-portkey"] = in_header;
  OneProvider one(config);
  std::string said;
  for (const std::string& secret : {key, in_query, in_header}) said += "<" + secret + ">";
  const auto field = [&](std::string_view format) {
    std::string out(format);
    while (out.find('@') != out.npos) out.replace(out.find('@'), 1, said);
    return out;
  };
  // Whole, then in pieces of three bytes.
  server_.SetHandler([&](const ModelRequest&) {
    return JsonAnswer(
        200, field(R"({"id":"@","model":"@","choices":[{"finish_reason":"@","message":)"
                   R"({"content":"@ sk-1234567890","reasoning_content":"@","tool_calls":)"
                   R"([{"id":"@","function":{"name":"@","arguments":"{\"a\":\"@\"}"}}]}}]})"));
  });
  const Outcome whole = one.Call(false);
  EXPECT_OK(whole.end);
  std::string shown = whole.metadata.ShortDebugString();
  for (const v1::Piece& piece : whole.pieces) shown += piece.ShortDebugString();
  for (const std::string& secret : {key, in_query, in_header}) {
    EXPECT_THAT(shown, Not(HasSubstr(secret)));
  }
  EXPECT_EQ(whole.text(), "<[key]><[key]><[key]> sk-1234567890");
  EXPECT_EQ(whole.removed_secret_count, 3 * 8);

  std::vector<std::string> pieces;
  for (size_t at = 0; at < said.size(); at += 3) pieces.push_back(said.substr(at, 3));
  server_.SetHandler([&](const ModelRequest&) { return OpenAiStream(pieces); });
  const Outcome streamed = one.Call(true);
  EXPECT_OK(streamed.end);
  EXPECT_EQ(streamed.text(), "<[key]><[key]><[key]>");
  EXPECT_EQ(streamed.removed_secret_count, 3);
  EXPECT_GE(streamed.pieces.size(), 4u);

  // Cut in the middle of a secret.
  server_.SetHandler([&](const ModelRequest&) {
    return ModelAnswer()
        .Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("it is " + key.substr(0, 20))))
        .Close();
  });
  const Outcome cut = one.Call(true);
  EXPECT_THAT(cut.end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT"));
  EXPECT_EQ(cut.text(), "it is [key]");

  // In errors, as the request line and its headers have them.
  server_.SetHandler([&](const ModelRequest& request) {
    std::string echo = request.target;
    for (const auto& [name, value] : request.headers) echo += " " + name + ": " + value;
    return JsonAnswer(400, R"({"error":{"message":")" + echo + "\"}}");
  });
  const Outcome refused = one.Call(false);
  EXPECT_THAT(refused.end, ErrorIs(StatusCode::kInvalidArgument, "PROVIDER_REJECTED",
                                   HasSubstr("api-version=2024-10-21-preview&key=[key]")));
  EXPECT_THAT(refused.end.ToString(), Not(HasSubstr("ecret")));
  EXPECT_GE(refused.removed_secret_count, 3);
}

TEST_F(HttpProviderTest, AnErrorMessageIsShortAndReadable) {
  server_.SetHandler([](const ModelRequest&) {
    return JsonAnswer(400, R"({"error":{"message":")" + std::string(50'000, 'x') + "\"}}");
  });
  OneProvider one(ConfigFor(server_));
  EXPECT_LE(MessageOf(one.Call(false).end).size(), 1024u);
  server_.SetHandler([](const ModelRequest&) { return Whole(400, "\xff\xfe\x01\n<", {}); });
  EXPECT_THAT(MessageOf(one.Call(false).end), HasSubstr("??  <"));
}

}  // namespace
}  // namespace colophon
