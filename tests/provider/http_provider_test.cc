#include "service/provider/http_provider.h"

#include "fmt/format.h"
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
      [](const std::string& sent) { return HttpAnswer(500, sent, {}); },
      [](const std::string& sent) {
        return HttpAnswer(302, "", {"location: https://x/?key=" + sent});
      },
      [](const std::string& sent) { return HttpAnswer(200, sent, {"content-type: " + sent}); },
      [](const std::string& sent) { return JsonAnswer(200, sent); },
      [](const std::string& sent) { return StreamAnswer({Event(sent)}); },
      [](const std::string& sent) {
        return StreamAnswer({Event(R"({"error":{"message":")" + sent + "\"}}")});
      },
      [](const std::string& sent) { return HttpAnswer(200, "", {"content-encoding: " + sent}); },
      [](const std::string& sent) { return HttpAnswer(500, sent.substr(0, sent.size() - 6), {}); },
      [](const std::string& sent) { return BytesAnswer("HTTP/1.1 200 " + sent).Close(); },
      [](const std::string& sent) { return BytesAnswer(sent + "\r\n\r\n").Close(); },
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

// Kind: advice that names our own words for a thing instead of the thing.
TEST_F(HttpProviderTest, ARefusedKeyIsToldByItsVariable) {
  const ScopedVariable variable("TEST_PROVIDER_KEY", "sk-secret-0123456789abcdefgh");
  config::v1::Provider with_key = ConfigFor(server_);
  with_key.set_api_key_env("TEST_PROVIDER_KEY");
  OneProvider keyed(with_key);
  OneProvider keyless(ConfigFor(server_));
  for (const int status : {401, 402, 403}) {
    server_.SetHandler([&](const ModelRequest&) {
      return JsonAnswer(status, R"({"error":{"message":"not you"}})");
    });
    for (const bool stream : {false, true}) {
      const std::string refused = fmt::format(
          "provider \"model\" refuses this service's key or account ({}): not you; ", status);
      EXPECT_EQ(MessageOf(keyed.Call(stream).end),
                refused +
                    "check the key in the environment variable TEST_PROVIDER_KEY, and its "
                    "account");
      EXPECT_EQ(MessageOf(keyless.Call(stream).end),
                refused +
                    "it is called without a key: name the environment variable that holds "
                    "one in the provider's api_key_env, or a file in api_key_file");
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
  server_.SetHandler([](const ModelRequest&) { return HttpAnswer(400, "\xff\xfe\x01\n<", {}); });
  EXPECT_THAT(MessageOf(one.Call(false).end), HasSubstr("??  <"));
}

}  // namespace
}  // namespace colophon
