#include "service/provider/echo.h"

#include "gmock/gmock.h"
#include "tests/provider/answers.h"
#include "tests/provider/calls.h"

namespace colophon {
namespace {

using testing::HasSubstr;

class EchoTest : public testing::Test {
 protected:
  Outcome Call(const char* rendered, bool stream) {
    absl::StatusOr<std::string> body = echo_.Encode(Parsed(rendered), "parrot", stream);
    EXPECT_OK(body.status());
    ProviderRequest request{.model = "parrot", .body = *body, .stream = stream, .traceparent = ""};
    return CallAsync(executor_.loop(0), &echo_, std::move(request)).get();
  }

  EchoProvider echo_;
  Executor executor_{1};
};

constexpr char kRendered[] = R"pb(
  messages {
    role: ROLE_SYSTEM
    parts { text: "Repeat." }
  }
  messages {
    role: ROLE_USER
    parts { text: "first" }
  }
  messages {
    role: ROLE_MODEL
    parts { text: "answer" }
  }
  messages {
    role: ROLE_USER
    parts { text: " one  two\n" }
    parts { text: "three" }
  }
)pb";

TEST_F(EchoTest, AnswersWithTheLastUserMessage) {
  const Outcome outcome = Call(kRendered, false);
  EXPECT_OK(outcome.end);
  ASSERT_EQ(outcome.pieces.size(), 1u);
  EXPECT_EQ(outcome.text(), " one  two\nthree");
  EXPECT_THAT(outcome.metadata, EqualsProto(R"pb(
                stop_reason: STOP_REASON_END
                provider_stop_reason: "end"
                usage { input_tokens: 6 output_tokens: 3 }
                provider_model: "parrot"
              )pb"));
}

TEST_F(EchoTest, StreamsAWordAPiece) {
  const Outcome outcome = Call(kRendered, true);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.pieces.size(), 3u);
  EXPECT_EQ(outcome.text(), " one  two\nthree");
}

TEST_F(EchoTest, WithoutAUserAnswersWithTheLastMessage) {
  EXPECT_EQ(Call(R"pb(messages {
                        role: ROLE_SYSTEM
                        parts { text: "a b" }
                      })pb",
                 true)
                .text(),
            "a b");
}

TEST_F(EchoTest, AnEmptyMessageHasNoPieces) {
  const Outcome outcome = Call(R"pb(messages { role: ROLE_USER })pb", false);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.pieces.size(), 0u);
}

TEST_F(EchoTest, EncodesTheSameBytesEachTime) {
  ASSERT_OK_AND_ASSIGN(const std::string body, echo_.Encode(Parsed(kRendered), "parrot", true));
  EXPECT_THAT(body, HasSubstr(R"({"role":"user","content":" one  two\nthree"}],"stream":true})"));
  EXPECT_EQ(*echo_.Encode(Parsed(kRendered), "parrot", true), body);
}

TEST_F(EchoTest, CanBeCancelled) {
  auto call = echo_.Start(executor_.loop(0), {.model = "m",
                                              .body = R"({"messages":[{"content":"a b"}]})",
                                              .stream = true,
                                              .traceparent = ""});
  call->Cancel();
  const Outcome outcome = boost::asio::co_spawn(executor_.loop(0).context(),
                                                Collect(std::move(call)), boost::asio::use_future)
                              .get();
  EXPECT_THAT(outcome.end, ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

}  // namespace
}  // namespace colophon
