#include "client/cli/diff_markdown.h"

#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

DiffSide Folder(const std::string& name, FileMap files) {
  return {.name = name, .file = "", .files = std::move(files), .prompts = {}};
}

std::string Markdown(const DiffSide& before, const DiffSide& after) {
  const absl::StatusOr<std::string> markdown = WriteMarkdown(before, after);
  EXPECT_OK(markdown);
  return markdown.value_or("");
}

std::string Grouped(int number) {  // Below a million.
  return number < 1'000 ? std::to_string(number)
                        : fmt::format("{},{:03}", number / 1'000, number % 1'000);
}

int CountOf(const std::string& part, const std::string& text) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(DiffMarkdownTest, TellsAPromptWithItsFrontMatterAndItsClosure) {
  const DiffSide before{
      .name = "acme/support/triage@v1",
      .file = "support/triage.prompt",
      .files = {{"support/triage.prompt",
                 "---\nconfig:\n  temperature: 0.2\n  topK: 4\n---\n{{>tone}} Sort {{a}}\n"},
                {"support/_tone.prompt", "Be kind.\n"}},
      .prompts = {}};
  DiffSide after = before;
  after.name = "triage.prompt";
  after.files["support/triage.prompt"] =
      "---\nconfig:\n  temperature: 0.7\n  stop: a|b\n---\n{{>tone}} Sort {{a}}\n";
  after.files["support/_tone.prompt"] = "Be brief.\n";
  EXPECT_EQ(Markdown(before, after),
            "### `acme/support/triage@v1` → `triage.prompt`\n"
            "\n"
            "| front matter | before | after |\n"
            "| --- | --- | --- |\n"
            "| `config.stop` | none | `\"a\\|b\"` |\n"
            "| `config.temperature` | `0.2` | `0.7` |\n"
            "| `config.topK` | `4` | none |\n"
            "\n"
            "```diff\n"
            "--- a/support/_tone.prompt\n"
            "+++ b/support/_tone.prompt\n"
            "@@ -1 +1 @@\n"
            "-Be kind.\n"
            "+Be brief.\n"
            "```\n"
            "\n"
            "```diff\n"
            "--- a/support/triage.prompt\n"
            "+++ b/support/triage.prompt\n"
            "@@ -1,6 +1,6 @@\n"
            " ---\n"
            " config:\n"
            "-  temperature: 0.2\n"
            "-  topK: 4\n"
            "+  temperature: 0.7\n"
            "+  stop: a|b\n"
            " ---\n"
            " {{>tone}} Sort {{a}}\n"
            "```\n"
            "\n");
  EXPECT_EQ(Markdown(before, before),
            "`acme/support/triage@v1` and `acme/support/triage@v1` are the same.\n");
}

TEST(DiffMarkdownTest, AFolderTellsEachFileOnce) {
  DiffSide before = Folder("acme at change 3", {{"a.prompt", "{{>tone}} A"},
                                                {"b.prompt", "{{>tone}} B"},
                                                {"c.prompt", "{{>tone}} C"},
                                                {"gone.prompt", "Gone.\n"},
                                                {"same.prompt", "Same.\n"},
                                                {"_tone.prompt", "Be kind.\n"}});
  before.prompts = {{"a.prompt", "acme/a@v7"}, {"b.prompt", "acme/b@v2"}};
  DiffSide after = Folder("prompts", before.files);
  after.prompts = {{"new.prompt", "acme/new"}};
  after.files["_tone.prompt"] = "Be brief.\n";
  after.files["c.prompt"] = "{{>tone}} See";
  after.files["new.prompt"] = "New.\n";
  after.files["a.labels.yaml"] = "production: v7\n";
  after.files.erase("gone.prompt");
  const std::string markdown = Markdown(before, after);
  EXPECT_THAT(markdown,
              AllOf(StartsWith("From `acme at change 3` to `prompts`: 1 new prompt, "
                               "3 edited prompts, 1 deleted prompt, 1 other file.\n\n"
                               "### `acme/a@v7` edited\n\n```diff\n--- a/_tone.prompt\n"),
                    HasSubstr("\n### `c.prompt` edited\n\n```diff\n--- a/c.prompt\n"),
                    HasSubstr("```\n\nWith `_tone.prompt`, as for a prompt above.\n"),
                    HasSubstr("\n### `gone.prompt` deleted\n\n```diff\n--- a/gone.prompt\n"),
                    HasSubstr("\n### `acme/new` new\n\n```diff\n--- /dev/null\n"),
                    HasSubstr("\n### The same files are in\n\n"
                              "- `acme/b@v2` edited: `_tone.prompt`\n\n"
                              "### Other files\n\n```diff\n--- /dev/null\n+++ b/a.labels.yaml\n"),
                    Not(HasSubstr("Same."))));
  EXPECT_EQ(CountOf("+Be brief.\n", markdown), 1);
  EXPECT_EQ(Markdown(before, before), "`acme at change 3` and `acme at change 3` are the same.\n");
}

// A new partial that is nearer than the one used so far.
TEST(DiffMarkdownTest, TellsAPromptWhoseClosureChangedAndNoFileOfIt) {
  const DiffSide before =
      Folder("before", {{"x/a.prompt", "{{>tone}} A"}, {"_tone.prompt", "Be kind.\n"}});
  DiffSide after = Folder("after", before.files);
  after.files["x/_tone.prompt"] = "Be brief.\n";
  EXPECT_THAT(Markdown(before, after),
              AllOf(HasSubstr("### `x/a.prompt` edited\n"), HasSubstr("-Be kind.\n"),
                    HasSubstr("+Be brief.\n"), Not(HasSubstr("Other files"))));
}

TEST(DiffMarkdownTest, TellsAPromptThatHasErrors) {
  const DiffSide before = Folder("before", {{"a.prompt", "---\nmodel: echo/any\n---\nA\n"}});
  DiffSide after = Folder("after", {{"a.prompt", "---\nmodel: echo/any\n---\n{{#if\n"}});
  EXPECT_THAT(Markdown(before, after), AllOf(HasSubstr("### `a.prompt` edited\n\n```diff\n"),
                                             HasSubstr("\n-A\n+{{#if\n```\n")));
}

TEST(DiffMarkdownTest, NoTextOfAPromptEndsItsBlock) {
  const DiffSide before = Folder("before", {{"a.prompt", "Write\n```\n{{a}}\n"}});
  const DiffSide after =
      Folder("after", {{"a.prompt", "Write\n```\n{{a}}\n```\n# Approved\n\u202e````\n"}});
  EXPECT_THAT(Markdown(before, after),
              HasSubstr("`````diff\n--- a/a.prompt\n+++ b/a.prompt\n@@ -1,3 +1,6 @@\n Write\n ```\n"
                        " {{a}}\n+```\n+# Approved\n+\\u{202e}````\n`````\n"));
}

TEST(DiffMarkdownTest, LeavesOutWhatHasNoRoomAndSaysSo) {
  DiffSide before = Folder("before", {{"large.prompt", "x\n"}, {"small.prompt", "x\n"}});
  DiffSide after = Folder("after", {});
  after.files["small.prompt"] = "y\n";
  for (int i = 0; i < 20'000; ++i) after.files["large.prompt"] += "word\n";
  const std::string one = Markdown(before, after);
  EXPECT_THAT(one, SizeIs(Le(kMaxCommentBytes)));
  EXPECT_THAT(one, AllOf(HasSubstr("### `large.prompt` edited\n\n`large.prompt`: 20,004 lines left "
                                   "out.\n\n### `small.prompt` edited\n"),
                         HasSubstr("-x\n+y\n```\n"),
                         HasSubstr("\nLeft out, because a comment has room for 60,000 bytes: "
                                   "`large.prompt`.\n")));

  // More prompts than have room for a heading.
  for (int i = 0; i < 3'000; ++i) {
    after.files[fmt::format("many/{:04}.prompt", i)] = fmt::format("Number {}\n", i);
  }
  const std::string many = Markdown(before, after);
  EXPECT_THAT(many, SizeIs(Le(kMaxCommentBytes)));
  EXPECT_THAT(many.substr(0, 200), StartsWith("From `before` to `after`: 3,000 new prompts, 2 "));
  const int told = CountOf("```diff\n", many);
  EXPECT_GT(told, 100);
  const std::string tail = many.substr(many.find("\nLeft out"));
  EXPECT_THAT(tail, Not(HasSubstr("###")));
  const int named = CountOf("`", tail) / 2;
  EXPECT_THAT(tail,
              testing::EndsWith(fmt::format(" and {} more.\n", Grouped(3'002 - told - named))));
}

TEST(DiffMarkdownTest, ALongValueIsCut) {
  const auto prompt = [](char c) {
    return fmt::format("---\ndescription: {}\n---\nx\n", std::string(5'000, c));
  };
  const std::string markdown = Markdown(Folder("before", {{"a.prompt", prompt('a')}}),
                                        Folder("after", {{"a.prompt", prompt('b')}}));
  EXPECT_THAT(markdown, HasSubstr(fmt::format("| `description` | `\"{}…` | `\"{}…` |\n",
                                              std::string(118, 'a'), std::string(118, 'b'))));
}

}  // namespace
}  // namespace colophon
