#include "service/access/secret_text.h"

#include <set>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"

namespace colophon {
namespace {

using testing::MatchesRegex;

std::string Basic(const std::string& pair) { return "Basic " + absl::Base64Escape(pair); }

TEST(SecretTextTest, EachIsNewAndHasItsId) {
  std::set<std::string> made;
  for (int i = 0; i < 1'000; ++i) {
    const std::string secret = MakeSecretText();
    EXPECT_THAT(secret, MatchesRegex("clp_[0-9A-Za-z]{10}_[0-9A-Za-z]{32}"));
    EXPECT_EQ(KeyIdOfSecret(secret), secret.substr(4, 10));
    EXPECT_TRUE(made.insert(secret).second);
  }
}

TEST(SecretTextTest, WhatIsNoneHasNoId) {
  const std::string secret = MakeSecretText();
  for (const std::string& text :
       {std::string(), std::string("clp_"), secret + "x", secret.substr(1), "x" + secret,
        secret.substr(0, 46), "clp_0123456789-" + secret.substr(15),
        "clp_01234/6789_" + secret.substr(15), "sk-" + secret.substr(3)}) {
    EXPECT_EQ(KeyIdOfSecret(text), std::nullopt) << text;
  }
}

// As curl, the SDKs of OpenAI and Anthropic, and git's clients send one.
TEST(SecretTextTest, ComesInTheHeadersThatClientsHave) {
  const std::string secret = MakeSecretText();
  EXPECT_EQ(SecretOf({"Bearer " + secret, ""}), secret);
  EXPECT_EQ(SecretOf({"bearer   " + secret, ""}), secret);
  EXPECT_EQ(SecretOf({"", secret}), secret);
  EXPECT_EQ(SecretOf({Basic("ada:" + secret), ""}), secret);
  EXPECT_EQ(SecretOf({Basic(":" + secret), ""}), secret);
  EXPECT_EQ(SecretOf({Basic(secret + ":"), ""}), secret);
  EXPECT_EQ(SecretOf({Basic(secret + ":x-oauth-basic"), ""}), secret);
  EXPECT_EQ(SecretOf({Basic(secret), ""}), secret);
  EXPECT_EQ(SecretOf({}), "");
  EXPECT_EQ(SecretOf({"Bearer", ""}), "");
  EXPECT_EQ(SecretOf({"Digest x", ""}), "");
  EXPECT_EQ(SecretOf({"Basic %%%", ""}), "%%%") << "not let in as nobody";
}

}  // namespace
}  // namespace colophon
