// A fixed text in lines: where it stands, in any case, and in how much time.

#include "service/registry/line_search.h"

#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LineSearch Of(std::string_view text, bool ignore_case = false) {
  auto search = LineSearch::Of(text, ignore_case);
  EXPECT_OK(search);
  return *std::move(search);
}

// "2:5 a line"
std::vector<std::string> Find(const LineSearch& search, std::string_view content) {
  std::vector<std::string> told;
  for (const FoundLine& line : search.FindIn(content)) {
    told.push_back(fmt::format("{}:{} {}", line.number, ExcerptOf(line).column, line.line));
  }
  return told;
}

TEST(LineSearchTest, FindsEachLineOnceWithItsFirstPlace) {
  const LineSearch search = Of("refund");
  EXPECT_THAT(Find(search, "No.\n\nA refund, a refund.\nrefund\n"),
              ElementsAre("3:3 A refund, a refund.", "4:1 refund"));
  EXPECT_THAT(Find(search, "refund"), ElementsAre("1:1 refund"));
  EXPECT_THAT(Find(search, "\r\nno refund\r\n\nrefund\r"),
              ElementsAre("2:4 no refund", "4:1 refund\r"));
  EXPECT_THAT(Find(search, "환불 refund\n"), ElementsAre("1:4 환불 refund"));
  EXPECT_THAT(Find(search, "re\nfund Refund"), IsEmpty());
  EXPECT_THAT(Find(search, ""), IsEmpty());
  EXPECT_THAT(Find(search, "refund \xff"), IsEmpty());
}

TEST(LineSearchTest, ATextIsNoRegularExpression) {
  EXPECT_THAT(Find(Of("{{>tone}} (.*)\\"), "{{>tone}} (.*)\\n\n{{>tone}} x"),
              ElementsAre("1:1 {{>tone}} (.*)\\n"));
}

TEST(LineSearchTest, CaseIsTheSameInEveryScript) {
  EXPECT_THAT(Find(Of("RÜCKgabe στ", true), "x rückGABE ΣΤ\nrueckgabe στ\n"),
              ElementsAre("1:3 x rückGABE ΣΤ"));
  EXPECT_THAT(Find(Of("ok", true), "o\u212a\n"), ElementsAre("1:1 o\u212a"));  // The kelvin sign.
}

TEST(LineSearchTest, FindsWhatBruteForceFinds) {
  std::mt19937 random(14);
  const std::vector<std::string> letters = {"a", "b", "A", "\n", "é", "É", "\r\n"};
  const auto make = [&](size_t most, size_t kinds) {
    std::string text;
    for (size_t n = random() % most + 1; n > 0; --n) text += letters[random() % kinds];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    while (text.empty() || text.find('\n') != text.npos) text = make(4, 3);
    const std::string content = make(60, letters.size());
    std::vector<std::string> expected;
    int number = 0;
    for (size_t begin = 0; begin < content.size();) {
      const size_t end = std::min(content.find('\n', begin), content.size());
      std::string line = content.substr(begin, end - begin);
      if (end < content.size() && line.ends_with('\r')) line.pop_back();
      ++number;
      if (const size_t at = line.find(text); at != line.npos) {
        size_t column = 1;
        for (size_t i = 0; i < at; ++i) column += (line[i] & 0xC0) != 0x80;
        expected.push_back(fmt::format("{}:{} {}", number, column, line));
      }
      begin = end + 1;
    }
    ASSERT_EQ(Find(Of(text), content), expected) << text << " in " << content;
  }
}

TEST(LineSearchTest, ALongLineIsShownAroundTheText) {
  for (const size_t at : {0, 1, 2000, 5000, 9998}) {
    std::string line;
    for (size_t i = 0; i < 10'000; ++i) line += i == at ? "refund" : "é";
    const LineSearch search = Of("refund");
    const auto found = search.FindIn(line);
    ASSERT_EQ(found.size(), 1u);
    const LineExcerpt excerpt = ExcerptOf(found[0]);
    EXPECT_EQ(excerpt.column, static_cast<int>(at) + 1);
    EXPECT_TRUE(IsUtf8(excerpt.text));
    EXPECT_LE(excerpt.text.size(), 4096u);
    EXPECT_GE(excerpt.text.size(), 4094u);
    EXPECT_EQ(excerpt.text.substr(excerpt.begin, excerpt.end - excerpt.begin), "refund");
  }
}

TEST(LineSearchTest, TheLongestTextIsFoundInAnyCase) {
  std::string text, other;
  while (text.size() < LineSearch::kMaxTextBytes) {
    text += "ks";
    other += "\u212a\u017f";  // Kelvin sign and long s: five bytes for two.
  }
  EXPECT_THAT(Find(Of(text, true), "\n" + other), ElementsAre("2:1 " + other));
  const std::string nearly = std::string(1 << 20, 'a');
  EXPECT_THAT(Find(Of(std::string(1023, 'a') + "b", true), nearly), IsEmpty());
}

TEST(LineSearchTest, RefusesWhatNoLineHolds) {
  for (const std::string& text :
       {std::string(), std::string("a\nb"), std::string("a\r"), std::string("a\0", 2),
        std::string(LineSearch::kMaxTextBytes + 1, 'a')}) {
    EXPECT_EQ(ReasonOf(LineSearch::Of(text, false).status()), "BAD_VALUE") << text;
  }
  EXPECT_OK(LineSearch::Of("\ta", false));
}

TEST(LineSearchTest, LinesThatAreThereAsOftenAreNotNew) {
  const LineSearch search = Of("x");
  const auto told = [&](std::string_view from, std::string_view to) {
    std::vector<int> numbers;
    for (const FoundLine& line : LinesNotIn(search.FindIn(from), search.FindIn(to))) {
      numbers.push_back(line.number);
    }
    return numbers;
  };
  EXPECT_THAT(told("x1\nx2\n", "x2\nother\nx1\n"), IsEmpty());
  EXPECT_THAT(told("x1\n", "x1\nx1\nx1\n"), ElementsAre(2, 3));
  EXPECT_THAT(told("x1\n", "x2\n"), ElementsAre(1));
  EXPECT_THAT(told("x1\n", ""), IsEmpty());
}

}  // namespace
}  // namespace colophon
