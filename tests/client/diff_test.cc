// `colophon diff` of folders and as Markdown, against a real server.

#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class DiffTest : public CliTest {
 protected:
  void SetUp() override { PublishTriage(); }
  void Write(const std::string& path, const std::string& text) { WriteFile(dir_ / path, text); }
};

TEST_F(DiffTest, VersionsAndFilesAsMarkdown) {
  Write("prompts/support/_tone.prompt", "Be brief.\n");
  RunOk("publish prompts -r acme -m Second");
  EXPECT_EQ(RunOk("diff acme/support/triage@v1 v2 --markdown"),
            "### `acme/support/triage@v1` → `acme/support/triage@v2`\n\n"
            "```diff\n--- a/support/_tone.prompt\n+++ b/support/_tone.prompt\n@@ -1 +1 @@\n"
            "-Be kind.\n+Be brief.\n```\n\n");
  EXPECT_EQ(RunOk("diff acme/support/triage@v2 @latest --markdown"),
            "`acme/support/triage@v2` and `acme/support/triage@v2` are the same.\n");
  EXPECT_EQ(errors_, "");

  Write("prompts/colophon.yaml", "repository: acme\n");
  std::string triage = kTriage;
  Write("prompts/support/triage.prompt", triage.replace(triage.find("0.2"), 3, "0.9"));
  EXPECT_THAT(RunOk("diff prompts/support/triage.prompt --markdown"),
              AllOf(StartsWith("### `acme/support/triage@v2` → `prompts/support/triage.prompt`\n"),
                    HasSubstr("| `config.temperature` | `0.2` | `0.9` |\n")));
}

TEST_F(DiffTest, AFolderIsComparedWithWhatIsServed) {
  Write("prompts/colophon.yaml", "repository: acme\n");
  EXPECT_EQ(RunOk("diff prompts"), "");
  EXPECT_EQ(errors_, "acme at change 1 and prompts are the same\n");
  Write("prompts/support/_tone.prompt", "Be brief.\n");
  Write("prompts/support/fresh.prompt", "Fresh.\n");
  EXPECT_THAT(RunOk("diff prompts"),
              AllOf(HasSubstr("--- a/support/_tone.prompt\n+++ b/support/_tone.prompt\n"),
                    HasSubstr("--- /dev/null\n+++ b/support/fresh.prompt\n")));
  EXPECT_THAT(RunOk("diff prompts --words"), HasSubstr("Be [-kind.-]{+brief.+}\n"));
  const std::string markdown = RunOk("diff prompts --markdown");
  EXPECT_THAT(markdown,
              AllOf(StartsWith("From `acme at change 1` to `prompts`: 1 new prompt, 1 edited"),
                    HasSubstr("### `acme/support/fresh` new\n"),
                    HasSubstr("### `acme/support/triage@v1` edited\n"),
                    HasSubstr("-Be kind.\n+Be brief.\n"), Not(HasSubstr("labels"))));
  // Once it has labels' files, what they say is compared.
  Write("prompts/support/fresh.labels.yaml", "staging: v1\n");
  EXPECT_THAT(RunOk("diff prompts --markdown"),
              AllOf(HasSubstr("### Other files\n"), HasSubstr("+staging: v1\n"),
                    HasSubstr("-production: v1\n")));
  // A folder in it means the whole, as with `status`.
  EXPECT_THAT(RunOk("diff support --markdown", "cd prompts &&"), HasSubstr("+Be brief.\n"));
}

TEST_F(DiffTest, AFolderThatIsNoWorkingFolderNamesItsRepository) {
  Write("prompts/support/_tone.prompt", "Be brief.\n");
  EXPECT_THAT(RunOk("diff prompts -r acme --markdown"),
              HasSubstr("### `acme/support/triage@v1` edited\n"));
  std::filesystem::create_directories(dir_ / "empty");
  EXPECT_THAT(RunOk("diff empty -r acme --markdown"),
              HasSubstr("### `acme/support/triage@v1` deleted\n"));
}

TEST_F(DiffTest, TwoFoldersNeedNoServer) {
  Write("other/support/triage.prompt", kTriage);
  Write("other/support/_tone.prompt", "Be brief.\n");
  EXPECT_THAT(RunOk("diff prompts other --markdown --server 127.0.0.1:1"),
              AllOf(StartsWith("From `prompts` to `other`: 1 edited prompt.\n\n"
                               "### `support/triage` edited\n"),
                    HasSubstr("-Be kind.\n+Be brief.\n")));
}

TEST_F(DiffTest, RefusesWhatCantBeCompared) {
  Write("work/colophon.yaml", "repository: acme\n");
  const struct {
    const char* arguments;
    int code;
    const char* says;
  } kCases[] = {
      {"diff prompts", 2, "say with -r NAME which repository it is compared with"},
      {"diff prompts -r nothing", 3, "nothing"},
      {"diff work -r other", 2, "is a working folder of acme, and -r says other"},
      {"diff prompts work --json", 2, "leave --json out"},
      {"diff acme/support/triage@v1 v1 --markdown --json", 2, "leave --json out"},
      {"diff acme/support/triage@v1 v1 --markdown --words", 2, "don't go together"},
      {"diff prompts acme/support/triage -r acme", 2, "prompts"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Run(test.arguments), "") << test.arguments;
    EXPECT_EQ(code_, test.code) << test.arguments << "\n" << errors_;
    EXPECT_THAT(errors_, HasSubstr(test.says)) << test.arguments;
  }
}

}  // namespace
}  // namespace colophon
