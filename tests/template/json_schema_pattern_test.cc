#include <string>
#include <vector>

#include "service/template/schema/pattern.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

struct Case {
  const char* pattern;
  std::vector<std::string> matches;
  std::vector<std::string> others;
};

TEST(JsonSchemaPatternTest, ReadsEcmaScript) {
  const Case kCases[] = {
      {"b", {"abc"}, {"ac"}},
      {"^abc$", {"abc"}, {"abc\n", "xabc"}},
      {R"(^[\w.+-]+@[\w-]+\.[\w.-]+$)", {"ada.l+x@example-1.com"}, {"ada@x"}},
      {R"(^[\w-.]+$)", {"a-b.c"}, {"a b"}},
      {R"(^\/a\-b\_c$)", {"/a-b_c"}, {}},
      {R"(^\u00e9\u{1F642}\ud83d\ude42\x41\cA\0$)", {std::string("é🙂🙂A\x01\0", 13)}, {}},
      {R"(^[\u0041-\u005a]$)", {"A", "Z"}, {"a"}},
      {R"(^\s$)", {" ", "\t", "\v", "\u00a0", "\u2003", "\ufeff", "\u2028"}, {"a", "\u200b"}},
      {R"(^\S$)", {"a", "\u200b", "🙂"}, {" ", "\u00a0", "\v"}},
      {R"(^[^\s,]$)", {"a"}, {"\u3000", ","}},
      {R"(^[\S]$)", {"a"}, {"\u3000"}},
      {"^.$", {"a", "é", "🙂"}, {"\n", "\r", "\u2028", "ab"}},
      {R"(^\d\D\w\W$)", {"1aa-"}, {"١aa-"}},
      {"^[^]$", {"\n", "a"}, {"", "ab"}},
      {"^[]$", {}, {"", "a"}},
      {"^[[:a]$", {"[", ":", "a"}, {"b"}},
      {R"(^[\b]$)", {"\b"}, {"b"}},
      {R"(\bcat\b)", {"a cat"}, {"concat"}},
      {"^(?<year>\\d{4})-(?:a|b)$", {"2026-a"}, {"26-a"}},
      {"^(?i)abc$", {"ABC"}, {}},
      {R"(^\p{Letter}\p{L}\p{Lu}\p{Script=Greek}$)", {"aäÄλ"}, {"aäÄl"}},
      {R"(^\P{L}$)", {"1"}, {"a"}},
      {"^a{2,3}?b*$", {"aa", "aaab"}, {"a"}},
      {"^a{,2}$", {"a{,2}"}, {"aa"}},
  };
  for (const Case& one : kCases) {
    const auto pattern = schema::Pattern::Parse(one.pattern);
    ASSERT_OK(pattern) << one.pattern;
    Work work(Work::kNoLimit);
    for (const std::string& text : one.matches) {
      EXPECT_TRUE((*pattern)->Matches(text, &work)) << one.pattern << " " << text;
    }
    for (const std::string& text : one.others) {
      EXPECT_FALSE((*pattern)->Matches(text, &work)) << one.pattern << " " << text;
    }
    EXPECT_EQ((*pattern)->text(), one.pattern);
  }
}

// What RE2 would make of it is known without asking it, and never less.
TEST(JsonSchemaPatternTest, SizesAreKnownBeforeItIsCompiled) {
  const std::pair<const char*, int64_t> kAtLeast[] = {
      {"a", 1},
      {"a{100}", 100},
      {"(?:a{10}){10}", 100},
      {"(a|bc){3,7}", 21},
      {R"(\p{L}{20})", 20'000},
      {".{100}", 2000},
      {R"([^\p{L}x]{5})", 5000},
      {"a{5,}", 6},
      {R"(\s{100})", 1000},
      {"((((a*)*)*)*)*", 5},
  };
  for (const auto& [text, instructions] : kAtLeast) {
    const auto pattern = schema::Pattern::Parse(text);
    ASSERT_OK(pattern) << text;
    EXPECT_GE((*pattern)->size().instructions, instructions) << text;
    EXPECT_LE((*pattern)->size().instructions, 10 * instructions) << text;
  }
}

TEST(JsonSchemaPatternTest, WhoMatchesFirstPaysForTheProgram) {
  const auto pattern = schema::Pattern::Parse(R"(^\p{L}+$)");
  ASSERT_OK(pattern);
  Work few(100);
  EXPECT_FALSE((*pattern)->Matches("a", &few));
  EXPECT_FALSE(few.ok());
  Work enough(100'000);
  EXPECT_TRUE((*pattern)->Matches("a", &enough));
  Work again(100);
  EXPECT_TRUE((*pattern)->Matches("a", &again));
  EXPECT_TRUE(again.ok());
  Work long_text(100);
  (*pattern)->Matches(std::string(10'000, 'a'), &long_text);
  EXPECT_FALSE(long_text.ok());
}

TEST(JsonSchemaPatternTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> kCases[] = {
      {"a(", "missing )"},
      {"a)", "unexpected )"},
      {"[a", "no ] at its end"},
      {"[z-a]", "invalid character class range"},
      {"*a", "no argument for repetition"},
      {"a{3,2}", "counts backwards"},
      {"a\\", "ends in a \\"},
      {R"(\Z)", R"(\Z is no escape of ECMA-262: write $)"},
      {R"(\Aab)", R"(\A is no escape of ECMA-262: write ^)"},
      {R"(\a)", R"(\a is no escape of ECMA-262)"},
      {R"([\B])", R"(\B is no escape)"},
      {R"(\xg1)", "2 hexadecimal digits"},
      {R"(\u12)", "2 hexadecimal digits"},
      {R"(\u{})", "2 hexadecimal digits"},
      {R"(\u{110000})", "above 10FFFF"},
      {R"(\ud800)", "half of a surrogate pair"},
      {R"(\c1)", "needs a letter"},
      {R"(\01)", "before a digit"},
      {R"(\pL)", "needs a name in braces"},
      {"(?>a)", "begins no group"},
      {"(?<a)", "is broken off"},
      {"\xff", "invalid UTF-8"},
  };
  for (const auto& [text, message] : kCases) {
    EXPECT_THAT(schema::Pattern::Parse(text), ErrorIs(absl::StatusCode::kInvalidArgument,
                                                      "BAD_PATTERN", testing::HasSubstr(message)))
        << text;
  }
}

TEST(JsonSchemaPatternTest, TellsWhatRe2CanNotDo) {
  const std::pair<std::string, const char*> kCases[] = {
      {"(?=a)", "look-around"},
      {"(?<!a)b", "look-around"},
      {R"((a)\1)", "back references"},
      {R"((?<n>a)\k<n>)", "back references"},
      {"a{1,2000}", "at most 1000 times"},
      {R"(\p{Script=Klingon})", "invalid character class range"},
      {R"((\p{L}{100}){10})", "larger than RE2 is given memory for"},
      {[] {
         std::string deep;
         for (int i = 0; i < 900; ++i) deep += "(a?";
         return deep + std::string(900, ')');
       }(),
       "more than 100 groups"},
      {std::string(5000, 'a'), "it has 5000 bytes; at most 4096"},
  };
  for (const auto& [text, message] : kCases) {
    EXPECT_THAT(schema::Pattern::Parse(text),
                ErrorIs(absl::StatusCode::kFailedPrecondition, "PATTERN_BEYOND_RE2",
                        testing::HasSubstr(message)))
        << text;
  }
}

}  // namespace
}  // namespace colophon
