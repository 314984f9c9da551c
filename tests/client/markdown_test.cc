#include "client/cli/markdown.h"

#include "gtest/gtest.h"

namespace colophon {
namespace {

TEST(MarkdownTest, ACodeSpanIsClosedByNothingInIt) {
  const struct {
    std::string text, markdown;
  } kCases[] = {
      {"support/triage", "`support/triage`"},
      {"a`b", "``a`b``"},
      {"a``b`c", "```a``b`c```"},
      {"`a", "`` `a ``"},
      {"a`", "`` a` ``"},
      {" a ", "`  a  `"},
      {"a\n\n# b\tc", "`a  # b c`"},
      {"a\r\u202e", "`a\\x0d\\u{202e}`"},
      {"", ""},
  };
  for (const auto& test : kCases) EXPECT_EQ(MarkdownCode(test.text), test.markdown);
}

TEST(MarkdownTest, ABlockIsClosedByNothingInIt) {
  EXPECT_EQ(MarkdownBlock("+a\n", "diff"), "```diff\n+a\n```\n");
  EXPECT_EQ(MarkdownBlock("+a", "diff"), "```diff\n+a\n```\n");
  EXPECT_EQ(MarkdownBlock(" ```\n+`````` x\n", "diff"), "```````diff\n ```\n+`````` x\n```````\n");
  EXPECT_EQ(MarkdownBlock("+a\r\n", "diff"), "```diff\n+a\\x0d\n```\n");
}

TEST(MarkdownTest, ACellIsEndedByNothingInIt) {
  const struct {
    std::string text, markdown;
  } kCases[] = {
      {"a", "| a |\n"},
      {"a|b", "| a\\|b |\n"},
      {R"(\\|)", "| \\\\\\| |\n"},     // An escaped backslash stays one.
      {R"(a\|b)", "| a\\\\\\|b |\n"},  // Else the two would be read as one, and end the cell.
      {R"(\a|)", "| \\a\\| |\n"},
  };
  for (const auto& test : kCases) EXPECT_EQ(MarkdownRow({test.text}), test.markdown);
  EXPECT_EQ(MarkdownRow({"a", "", "c"}), "| a |  | c |\n");
}

}  // namespace
}  // namespace colophon
