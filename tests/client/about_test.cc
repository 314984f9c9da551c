// What the program says of itself, and of what it was called with.

#include <string>

#include "client/cli/program.h"
#include "client/cli/suggestion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Optional;
using testing::StartsWith;

class AboutTest : public CliTest {
 protected:
  void ExpectMisuse(const std::string& arguments, const std::string& message) {
    EXPECT_EQ(Run(arguments), "") << arguments;
    EXPECT_EQ(code_, 2) << arguments;
    EXPECT_EQ(errors_, "colophon: " + message + "\n") << arguments;
  }
};

TEST_F(AboutTest, TellsItsVersion) {
  const std::string version = RunOk("--version");
  EXPECT_THAT(version, MatchesRegex("colophon [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(RunOk("version"), version);
  EXPECT_EQ("colophon " + std::string(RunJson("version")["version"].as_string()) + "\n", version);
}

TEST_F(AboutTest, HelpIsWhatTheHelpOptionPrints) {
  EXPECT_EQ(RunOk("help"), RunOk("--help"));
  EXPECT_EQ(RunOk("help publish"), RunOk("publish --help"));
  EXPECT_THAT(RunOk("help help"), HasSubstr("colophon help"));
}

TEST_F(AboutTest, SuggestsWhatAMisspeltWordStandsFor) {
  ExpectMisuse("publsh", "no command \"publsh\"; did you mean publish?");
  ExpectMisuse("publsh prompts --label x", "no command \"publsh\"; did you mean publish?");
  ExpectMisuse("publsh --help", "no command \"publsh\"; did you mean publish?");
  ExpectMisuse("help lable", "no command \"lable\"; did you mean label?");
  ExpectMisuse("stat", "no command \"stat\"; did you mean status?");
  ExpectMisuse("frobnicate", "no command \"frobnicate\"; see colophon --help");
  ExpectMisuse("publish . --mesage x",
               "no option \"--mesage\" of publish; did you mean --message?");
  ExpectMisuse("show --jsn", "no option \"--jsn\" of show; did you mean --json?");
  ExpectMisuse("show acme/x --subjct=ada",
               "no option \"--subjct\" of show; did you mean --subject?");
  ExpectMisuse("show acme/x --frobnicate",
               "no option \"--frobnicate\" of show; see colophon show --help");
  ExpectMisuse("show acme/x -x", "no option \"-x\" of show; see colophon show --help");
  ExpectMisuse("--sever a:1 list", "no option \"--sever\" of list; did you mean --server?");
  ExpectMisuse("--sever a:1", "no option \"--sever\"; did you mean --server?");
}

TEST_F(AboutTest, NamesTheCommandWhoseHelpToSee) {
  ExpectMisuse("", "name a command; see colophon --help");
  ExpectMisuse("show", "REF is required; see colophon show --help");
  ExpectMisuse("show a/b c/d", "\"c/d\" is one argument too many; see colophon show --help");
  ExpectMisuse("show a/b -- c/d", "\"c/d\" is one argument too many; see colophon show --help");
  EXPECT_EQ(Run("history acme --limit x"), "");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, AllOf(StartsWith("colophon: "), HasSubstr("--limit"),
                             EndsWith("; see colophon history --help\n")));
}

TEST(SuggestionTest, IsTheClosest) {
  const std::vector<std::string> names = {"records", "record", "render", "rm", "--label", "-m"};
  EXPECT_THAT(FindClosest("rednder", names), Optional(std::string("render")));
  EXPECT_THAT(FindClosest("recrod", names), Optional(std::string("record")));
  EXPECT_THAT(FindClosest("recrods", names), Optional(std::string("records")));
  EXPECT_THAT(FindClosest("--lable", names), Optional(std::string("--label")));
  EXPECT_THAT(FindClosest("--lab", names), Optional(std::string("--label")));
  for (const char* far : {"", "-", "mv", "-x", "publish", "xyz"}) {
    EXPECT_EQ(FindClosest(far, names), std::nullopt) << far;
  }
}

}  // namespace
}  // namespace colophon
