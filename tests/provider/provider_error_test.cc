#include "service/provider/provider_error.h"

#include "gmock/gmock.h"
#include "service/provider/provider.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

TEST(ProviderErrorTest, ClassifiesEveryStatus) {
  const struct {
    int status;
    StatusCode code;
    const char* reason;
    bool retryable;
  } cases[] = {
      {204, StatusCode::kUnavailable, "PROVIDER_MALFORMED", false},
      {301, StatusCode::kUnavailable, "PROVIDER_MALFORMED", false},
      {307, StatusCode::kUnavailable, "PROVIDER_MALFORMED", false},
      {400, StatusCode::kInvalidArgument, "PROVIDER_REJECTED", false},
      {401, StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED", false},
      {402, StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED", false},
      {403, StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED", false},
      {404, StatusCode::kInvalidArgument, "PROVIDER_REJECTED", false},
      {405, StatusCode::kInvalidArgument, "PROVIDER_REJECTED", false},
      {408, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
      {409, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
      {413, StatusCode::kInvalidArgument, "PROVIDER_REJECTED", false},
      {422, StatusCode::kInvalidArgument, "PROVIDER_REJECTED", false},
      {429, StatusCode::kResourceExhausted, "PROVIDER_THROTTLED", true},
      {500, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
      {502, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
      {503, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
      {529, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE", true},
  };
  for (const auto& test : cases) {
    const HttpHead head{.status = test.status, .headers = {}};
    const absl::Status status = StatusOfAnswer(head, R"({"error":{"message":"so it is"}})");
    EXPECT_THAT(status, ErrorIs(test.code, test.reason, HasSubstr(std::to_string(test.status))));
    EXPECT_EQ(IsRetryable(status), test.retryable) << test.status;
    if (test.status >= 400) {
      EXPECT_THAT(MessageOf(status), HasSubstr("so it is"));
    }
  }
}

TEST(ProviderErrorTest, FindsTheMessageInEveryShape) {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {R"({"error":{"type":"invalid_request_error","message":"no such model","code":null}})",
       "no such model"},
      {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       "Overloaded"},
      {R"({"error":"model 'x' not found"})", "model 'x' not found"},
      {R"({"object":"error","message":"too long","code":400})", "too long"},
      {R"({"detail":[{"loc":["body"],"msg":"field required"}]})", "field required"},
      {"<html>Bad gateway</html>", "<html>Bad gateway</html>"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(MessageOf(StatusOfAnswer({.status = 400, .headers = {}}, test.body)),
                HasSubstr(test.message));
  }
}

TEST(ProviderErrorTest, ClassifiesErrorsInsideAnAnswer) {
  const struct {
    ApiError error;
    StatusCode code;
    const char* reason;
  } cases[] = {
      {{"overloaded_error", "", "m"}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {{"api_error", "", "m"}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {{"server_error", "", "m"}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {{"rate_limit_error", "", "m"}, StatusCode::kResourceExhausted, "PROVIDER_THROTTLED"},
      {{"tokens", "rate_limit_exceeded", "m"},
       StatusCode::kResourceExhausted,
       "PROVIDER_THROTTLED"},
      {{"", "429", "m"}, StatusCode::kResourceExhausted, "PROVIDER_THROTTLED"},
      {{"", "502", "m"}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {{"invalid_request_error", "", "m"}, StatusCode::kInvalidArgument, "PROVIDER_REJECTED"},
      {{"authentication_error", "", "m"}, StatusCode::kFailedPrecondition, "PROVIDER_KEY_REJECTED"},
      {{"never heard of", "", "m"}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {{"", "", ""}, StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(StatusOfApiError(test.error), ErrorIs(test.code, test.reason))
        << test.error.type << " " << test.error.code;
  }
}

TEST(ProviderErrorTest, ReadsWhenToTryAgain) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const std::string date = "Wed, 21 Oct 2015 07:28:00 GMT";
  const struct {
    Headers headers;
    std::optional<absl::Duration> delay;
  } cases[] = {
      {{}, std::nullopt},
      {{{"retry-after", "7"}}, absl::Seconds(7)},
      {{{"retry-after", "0.5"}}, absl::Milliseconds(500)},
      {{{"retry-after", "3600"}}, absl::Seconds(60)},
      {{{"retry-after", std::string(400, '9')}}, absl::Seconds(60)},
      // Kind: numbers of C that HTTP doesn't have.
      {{{"retry-after", "-3"}}, std::nullopt},
      {{{"retry-after", "1e400"}}, std::nullopt},
      {{{"retry-after", "nan"}}, std::nullopt},
      {{{"retry-after", "inf"}}, std::nullopt},
      {{{"retry-after", "0x10"}}, std::nullopt},
      {{{"retry-after", "1."}}, std::nullopt},
      {{{"retry-after", ".5"}}, std::nullopt},
      {{{"retry-after-ms", "inf"}, {"retry-after", "1"}}, absl::Seconds(1)},
      {{{"retry-after", "soon"}}, std::nullopt},
      {{{"retry-after", "Wed, 21 Oct 2015 07:28:09 GMT"}, {"date", date}}, absl::Seconds(9)},
      {{{"retry-after", "Wed, 21 Oct 2015 07:27:00 GMT"}, {"date", date}}, absl::ZeroDuration()},
      {{{"retry-after", "Wed, 21 Oct 2015 09:28:00 GMT"}, {"date", date}}, absl::Seconds(60)},
      {{{"retry-after", date}}, absl::ZeroDuration()},
      {{{"retry-after-ms", "250"}, {"retry-after", "1"}}, absl::Milliseconds(250)},
  };
  for (const auto& test : cases) {
    const absl::Status status = StatusOfAnswer({.status = 429, .headers = test.headers}, "");
    EXPECT_EQ(RetryDelayOf(status), test.delay)
        << (test.headers.empty() ? "" : test.headers[0].second);
  }
}

TEST(ProviderErrorTest, SaysNothingOfRetriesThatCannotHelp) {
  const HttpHead head{.status = 400, .headers = {{"retry-after", "7"}}};
  EXPECT_EQ(RetryDelayOf(StatusOfAnswer(head, "")), std::nullopt);
}

TEST(ProviderErrorTest, OnlyTheLastTimeoutIsFinal) {
  const auto timeout = [](const char* limit) {
    return Error(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT", "m", {{"limit", limit}});
  };
  EXPECT_TRUE(IsRetryable(timeout("connect")));
  EXPECT_TRUE(IsRetryable(timeout("first_byte")));
  EXPECT_TRUE(IsRetryable(timeout("idle")));
  EXPECT_FALSE(IsRetryable(timeout("total")));
  EXPECT_FALSE(IsRetryable(absl::OkStatus()));
  EXPECT_FALSE(IsRetryable(absl::UnavailableError("of something else")));
}

}  // namespace
}  // namespace colophon
