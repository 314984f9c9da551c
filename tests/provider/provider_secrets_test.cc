#include "service/provider/provider_secrets.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

absl::StatusOr<std::vector<std::string>> Of(HttpProviderOptions options) {
  return SecretsOf(options, "providers[0]");
}

TEST(ProviderSecretsTest, AreTheKeyAndTheValuesOfHeadersAndQuery) {
  ASSERT_OK_AND_ASSIGN(
      const auto secrets,
      Of({.query =
              "api-version=2024-10-21-preview&key=AIza0123456789abcdef&sig=%41bcdefgh%2Bijklmnop",
          .headers = {{"x-portkey", "pk-0123456789abcdef"},
                      {"proxy-authorization", "Basic dXNlcjpwYXNzd29yZA=="},
                      {"cookie", "a=b; session=0123456789abcdefg"},
                      {"openai-organization", "org-0123456789abcdef"},
                      {"x-team", "billing"}},
          .key = "sk-0123456789abcdef"}));
  EXPECT_THAT(secrets, UnorderedElementsAre(
                           "sk-0123456789abcdef", "AIza0123456789abcdef", "%41bcdefgh%2Bijklmnop",
                           "Abcdefgh+ijklmnop", "pk-0123456789abcdef", "Basic dXNlcjpwYXNzd29yZA==",
                           "dXNlcjpwYXNzd29yZA==", "a=b; session=0123456789abcdefg",
                           "session=0123456789abcdefg", "0123456789abcdefg"));
}

// Kind: a secret that can't be told from text, so that it would stay in answers,
// or take letters out of them.
TEST(ProviderSecretsTest, TooShortOnesAreRefusedByName) {
  EXPECT_THAT(
      Of({.key_source = "the environment variable TEST_KEY", .key = "fifteen-letters"}).status(),
      ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
              AllOf(HasSubstr("providers[0].api_key_env"), HasSubstr("TEST_KEY"),
                    Not(HasSubstr("fifteen")))));
  for (const std::string name : {"x-api-key", "apikey", "X-Auth", "access_token", "Cookie"}) {
    EXPECT_THAT(Of({.headers = {{name, "hunter2"}}}).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                        AllOf(HasSubstr("providers[0].headers"), HasSubstr(name),
                              Not(HasSubstr("hunter2")))));
    EXPECT_THAT(Of({.query = name + "=hunter2"}).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                        AllOf(HasSubstr("providers[0].query"), Not(HasSubstr("hunter2")))));
  }
}

TEST(ProviderSecretsTest, HarmlessNamesAreKnownInAnyCase) {
  EXPECT_TRUE(IsHarmless("OpenAI-Organization"));
  EXPECT_TRUE(IsHarmless("api-version"));
  EXPECT_FALSE(IsHarmless("authorization"));
}

}  // namespace
}  // namespace colophon
