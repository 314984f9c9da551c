// What the command line says beside the service's own errors, and where there is nothing.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cli_fixture.h"

namespace colophon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class HintTest : public CliTest {
 protected:
  // Standard error.
  std::string Fail(const std::string& arguments, int code) {
    EXPECT_EQ(Run(arguments), "") << arguments;
    EXPECT_EQ(code_, code) << arguments << "\n" << errors_;
    return errors_;
  }
};

TEST_F(HintTest, NamesTheCommandsThatHelp) {
  EXPECT_EQ(Fail("show acme/support/triage", 3),
            "colophon: no repository \"acme\"; create it first, or list those there are\n"
            "`colophon init NAME` creates one, `colophon list` lists those there are\n");
  RunOk("init acme");
  RunOk("publish prompts -r acme -m 'First words'");
  EXPECT_EQ(Fail("show acme/support/triage", 3),
            "colophon: no label \"production\" of acme/support/triage; it has no labels; "
            "acme/support/triage@latest is its newest version\n"
            "`colophon label PROMPT` lists the labels, `colophon label PROMPT@LABEL v1` points one "
            "at a version\n");
  RunOk("show acme/support/triage@latest");
  EXPECT_THAT(Fail("show acme/support/triag", 3),
              EndsWith("\n`colophon list REPOSITORY` lists the prompts\n"));
}

TEST_F(HintTest, EveryChangeNeedsADescriptionAndADryRunNone) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/other.prompt", kTriage);
  for (const std::string command : {"publish prompts -r acme", "archive acme/support/triage",
                                    "rm support/triage.prompt -r acme"}) {
    EXPECT_EQ(Fail(command, 2), "colophon: say what changes and why with -m TEXT\n");
    EXPECT_THAT(RunOk(command + " --dry-run"), HasSubstr("would "));
  }
}

TEST_F(HintTest, SaysThatThereIsNothing) {
  RunOk("init acme");
  EXPECT_EQ(RunOk("history acme"), "");
  EXPECT_EQ(errors_, "no changes of acme\n");
  EXPECT_EQ(RunOk("label acme"), "");
  EXPECT_EQ(errors_, "no labels of acme\n");
  EXPECT_EQ(RunOk("history acme --json"), "{}\n");
  EXPECT_EQ(errors_, "");
}

TEST_F(HintTest, WantsHostAndPortOfAServer) {
  EXPECT_EQ(Fail("list --server localhost", 2),
            "colophon: \"localhost\" is no server's address: write HOST:PORT, such as "
            "localhost:50051, or https://HOST:PORT for TLS\n");
  EXPECT_THAT(Fail("watch --server localhost", 2), HasSubstr("HOST:PORT"));
  // What needs no server isn't held up.
  RunOk("check prompts --server localhost");
  RunOk("help --server localhost");
}

TEST_F(HintTest, AVariableMayStandInAFile) {
  PublishTriage();
  WriteFile(dir_ / "letter.txt", "Where is it?\n");
  EXPECT_THAT(RunOk("render acme/support/triage --var message=@letter.txt"),
              HasSubstr("Where is it?"));
  EXPECT_THAT(RunOk("render prompts/support/triage.prompt --var message=@letter.txt"),
              HasSubstr("Where is it?"));
  EXPECT_THAT(Fail("render acme/support/triage --var message=@lost.txt", 3),
              HasSubstr("message=@@lost.txt"));
}

}  // namespace
}  // namespace colophon
