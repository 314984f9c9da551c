#include "service/record/tokens.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Where they stand in the text, one behind the other.
std::vector<std::string> Parts(std::string_view text) {
  std::vector<std::string> parts;
  for (const Token& token : Tokenize(text)) {
    parts.emplace_back(text.substr(token.begin, token.end - token.begin));
  }
  return parts;
}

bool Same(std::string_view a, std::string_view b) {
  const std::vector<Token> left = Tokenize(a);
  const std::vector<Token> right = Tokenize(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Token& x, const Token& y) { return x.hash == y.hash; });
}

TEST(TokensTest, WordsAreLettersAndDigitsInARow) {
  EXPECT_THAT(Parts("Your refund of 20 € isn't here."),
              ElementsAre("Your", "refund", "of", "20", "isn", "t", "here"));
  EXPECT_THAT(Parts("größer, naïve; día_tres"), ElementsAre("größer", "naïve", "día", "tres"));
  EXPECT_THAT(Parts("نص عربي हिन्दी"), ElementsAre("نص", "عربي", "हिन्दी"));
  EXPECT_THAT(Parts(""), IsEmpty());
  EXPECT_THAT(Parts(" \n—…“” "), IsEmpty());
}

TEST(TokensTest, ScriptsWithoutBlanksAreTakenByCharacter) {
  EXPECT_THAT(Parts("返金は5日"), ElementsAre("返", "金", "は", "5", "日"));
  EXPECT_THAT(Parts("환불 OK"), ElementsAre("환", "불", "OK"));
  EXPECT_THAT(Parts("คืน"), ElementsAre("ค", "ื", "น"));
  for (const Token& token : Tokenize("返金")) EXPECT_FALSE(token.is_word);
  for (const Token& token : Tokenize("refund 5")) EXPECT_TRUE(token.is_word);
}

TEST(TokensTest, WhatCopyingDoesIsNoDifference) {
  EXPECT_TRUE(Same("Your Refund", "your\r\n  REFUND!"));
  EXPECT_TRUE(Same("“isn’t”", "\"isn't\""));
  EXPECT_TRUE(Same("caf\u00e9", "cafe\u0301"));                               // NFC and NFD.
  EXPECT_TRUE(Same("\ud658\ubd88", "\u1112\u116a\u11ab\u1107\u116e\u11af"));  // Syllables, letters.
  EXPECT_TRUE(Same("ＡＢ１２", "ab12"));                                      // Of full width.
  EXPECT_TRUE(Same("ﬁnd Straße", "find STRASSE"));
  EXPECT_TRUE(Same("re\u00adfund", "refund"));  // A hyphen that isn't seen.
  EXPECT_TRUE(Same("ﾊﾟ", "パ"));
  EXPECT_FALSE(Same("refund", "refunds"));
  EXPECT_FALSE(Same("a b", "ab"));
}

TEST(TokensTest, ATokenStandsWhereItsTextDoes) {
  const std::string text = "x ﬁ\u0301y 返";
  const std::vector<Token> tokens = Tokenize(text);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(text.substr(tokens[1].begin, tokens[1].end - tokens[1].begin), "ﬁ\u0301y");
  EXPECT_EQ(tokens[2].end, text.size());
}

TEST(TokensTest, BytesThatAreNoTextStandBetween) {
  EXPECT_THAT(Parts("a\xff"
                    "b\xc3"),
              ElementsAre("a", "b"));
  EXPECT_EQ(Tokenize(std::string(1'000, '\x80')).size(), 0u);
}

TEST(TokensTest, AHeapOfMarksIsReadInBounds) {
  std::string text = "a";
  for (int i = 0; i < 100'000; ++i) text += "\u0301";
  EXPECT_EQ(Tokenize(text + " b").size(), 2u);
}

}  // namespace
}  // namespace colophon
