// Whose answer is it? Kind: an answer that is matched to its request by order
// alone. Here with the real server, whose records are to tell the same.

#include <atomic>
#include <thread>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/hash.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_wire.h"
#include "tests/testing/odd_upstream.h"

namespace colophon {
namespace {

constexpr char kOdd[] = "acme/support/odd@latest";
constexpr char kPrompt[] = R"(---
model: odd/one
colophon.retries: 1
---
call {{text}}.
)";

class AttributionE2eTest : public E2eTest {
 protected:
  // One call; its record says what the caller heard.
  void Check(Client& caller, const std::string& name) {
    const std::string expected = OddUpstream::TextFor(name);
    const auto response = caller.Complete(CallOf(kOdd, name));
    const std::string id =
        response.ok() ? response->record() : MetadataOf(response.status())["record"];
    ASSERT_FALSE(id.empty()) << response.status();
    if (response.ok()) {
      ASSERT_EQ(TextOf(response->completion()), expected);
      ++answered_;
    }
    v1::GetRecordRequest request;
    request.set_id(id);
    ASSERT_OK_AND_ASSIGN(const auto found, caller.GetRecord(request));
    const v1::Outcome& outcome = found.record().outcome();
    const std::string kept = TextOf(outcome.completion());
    ASSERT_EQ(kept, response.ok() ? expected : expected.substr(0, kept.size()));
    for (const v1::Attempt& attempt : outcome.attempts()) {
      kept_connections_ += attempt.connection_request_count() > 0 ? 1 : 0;
      EXPECT_THAT(attempt.error_message(), testing::Not(testing::HasSubstr("answer to q")));
    }
    if (response.ok()) {
      const auto& attempts = outcome.attempts();
      EXPECT_TRUE(attempts[attempts.size() - 1].has_connection_request_count());
    }
  }

  std::atomic<int> answered_ = 0;
  std::atomic<int> kept_connections_ = 0;
};

TEST_F(AttributionE2eTest, NoCallerAndNoRecordHasAnotherCallsAnswer) {
  constexpr int kServers = 10;
  constexpr int kMostServers = 40;  // Until a connection was used again, as it must be.
  constexpr int kThreads = 8;
  constexpr int kCalls = 6;  // Of a thread, one after the other, twice a server.
  int number = 0;
  for (; number < kServers || (kept_connections_ == 0 && number < kMostServers); ++number) {
    OddUpstream upstream(static_cast<uint32_t>(number));
    ModelServer server;
    upstream.ServeOn(&server);
    Serve(fmt::format("providers {{ name: \"odd\" kind: KIND_OPENAI base_url: \"{}\" }}",
                      server.base_url()));
    if (number == 0) {
      PublishGreet();
      ASSERT_OK(client().Publish(PublishOf("support/odd.prompt", kPrompt)).status());
    }
    for (int half = 0; half < 2; ++half) {
      std::vector<std::thread> threads;
      for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
          Client caller = client();
          for (int i = 0; i < kCalls; ++i) {
            Check(caller, fmt::format("q{}", (half * kThreads + thread) * kCalls + i));
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      if (HasFatalFailure()) return;
      // Connections may be used again.
      Rest(std::chrono::milliseconds(300));
    }
    StopServing();
  }
  EXPECT_GT(answered_, number * kThreads * kCalls * 2 * 3 / 4);
  EXPECT_GT(kept_connections_, 0);
}

// Kind: a provider's secret in what is answered or kept.
TEST_F(AttributionE2eTest, ASecretIsInNoAnswerAndNoRecord) {
  const std::string secret = "pk-0123456789abcdefgh";
  ModelServer server;
  server.SetHandler(
      [&](const ModelRequest& request) { return OpenAiAnswer(request.headers.at("x-portkey")); });
  Serve(
      fmt::format("providers {{ name: \"odd\" kind: KIND_OPENAI base_url: \"{}\" "
                  "headers {{ key: \"x-portkey\" value: \"{}\" }} }}",
                  server.base_url(), secret));
  PublishGreet();
  ASSERT_OK(client().Publish(PublishOf("support/odd.prompt", kPrompt)).status());
  ASSERT_OK_AND_ASSIGN(const auto response, client().Complete(CallOf(kOdd, "q1")));
  EXPECT_EQ(TextOf(response.completion()), "[key]");
  v1::GetRecordRequest request;
  request.set_id(response.record());
  ASSERT_OK_AND_ASSIGN(const auto found, client().GetRecord(request));
  EXPECT_THAT(found.ShortDebugString(), testing::Not(testing::HasSubstr(secret)));
  const v1::Outcome& outcome = found.record().outcome();
  EXPECT_EQ(TextOf(outcome.completion()), "[key]");
  EXPECT_EQ(outcome.output_digest(), Sha256Hex("[key]"));
  EXPECT_EQ(outcome.removed_secret_count(), 1);
  EXPECT_EQ(outcome.attempts(0).connection_request_count(), 0);
  EXPECT_TRUE(outcome.attempts(0).has_connection_request_count());
  StopServing();
  EXPECT_FALSE(this->server().HasLogged(secret));
}

}  // namespace
}  // namespace colophon
