#include "service/record/fingerprints.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::IsEmpty;

std::vector<uint64_t> Of(std::string_view text) { return Fingerprints(Tokenize(text)); }

// Words and characters in runs, as texts of two languages have them.
std::string RandomText(size_t count, std::mt19937* random) {
  static const std::array<std::string, 6> characters = {"返", "金", "は", "환", "불", "ค"};
  std::string text;
  bool words = true;
  for (size_t i = 0; i < count; ++i) {
    if ((*random)() % 9 == 0) words = !words;
    if (words) {
      text += "w" + std::to_string((*random)() % 50) + " ";
    } else {
      text += characters[(*random)() % characters.size()];
    }
  }
  return text;
}

TEST(FingerprintsTest, EightWordsInARowHaveOneAndSevenNone) {
  EXPECT_THAT(Of("one two three four five six seven"), IsEmpty());
  EXPECT_EQ(Of("one two three four five six seven eight").size(), 1u);
  EXPECT_THAT(Of("返金は五日以内に届きますのでお待ちくださいね"), IsEmpty());
  EXPECT_EQ(Tokenize("返金は五日以内に届きますのでお待ちくださいねえ。ねえ").size(), 25u);
  EXPECT_THAT(Of("返金は五日以内に届きますのでお待ちくださいねえ。ねえ"), testing::Not(IsEmpty()));
}

TEST(FingerprintsTest, APartHasNoneThatItsTextLacksAndIsFoundWhenItIsLongEnough) {
  std::mt19937 random(4);
  for (int round = 0; round < 3'000; ++round) {
    const std::vector<Token> text = Tokenize(RandomText(30 + random() % 150, &random));
    const std::vector<uint64_t> all = Fingerprints(text);
    const size_t size = 8 + random() % 30;
    if (size > text.size()) continue;
    const size_t begin = random() % (text.size() - size + 1);
    const std::vector<Token> part(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                  text.begin() + static_cast<std::ptrdiff_t>(begin + size));
    const std::vector<uint64_t> some = Fingerprints(part);
    ASSERT_TRUE(std::includes(all.begin(), all.end(), some.begin(), some.end()));
    const bool words =
        std::all_of(part.begin(), part.end(), [](const Token& token) { return token.is_word; });
    if (words || size >= 24) {
      ASSERT_THAT(some, testing::Not(IsEmpty())) << size;
    }
    const TokenRange found = FindTokens(text, part);
    ASSERT_LE(found.begin, begin);
    ASSERT_EQ(found.end, found.begin + size);
  }
}

TEST(FingerprintsTest, AreFewerThanTokens) {
  std::mt19937 random(9);
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "w" + std::to_string(random()) + " ";
  // One in three, for windows of five.
  EXPECT_LT(Of(text).size(), 4'000u);
  EXPECT_GT(Of(text).size(), 2'500u);
}

TEST(FingerprintsTest, APartThatIsNotThereIsNotFound) {
  const std::vector<Token> text = Tokenize("a b c a b d");
  EXPECT_EQ(FindTokens(text, Tokenize("A, b: d")).begin, 3u);
  EXPECT_EQ(FindTokens(text, Tokenize("b a")).begin, TokenRange::npos);
  EXPECT_EQ(FindTokens(text, {}).begin, TokenRange::npos);
  EXPECT_EQ(FindTokens({}, text).begin, TokenRange::npos);
}

}  // namespace
}  // namespace colophon
