// `colophon check` as a user runs it. No server runs: the address leads nowhere.

#include <filesystem>
#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CheckTest : public testing::Test {
 protected:
  // A repository is where .git is.
  CheckTest() {
    std::filesystem::create_directories(dir_ / "repo/.git");
    Write("support/triage.prompt", "---\nmodel: echo/any\n---\nSort {{ticket}}. {{> tone}}");
    Write("_tone.prompt", "Be kind.\n");
  }

  void Write(const std::string& path, const std::string& content) {
    WriteFile(dir_ / ("repo/" + path), content);
  }

  // Standard output; standard error is in errors_, the exit code in code_.
  std::string Check(const std::string& arguments, const std::string& folder = "repo") {
    const std::string errors = dir_ / "errors";
    const ShellResult result =
        Shell(fmt::format("cd {} && COLOPHON_SERVER=127.0.0.1:1 {} check {} 2>{}", dir_ / folder,
                          COLOPHON, arguments, errors));
    code_ = result.exit_code;
    errors_ = ReadFileOrDie(errors);
    return result.output;
  }

  TempDir dir_;
  int code_ = -1;
  std::string errors_;
};

TEST_F(CheckTest, SaysNothingOfWhatIsRight) {
  EXPECT_EQ(Check(""), "");
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(errors_, "1 prompt, 0 errors, 0 warnings\n");
  EXPECT_EQ(Check("--json"), "{\"diagnostics\":[]}\n");
  EXPECT_EQ(errors_, "");
}

TEST_F(CheckTest, PrintsErrorsAndWarningsAsCompilersDo) {
  Write("support/triage.prompt", "---\nmodel: echo/any\n---\nSort {{user_name}} \n{{userName}}");
  Write("support/odd.prompt", "Hi {{nohelper 1}}");
  EXPECT_EQ(
      Check("support"),
      "support/odd.prompt:1:6: error: unknown helper \"nohelper\": there are each, history, if, "
      "ifEquals, json, log, lookup, media, role, section, unless, unlessEquals, with "
      "(UNKNOWN_HELPER)\n"
      "support/triage.prompt:4:19: warning: spaces at the end of this line are sent to the model: "
      "remove them (TRAILING_SPACE)\n"
      "support/triage.prompt:5:3: warning: \"userName\" and \"user_name\" are two variables: if "
      "one "
      "is meant, write \"user_name\", as support/triage.prompt:4:8 has it (SIMILAR_VARIABLES)\n");
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_, "colophon: 2 prompts, 1 error, 2 warnings\n");
  // From another folder, by a path that leads there.
  EXPECT_THAT(Check("../support/odd.prompt", "repo/.git"),
              StartsWith((dir_ / "repo/support/odd.prompt").append(":1:6: error: ")));
  EXPECT_THAT(Check("repo/support/odd.prompt", "."),
              StartsWith("repo/support/odd.prompt:1:6: error: "));
}

TEST_F(CheckTest, WarningsFailWhenTheyAreToldTo) {
  Write("support/triage.prompt", "Sort \n{{ticket}}");
  EXPECT_THAT(Check(""), HasSubstr("support/triage.prompt:1:5: warning: "));
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(errors_, "1 prompt, 0 errors, 1 warning\n");
  EXPECT_THAT(Check("--strict"), HasSubstr("support/triage.prompt:1:5: warning: "));
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_, "colophon: 1 prompt, 0 errors, 1 warning\n");
}

TEST_F(CheckTest, PrintsTheApisMessagesAsJson) {
  Write("support/triage.prompt", "Sort \n{{ticket}}{{> none}}");
  const std::string output = Check("--json");
  EXPECT_EQ(code_, 2);
  const auto value = ParseJson(output);
  ASSERT_OK(value);
  const json::array& found = value->at("diagnostics").as_array();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("path"), "support/triage.prompt");
  EXPECT_EQ(found[0].at("line"), 2);
  EXPECT_EQ(found[0].at("column"), 11);
  EXPECT_EQ(found[0].at("severity"), "SEVERITY_ERROR");
  EXPECT_EQ(found[0].at("code"), "MISSING_PARTIAL");
  EXPECT_THAT(std::string(found[0].at("message").as_string()), StartsWith("no partial \"none\""));
}

TEST_F(CheckTest, PrintsAnnotationsOfGithub) {
  Write("support/triage.prompt", "Sort \n{{ticket}}{{> none}}");
  Write("support/a:b,100%.prompt", "x");
  const std::string output = Check("support --format github");
  EXPECT_THAT(output, HasSubstr("::error file=support/triage.prompt,line=2,col=11,"
                                "title=MISSING_PARTIAL::no partial \"none\""));
  // Of a whole file, and with what would end a value.
  EXPECT_THAT(output, HasSubstr("::error file=support/a%3Ab%2C100%25.prompt,title=BAD_PATH::"));
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_, "colophon: 2 prompts, 2 errors, 0 warnings\n");

  Write("soft.prompt", "Sort \n{{ticket}}");
  EXPECT_THAT(Check("soft.prompt --format github"),
              StartsWith("::warning file=soft.prompt,line=1,col=5,title=TRAILING_SPACE::spaces "));
  EXPECT_EQ(code_, 0);
}

TEST_F(CheckTest, PrintsAReportForGitlab) {
  Write("support/triage.prompt", "Sort \n{{ticket}} \nx{{> none}}");
  Write("support/My Prompt.prompt", "Sort \n{{ticket}} \nx");
  const auto report = ParseJson(Check("support --format gitlab"));
  EXPECT_EQ(code_, 2);
  ASSERT_OK(report);
  const json::array& findings = report->as_array();
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[0].at("check_name"), "BAD_PATH");
  EXPECT_EQ(findings[0].at("severity"), "major");
  EXPECT_EQ(findings[0].at("location"),
            (json::value{{"path", "support/My Prompt.prompt"}, {"lines", {{"begin", 1}}}}));
  EXPECT_EQ(findings[2].at("check_name"), "TRAILING_SPACE");
  EXPECT_EQ(findings[2].at("severity"), "minor");
  EXPECT_EQ(findings[2].at("location").at("lines").at("begin"), 2);
  EXPECT_THAT(std::string(findings[2].at("description").as_string()), StartsWith("spaces "));

  // The same words at two lines are two findings, and stay these when they move.
  const json::value first = findings[1].at("fingerprint"), second = findings[2].at("fingerprint");
  EXPECT_NE(first, second);
  Write("support/My Prompt.prompt", "\nSort \n\n{{ticket}} \nx");
  const auto moved = ParseJson(Check("support --format gitlab"));
  ASSERT_OK(moved);
  EXPECT_EQ(moved->at(1).at("fingerprint"), first);
  EXPECT_EQ(moved->at(1).at("location").at("lines").at("begin"), 2);
  EXPECT_EQ(moved->at(2).at("fingerprint"), second);
}

TEST_F(CheckTest, FormsSayNothingOfWhatIsRightAndDontMix) {
  EXPECT_EQ(Check("--format github"), "");
  EXPECT_EQ(Check("--format gitlab"), "[]\n");
  EXPECT_EQ(errors_, "1 prompt, 0 errors, 0 warnings\n");
  EXPECT_EQ(Check("--format text"), "");
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(Check("--format gitlab --json"), "");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("--json and --format gitlab don't go together"));
  EXPECT_EQ(Check("--format junit"), "");
  EXPECT_EQ(code_, 2);
}

TEST_F(CheckTest, APartialIsCheckedWithItsPromptsOnce) {
  Write("a.prompt", "{{> tone}}");
  Write("_tone.prompt", "Be kind. \nSoon.\n");
  EXPECT_EQ(Check(""),
            "_tone.prompt:1:9: warning: spaces at the end of this line are sent to the model: "
            "remove them (TRAILING_SPACE)\n");
  EXPECT_EQ(errors_, "2 prompts, 0 errors, 1 warning\n");
  EXPECT_THAT(Check("_tone.prompt"), StartsWith("_tone.prompt:1:9: warning: "));
  EXPECT_EQ(errors_, "0 prompts, 0 errors, 1 warning\n");
}

TEST_F(CheckTest, LooksAtWhatNoPromptUses) {
  Write("_unused.prompt", "{{#if");
  Write("a.tool.json", "{");
  Write("b.schema.json", "{\"description\": \"\u202e\"}");
  Write("support/triage.labels.yaml", "- v1\n");
  EXPECT_THAT(Check(""), AllOf(HasSubstr("_unused.prompt:1:4: error: "), HasSubstr(" (SYNTAX)\n"),
                               HasSubstr("a.tool.json: error: not JSON"),
                               HasSubstr("b.schema.json:1:18: warning: U+202E"),
                               HasSubstr("support/triage.labels.yaml:1:1: error: ")));
  EXPECT_EQ(errors_, "colophon: 1 prompt, 3 errors, 1 warning\n");
}

TEST_F(CheckTest, FindsTheNamesAndLabelsThatPublishingRefuses) {
  Write("mine/My Prompt.prompt", "x");
  Write("mine/tellJoke.prompt", "x");
  Write("mine/a..b.prompt", "x");
  Write("mine/fine.prompt", "x");
  Write("mine/fine.labels.yaml", "production: banana\nlatest: v1\nstaging: v2\n");
  const std::string output = Check("mine");
  EXPECT_THAT(output,
              HasSubstr("mine/My Prompt.prompt: error: bad path \"My Prompt.prompt\": \" \" "
                        "is not allowed"));
  EXPECT_THAT(output, testing::Not(HasSubstr("mine/tellJoke.prompt"))) << "capitals are letters";
  EXPECT_THAT(output, HasSubstr("mine/a..b.prompt: error: "));
  EXPECT_THAT(output, HasSubstr("mine/fine.labels.yaml:1:"));
  EXPECT_THAT(output, HasSubstr("mine/fine.labels.yaml:2:"));
  EXPECT_THAT(output, testing::Not(HasSubstr("mine/fine.labels.yaml:3:")));
  EXPECT_EQ(errors_, "colophon: 4 prompts, 4 errors, 0 warnings\n");
  // Only what publishing this path would make a name of.
  Write("My Prompts/x.prompt", "x");
  EXPECT_EQ(Check("'My Prompts'"), "");
  EXPECT_EQ(Check("'My Prompts/x.prompt'"), "");
}

TEST_F(CheckTest, LooksForPartialsUpToTheRoot) {
  Check("support --root support");
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_, "colophon: 1 prompt, 1 error, 0 warnings\n");
  Check("support --root .");
  EXPECT_EQ(code_, 0) << errors_;
}

TEST_F(CheckTest, RefusesWhatItCantCheck) {
  Check("nowhere");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("no file or folder \"nowhere\""));
  Write("README.md", "read me");
  Check("README.md");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("\"README.md\" is no .prompt"));
  std::filesystem::create_directories(dir_ / "repo/empty");
  Check("empty");
  EXPECT_EQ(code_, 2);
}

TEST_F(CheckTest, TheExamplesAreFreeOfWarnings) {
  EXPECT_EQ(Check(fmt::format("--strict {}", EXAMPLES)), "");
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_EQ(errors_, "7 prompts, 0 errors, 0 warnings\n");
}

}  // namespace
}  // namespace colophon
