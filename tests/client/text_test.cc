#include "client/cli/text.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

TEST(TextTest, MakesVisibleWhatWouldDoSomethingToATerminal) {
  struct {
    std::string text;
    const char* visible;
  } const cases[] = {
      {"plain\ttext\n", "plain\ttext\n"},
      {"Zürich 東京 👩‍💻", "Zürich 東京 👩‍💻"},
      {"\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"},
      {"over\rwritten\b", "over\\x0dwritten\\x08"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},
      {"user\u202Egnp.exe", "user\\u{202e}gnp.exe"},
      {"\u2066x\u2069", "\\u{2066}x\\u{2069}"},
      {"\xef\xbb\xbf"
       "bom",
       "\\u{feff}bom"},
      {"caf\xe9", "caf\\xe9"},
      {"cut \xe6\x9d", "cut \\xe6\\x9d"},
      {"\xc0\x9b", "\\xc0\\x9b"},           // Overlong ESC.
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // A surrogate.
      {"\U000E0041", "\\u{e0041}"},         // A tag character.
  };
  for (const auto& c : cases) EXPECT_EQ(Visible(c.text), c.visible);
}

TEST(TextTest, ShowsTheFirstLine) {
  EXPECT_EQ(FirstLine("one\n"), "one");
  EXPECT_EQ(FirstLine("one\ntwo"), "one …");
  EXPECT_EQ(FirstLine("a\tb\r\n\r\nc"), "a b …");
  EXPECT_EQ(FirstLine(" \n"), "");
}

TEST(TextTest, CountsColumnsAsATerminalDoes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("Zürich"), 6);
  EXPECT_EQ(DisplayWidth("東京"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("→"), 1);
  EXPECT_EQ(DisplayWidth("🙂"), 2);
}

TEST(TextTest, CutsAtTheColumn) {
  EXPECT_EQ(Truncate("abcdef", 6), "abcdef");
  EXPECT_EQ(Truncate("abcdefg", 6), "abcde…");
  EXPECT_EQ(Truncate("東京都庁", 6), "東京…");
  EXPECT_EQ(Truncate("abc", 1), "…");
}

TEST(TextTest, WritesTargets) {
  const auto targets = [](const char* text) {
    v1::LabelTargets result;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &result));
    return FormatTargets(result);
  };
  EXPECT_EQ(targets(""), "none");
  EXPECT_EQ(targets("targets { version: 12 weight: 1 }"), "v12");
  EXPECT_EQ(targets("targets { version: 12 weight: 90 } targets { version: 13 weight: 10 }"),
            "v12=90 v13=10");
}

TEST(TextTest, SaysOnlyWhatIsKnownOfUsage) {
  v1::Usage usage;
  EXPECT_EQ(FormatUsage(usage), "");
  usage.set_output_tokens(88);
  EXPECT_EQ(FormatUsage(usage), "88 out");
  usage.set_input_tokens(1204);
  usage.set_cached_input_tokens(1100);
  usage.set_reasoning_tokens(0);
  EXPECT_EQ(FormatUsage(usage), "1,204 in (1,100 cached), 88 out");
}

TEST(TextTest, WritesNumbersForPeople) {
  EXPECT_EQ(Count(1, "file", "files"), "1 file");
  EXPECT_EQ(Count(1234567, "file", "files"), "1,234,567 files");
  EXPECT_EQ(FormatLatency(absl::Microseconds(812'400)), "812 ms");
  EXPECT_EQ(FormatLatency(absl::Milliseconds(4210)), "4.2 s");
  EXPECT_EQ(FormatStatus(v1::RECORD_STATUS_TIMED_OUT), "timed out");
}

}  // namespace
}  // namespace colophon
