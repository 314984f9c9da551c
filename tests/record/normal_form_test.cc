#include "service/record/normal_form.h"

#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/hash.h"
#include "service/base/json.h"

namespace colophon {
namespace {

TEST(NormalFormTest, KeepsWordsAndNotWhatCopyingDoesToThem) {
  const struct {
    std::string_view what, text, normal;
  } cases[] = {
      {"nothing", "", ""},
      {"white space alone", " \t\r\n\u00a0\u3000\ufeff ", ""},
      {"words", "Thank you, Ada.", "Thank you, Ada."},
      {"outer white space", "\n\n Thank you.\n", "Thank you."},
      {"a byte order mark", "\ufeffThank you.", "Thank you."},
      {"a mark at the end", "Thank you.\ufeff\n\ufeff", "Thank you."},
      {"a mark between words, which joins them", "Thank\ufeffyou", "Thank\ufeffyou"},
      {"CRLF", "one\r\ntwo\r\n", "one two"},
      {"wrapped again", "one\n  two\tthree", "one two three"},
      {"other blanks", "one\u00a0two\u2003three\u3000four\u2028five", "one two three four five"},
      {"Korean in pieces", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"},
      {"a letter and its accent", "cafe\u0301", "café"},
      {"case and quotes are words", "It's “THE” end", "It's “THE” end"},
      {"bytes that are not UTF-8", "a\xff z", "a\ufffd z"},
      {"JSON", "{ \"b\" : [1, 2.0],\n \"a\" : null }\n", R"({"a":null,"b":[1,2]})"},
      {"JSON's strings are words", R"({"a":"one \n two ","b\t":"cafe\u0301"})",
       R"({"a":"one two","b":"café"})"},
      {"an escape with an accent after it", "[\"\\n\u0303x\"]", "[\"\u0303x\"]"},
      {"JSON with other blanks between", "{\u00a0\"a\":\u00a01}", R"({"a":1})"},
      {"a line end in a string, which makes it none", "[\"a\n b\"]", R"(["a b"])"},
      {"a number that is cut elsewhere", "[ 12345678901234567890123 ]",
       "[ 12345678901234567890123 ]"},
      {"no JSON", "{ \"a\":  ", "{ \"a\":"},
      {"a number or string alone is text", " \"a\\u0041\" ", "\"a\\u0041\""},
  };
  for (const auto& [what, text, normal] : cases) {
    EXPECT_EQ(NormalForm(text), normal) << what;
  }
}

TEST(NormalFormTest, KeepsApartWhatSaysSomethingElse) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"no one", "noone"},
      {"Yes.", "yes."},
      {"yes", "yes."},
      {R"(["a","b"])", R"(["b","a"])"},
      {R"({"a":"1"})", R"({"a":1})"},
      {"[]", "{}"},
      {"[12345678901234567890123]", "[12345678901234567890124]"},
      {"ﬁ", "fi"},
  };
  for (const auto& [one, other] : cases) EXPECT_NE(NormalForm(one), NormalForm(other)) << one;
}

TEST(NormalFormTest, ItsDigestIsNeverThatOfATextAsItIs) {
  EXPECT_EQ(NormalFormDigest(" \n"), "");
  EXPECT_EQ(NormalFormDigest("yes"), Sha256Hex("colophon normal form 1\nyes"));
  EXPECT_EQ(NormalFormDigest("yes"), NormalFormDigest(" yes\r\n"));
  EXPECT_NE(NormalFormDigest("yes"), Sha256Hex("yes"));
}

// Texts of pieces that meet each other in every way: JSON's signs, white space of all
// kinds, letters in one piece and in several, halves of characters.
class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  std::string operator()() {
    static const std::vector<std::string> pieces = {
        "{",      "}",      "[",      "]",      "\"",     ":",    ",",       "1",
        "-0",     "1.50",   "1e3",    "\\",     "a",      "null", "\\n",     "\\u0301",
        " ",      "\r\n",   "\t",     "\u00a0", "\u3000", "e",    "\u0301",  "é",
        "\u1112", "\u1161", "\ufeff", "\u0338", "=",      "\xff", "\xe1\x84"};
    std::string text;
    for (size_t i = random_() % 12; i > 0; --i) text += pieces[random_() % pieces.size()];
    return random_() % 3 == 0 ? "[\"" + text + "\"]" : text;
  }
  size_t Below(size_t end) { return random_() % end; }

 private:
  std::mt19937 random_;
};

TEST(NormalFormTest, ItsOwnNormalFormIsItself) {
  RandomText text(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string given = text();
    const std::string normal = NormalForm(given);
    ASSERT_EQ(NormalForm(normal), normal) << testing::PrintToString(given);
    ASSERT_TRUE(IsUtf8(normal)) << testing::PrintToString(given);
  }
}

TEST(NormalFormTest, OtherWhiteSpaceChangesNothing) {
  const std::vector<std::string> blanks = {" ", "\n", "\r\n", "\t", " \n\n", "\u00a0", "\u3000 "};
  RandomText random(2);
  for (int i = 0; i < 2'000; ++i) {
    std::string one, other = blanks[random.Below(blanks.size())];
    for (size_t words = 1 + random.Below(8); words > 0; --words) {
      const std::string word = fmt::format("w{}é", random.Below(50));
      one += (one.empty() ? "" : " ") + word;
      other += word + blanks[random.Below(blanks.size())];
    }
    ASSERT_EQ(NormalForm(one), NormalForm(other)) << testing::PrintToString(other);
  }
}

}  // namespace
}  // namespace colophon
