// colophon grep, against a server.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class GrepTest : public CliTest {
 protected:
  // Ann brings the words, Bob takes them out again. folder/ is Ann's.
  void SetUp() override {
    RunOk("init acme folder");
    Write("support/_tone.prompt", "Be kind.\nNever promise a Refund.\n");
    Write("chat/hello.prompt", "Hello.\n");
    RunOk("--caller ann publish -m 'Bring the tone'", "cd folder && ");
    Write("support/_tone.prompt", "Be kind.\n");
    RunOk("--caller bob publish -m 'Say less'", "cd folder && ");
  }
  void Write(const std::string& path, const std::string& text) {
    WriteFile(dir_ / ("folder/" + path), text);
  }
};

TEST_F(GrepTest, PrintsLinesAsGrepDoes) {
  EXPECT_EQ(RunOk("grep Hello acme"), "chat/hello.prompt:1:1: Hello.\n");
  EXPECT_EQ(RunOk("grep hELLO acme/chat -i"), "chat/hello.prompt:1:1: Hello.\n");
  EXPECT_EQ(RunOk("grep Refund acme --at 1"),
            "support/_tone.prompt:2:17: Never promise a Refund.\n");
  EXPECT_EQ(RunOk("grep Refund acme --at acme/support/triage@v1"),
            "support/_tone.prompt:2:17: Never promise a Refund.\n");
  EXPECT_THAT(OnTerminal("grep Refund acme --at 1"),
              AllOf(HasSubstr("support/_tone.prompt:2:17"), HasSubstr("mRefund\x1b[")));
  const json::object match = RunJson("grep Refund acme --at 1");
  EXPECT_EQ(match.at("path"), "support/_tone.prompt");
  EXPECT_EQ(match.at("line"), 2);
}

TEST_F(GrepTest, NothingFoundIsExitCodeThree) {
  EXPECT_EQ(Run("grep Refund acme"), "");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("no line of acme has \"Refund\""));
  Run("grep hello acme/support");
  EXPECT_EQ(code_, 3);
  Run("grep hello acme --history");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("no change brought or took out"));
}

TEST_F(GrepTest, HistorySaysWhoBroughtAndWhoTookOut) {
  EXPECT_THAT(
      RunOk("grep Refund acme --history"),
      MatchesRegex("2\t[^\t]*Z\t[0-9a-f]{40}\tbob\tSay less\t-\tsupport/_tone.prompt:2:17\tNever "
                   "promise a Refund.\n"
                   "1\t[^\t]*Z\t[0-9a-f]{40}\tann\tBring the tone\t\\+\tsupport/_tone.prompt:2:17\t"
                   "Never promise a Refund.\n"));
  const std::string shown = OnTerminal("grep Refund acme --history --no-color");
  EXPECT_THAT(shown, AllOf(HasSubstr("change 2"), HasSubstr("bob  Say less"),
                           HasSubstr("- support/_tone.prompt:2:17: Never promise a Refund."),
                           HasSubstr("+ support/_tone.prompt:2:17: Never promise a Refund.")));
  EXPECT_THAT(RunOk("grep Refund acme --history -n 1"), Not(HasSubstr("ann")));
  EXPECT_THAT(errors_, HasSubstr("--limit"));
}

TEST_F(GrepTest, AWorkingFolderKnowsWhereToLook) {
  EXPECT_EQ(RunOk("grep Hello", "cd folder/support && "), "chat/hello.prompt:1:1: Hello.\n");
  EXPECT_EQ(RunOk("grep Hello .", "cd folder/chat && "), "chat/hello.prompt:1:1: Hello.\n");
  EXPECT_EQ(RunOk("grep Hello .", "cd folder && "), "chat/hello.prompt:1:1: Hello.\n");
  EXPECT_EQ(RunOk("grep Hello hello.prompt", "cd folder/chat && "),
            "chat/hello.prompt:1:1: Hello.\n");
  Run("grep Hello ./", "cd folder/support && ");
  EXPECT_EQ(code_, 3) << errors_;
  Run("grep Hello");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("say which repository"));
}

TEST_F(GrepTest, SearchesADraft) {
  Write("chat/hello.prompt", "Good day.\n");
  RunOk("publish --draft polite -m Polite", "cd folder && ");
  EXPECT_EQ(RunOk("grep 'Good day' acme --at heads/polite"), "chat/hello.prompt:1:1: Good day.\n");
  Run("grep Hello acme --at heads/none");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("none"));
  Run("grep \"$(printf '\\377')\" acme");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("not UTF-8"));
  Run("grep Hello acme --at heads/polite --history");
  EXPECT_EQ(code_, 2);
  Run("grep Hello acme --at acme/chat/hello@heads/polite");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("--at heads/NAME"));
}

}  // namespace
}  // namespace colophon
