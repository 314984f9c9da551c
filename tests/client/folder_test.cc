// init, pull, status, publish in a working folder, export.

#include <filesystem>

#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class FolderTest : public CliTest {
 protected:
  // acme, with support/triage v1 by Ann, whose folder is ann/; Bob has bob/.
  void SetUp() override {
    By("ann", "publish -m 'First words'", "cd ann && ", /*first=*/"init acme ann");
    ASSERT_EQ(code_, 0) << errors_;
    RunOk("init acme bob");
  }

  // In the person's folder, or in a folder of it.
  std::string By(const std::string& who, const std::string& arguments, std::string where = "",
                 const std::string& first = "") {
    if (!first.empty()) RunOk(first);
    if (where.empty()) where = "cd " + who + " && ";
    return Run("--caller " + who + " " + arguments, where);
  }
  std::string File(const std::string& path) { return ReadFileOrDie(dir_ / path); }
  void Write(const std::string& path, const std::string& text) { WriteFile(dir_ / path, text); }
};

TEST_F(FolderTest, InitMakesAFolderWithAPromptThatCanBeCalled) {
  EXPECT_THAT(RunOk("init other new/folder"),
              AllOf(StartsWith("created other\n"), HasSubstr("wrote support/triage.prompt\n")));
  EXPECT_THAT(File("new/folder/colophon.yaml"), HasSubstr("\nrepository: other\n"));
  EXPECT_EQ(File("new/folder/.colophon/.gitignore"), "*\n");
  EXPECT_EQ(RunOk("check --strict new/folder"), "");
  EXPECT_THAT(RunOk("publish new/folder -m first"), HasSubstr("other/support/triage@v1 (new"));
  EXPECT_EQ(RunOk("init other new/folder"), "");
  EXPECT_THAT(errors_, HasSubstr("on change 1"));
  Run("init acme new/folder/below");
  EXPECT_EQ(code_, 5);
  EXPECT_THAT(errors_, HasSubstr("is in the working folder"));
}

TEST_F(FolderTest, APathMeansTheSameWhereverOneStands) {
  Write("ann/chat/hello.prompt", "Hello.\n");
  for (const std::string& line :
       {std::string("cd ann && |chat/hello.prompt"), std::string("cd ann/chat && |hello.prompt"),
        std::string("cd ann/chat && |."), std::string("|ann/chat"),
        std::string("cd bob && |../ann/chat/hello.prompt"), std::string("cd ann && |")}) {
    const size_t bar = line.find('|');
    By("ann", "publish --dry-run " + line.substr(bar + 1), bar == 0 ? " " : line.substr(0, bar));
    EXPECT_EQ(code_, 0) << line << errors_;
    EXPECT_THAT(Run("--caller ann publish --dry-run " + line.substr(bar + 1),
                    bar == 0 ? "" : line.substr(0, bar)),
                StartsWith("would publish acme/chat/hello@v1 (new prompt)\n"))
        << line;
  }
}

TEST_F(FolderTest, CheckRenderAndPublishHaveOneRoot) {
  Write("ann/_tone.prompt", "Be brief.\n");
  Write("ann/chat/hello.prompt", "{{>tone}}Hello.\n");
  std::filesystem::create_directories(dir_ / "ann/chat/.git");
  EXPECT_THAT(By("ann", "check hello.prompt", "cd ann/chat && "), "");
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_THAT(By("ann", "render hello.prompt", "cd ann/chat && "), HasSubstr("Be brief."));
  EXPECT_THAT(By("ann", "publish hello.prompt --dry-run", "cd ann/chat && "), "");
  EXPECT_THAT(errors_, HasSubstr("tone"));
  EXPECT_THAT(By("ann", "publish .. --dry-run", "cd ann/chat && "),
              HasSubstr("would publish acme/chat/hello@v1"));
}

TEST_F(FolderTest, PublishSendsWhatDiffersAndSaysWhatItIs) {
  EXPECT_EQ(By("ann", "publish -m again"), "nothing changed\n");
  Write("ann/support/_tone.prompt", "Be short.\n");
  const std::string published = By("ann", "publish -m Shorter");
  EXPECT_THAT(published, StartsWith("published acme/support/triage@v2\n  support/_tone.prompt\n"));
  Write("ann/support/_tone.prompt", "Write short sentences. Be kind. Promise nothing.\n");
  EXPECT_THAT(By("ann", "publish -m Back"),
              StartsWith("published acme/support/triage@v3 (goes back to v1's text)\n"));
  Write("ann/_unused.prompt", "Nobody includes this.\n");
  EXPECT_THAT(By("ann", "publish -m Partial"),
              StartsWith("no prompt changes by it\n  _unused.prompt\n"));
  Write("ann/support/copy.prompt", File("ann/support/triage.prompt"));
  EXPECT_THAT(By("ann", "publish -m Copy"),
              StartsWith("published acme/support/copy@v1 (new prompt; acme/support/triage has the "
                         "same text)\n"));
}

TEST_F(FolderTest, DryRunShowsTheDifference) {
  Write("ann/support/_tone.prompt", "Be short.\n");
  EXPECT_THAT(
      By("ann", "publish --dry-run --diff"),
      AllOf(HasSubstr("--- a/support/_tone.prompt\n+++ b/support/_tone.prompt\n"),
            HasSubstr("\n+Be short.\n"), HasSubstr("would publish acme/support/triage@v2")));
  EXPECT_EQ(By("ann", "status"), "acme, on change 1 of 1\nedited  support/_tone.prompt\n");
}

TEST_F(FolderTest, AStaleFolderTakesNothingBack) {
  Write("bob/support/_tone.prompt", "Bob's words.\n");
  By("bob", "publish -m \"Bob's\"");
  ASSERT_EQ(code_, 0) << errors_;
  // Others' files that were not touched here are brought along.
  Write("ann/chat/hello.prompt", "Hello.\n");
  EXPECT_THAT(By("ann", "publish -m Hello"),
              AllOf(StartsWith("published acme/chat/hello@v1 (new prompt)\n"),
                    Not(HasSubstr("support/triage")), EndsWith("brought support/_tone.prompt\n")));
  EXPECT_EQ(File("ann/support/_tone.prompt"), "Bob's words.\n");
  // The same file: refused, with who and what.
  Write("bob/chat/hello.prompt", "Hello from Bob.\n");
  EXPECT_EQ(By("bob", "publish -m Mine"), "");
  EXPECT_EQ(code_, 4);
  EXPECT_THAT(errors_, AllOf(HasSubstr("change 3 by ann touched chat/hello.prompt: Hello\n"),
                             HasSubstr("colophon pull")));
  EXPECT_EQ(File("bob/chat/hello.prompt"), "Hello from Bob.\n");
}

TEST_F(FolderTest, PullMergesAndMarksConflicts) {
  Write("ann/long.prompt", "One\ntwo\nthree\nfour\nfive\n");
  By("ann", "publish -m long");
  By("bob", "pull");
  Write("ann/long.prompt", "ONE\ntwo\nthree\nfour\nfive\n");
  Write("bob/long.prompt", "One\ntwo\nthree\nfour\nFIVE\n");
  By("ann", "publish -m one");
  EXPECT_EQ(By("bob", "pull"), "merged long.prompt\n");
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_EQ(File("bob/long.prompt"), "ONE\ntwo\nthree\nfour\nFIVE\n");
  By("bob", "publish -m five");
  ASSERT_EQ(code_, 0) << errors_;

  Write("ann/long.prompt", "Eins\ntwo\nthree\nfour\nfive\n");
  EXPECT_EQ(By("ann", "pull"), "merged long.prompt\n");
  By("ann", "publish -m eins");
  Write("bob/long.prompt", "Uno\ntwo\nthree\nfour\nFIVE\n");
  EXPECT_THAT(By("bob", "pull"), HasSubstr("conflict in long.prompt"));
  EXPECT_EQ(code_, 8);
  EXPECT_EQ(File("bob/long.prompt"),
            "<<<<<<< yours\nUno\n=======\nEins\n>>>>>>> acme change 5\ntwo\nthree\nfour\nFIVE\n");
  By("bob", "publish -m marks");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("marks of a conflict"));
  EXPECT_THAT(By("bob", "status"), HasSubstr("edited  long.prompt  has conflict marks\n"));
  Write("bob/long.prompt", "Uno, eins\ntwo\nthree\nfour\nFIVE\n");
  By("bob", "publish -m both");
  EXPECT_EQ(code_, 0) << errors_;
}

TEST_F(FolderTest, DeletionsAreAskedForAndPulled) {
  std::filesystem::remove(dir_ / "ann/support/triage.prompt");
  EXPECT_EQ(By("ann", "publish -m less"), "nothing changed\n");
  EXPECT_THAT(errors_, HasSubstr("support/triage.prompt is not here any more and stays"));
  RunOk("label acme/support/triage@production v1");
  By("ann", "publish -m less --prune");
  EXPECT_EQ(code_, 4);
  EXPECT_THAT(errors_, HasSubstr("change 2 by ada touched support/triage.labels.yaml"));
  EXPECT_EQ(By("ann", "pull"), "brought support/triage.labels.yaml\n");
  EXPECT_THAT(By("ann", "publish -m less --prune"), HasSubstr("archived acme/support/triage\n"));
  EXPECT_EQ(code_, 0) << errors_;
  // Bob edited what is gone: his file stays, and he is told.
  Write("bob/support/triage.prompt", "Mine.\n");
  EXPECT_THAT(By("bob", "pull"), HasSubstr("edited here, deleted there; yours is kept"));
  EXPECT_EQ(code_, 8);
  EXPECT_EQ(File("bob/support/triage.prompt"), "Mine.\n");
}

TEST_F(FolderTest, AFolderThatNeverPulledIsRefused) {
  Write("carl/colophon.yaml", "repository: acme\n");
  Write("carl/support/_tone.prompt", "Carl's.\n");
  By("carl", "publish -m mine");
  EXPECT_EQ(code_, 5);
  EXPECT_THAT(errors_, HasSubstr("run `colophon pull` first"));
  By("carl", "pull");
  EXPECT_EQ(code_, 8);
  EXPECT_THAT(File("carl/support/_tone.prompt"), HasSubstr("Carl's.\n"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "carl/support/triage.prompt"));
}

TEST_F(FolderTest, OtherKindsOfFilesAreRefused) {
  Write("ann/.env", "KEY=secret\n");
  By("ann", "publish .env -m oops");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("--any-file"));
  Run("publish ann/.env -r acme --root ann -m oops");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(By("ann", "publish .env -m wanted --any-file"), HasSubstr("  .env\n"));
}

TEST_F(FolderTest, JsonSaysWhatHappenedToEachFile) {
  Write("bob/support/_tone.prompt", "Bob's words.\n");
  By("bob", "publish -m \"Bob's\"");
  Write("ann/chat/hello.prompt", "Hello.\n");
  EXPECT_EQ(By("ann", "status --json"),
            "{\"repository\":\"acme\",\"sequence\":1,\"newest\":2,\"edits\":[{\"path\":"
            "\"chat/hello.prompt\",\"state\":\"new\"}],\"others\":[{\"path\":"
            "\"support/_tone.prompt\",\"state\":\"edited\"}]}\n");
  EXPECT_EQ(By("ann", "pull --json"),
            "{\"sequence\":2,\"files\":[{\"path\":\"support/_tone.prompt\",\"outcome\":"
            "\"brought\"}]}\n");
}

TEST_F(FolderTest, ExportWritesTheFilesOfAChange) {
  Write("ann/support/_tone.prompt", "Later.\n");
  By("ann", "publish -m later");
  EXPECT_EQ(RunOk("export acme out --at 1"),
            "wrote support/_tone.prompt\nwrote support/triage.prompt\n");
  EXPECT_EQ(File("out/support/_tone.prompt"), File("bob/support/_tone.prompt"));
  RunOk("export acme now");
  EXPECT_EQ(File("now/support/_tone.prompt"), "Later.\n");
  Run("export acme out");
  EXPECT_EQ(code_, 5);
}

TEST_F(FolderTest, FailuresSayWhatToDo) {
  const struct {
    const char* where;
    const char* arguments;
    int code;
    const char* says;
  } cases[] = {
      {"", "pull", 3, "there is no colophon.yaml"},
      {"", "status", 3, "there is no colophon.yaml"},
      {"", "publish prompts -m x", 2, "say which repository with -r NAME"},
      {"cd ann && ", "publish -r team -m x", 2, "-r says team"},
      {"", "publish ann bob -m x", 2, "name files of one"},
      {"", "export nowhere out", 3, "nowhere"},
      {"", "export acme out --at 99", 2, "the newest change of acme is 1"},
  };
  for (const auto& test : cases) {
    Run(test.arguments, test.where);
    EXPECT_EQ(code_, test.code) << test.arguments;
    EXPECT_THAT(errors_, HasSubstr(test.says)) << test.arguments;
  }
  Write("ann/colophon.yaml", "repo: acme\n");
  By("ann", "pull");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, AllOf(HasSubstr("repo: \"acme\" isn't understood")));
}

}  // namespace
}  // namespace colophon
