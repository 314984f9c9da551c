// The try loop: complete FILE, render FILE --spans, diff with files and words, drafts,
// labels, and what is said of a label that is split.

#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kHello[] = "---\nmodel: echo/any\n---\n{{>tone}}Hello {{name}}, how are you?\n";

class TryTest : public CliTest {
 protected:
  // acme with chat/hello v1 in production; the folder is f/.
  void SetUp() override {
    RunOk("init acme");
    Write("f/colophon.yaml", "repository: acme\n");
    Write("f/chat/hello.prompt", kHello);
    Write("f/chat/_tone.prompt", "Be kind.\n");
    In("publish -m First --label production");
    ASSERT_EQ(code_, 0) << errors_;
  }
  std::string In(const std::string& arguments) { return Run(arguments, "cd f/chat && "); }
  void Write(const std::string& path, const std::string& text) { WriteFile(dir_ / path, text); }
  // v2 of chat/hello, another tone.
  void PublishSecond() {
    Write("f/chat/_tone.prompt", "Be short.\n");
    In("publish -m Second");
    ASSERT_EQ(code_, 0) << errors_;
  }
};

TEST_F(TryTest, AFileIsTriedAsItIsAndRecorded) {
  // What is published already is called as that.
  EXPECT_EQ(In("complete hello.prompt --var name=Ada"), "Be kind.\nHello Ada, how are you?");
  EXPECT_THAT(errors_, HasSubstr("acme/chat/hello@v1"));

  Write("f/chat/_tone.prompt", "Be short. ");
  EXPECT_EQ(In("complete hello.prompt --var name=Ada"), "Be short. Hello Ada, how are you?");
  EXPECT_THAT(errors_, ContainsRegex("record [^ ]+ · acme/chat/hello@[0-9a-f]{40}"));
  const std::string first = errors_;
  In("complete hello.prompt --var name=Ada --stream");
  const size_t at = first.find("hello@");
  EXPECT_THAT(errors_, HasSubstr(first.substr(at, 46)));  // The same text, the same commit.
  EXPECT_THAT(RunOk("list acme"), HasSubstr("\tv1\t"));

  EXPECT_THAT(In("drafts"), AllOf(StartsWith("try-ada\tchange 1\t"), HasSubstr("\tchat/hello")));
  Write("f/chat/hello.prompt", "---\nmodel: echo/any\n---\n{{bad helper here}}\n");
  EXPECT_EQ(In("complete hello.prompt"), "");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("chat/hello.prompt:4:"));
}

TEST_F(TryTest, ANewFileOutsideOfAFolderNeedsItsRepository) {
  Write("loose/new.prompt", "---\nmodel: echo/any\n---\nNew.\n");
  std::filesystem::create_directories(dir_ / "loose/.git");
  Run("complete loose/new.prompt");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("-r NAME"));
  EXPECT_EQ(RunOk("complete loose/new.prompt -r acme --draft fresh"), "New.");
  EXPECT_THAT(RunOk("drafts -r acme"), StartsWith("fresh\t"));
}

TEST_F(TryTest, AFileIsRenderedWithItsSpans) {
  EXPECT_THAT(In("render hello.prompt --var name=Ada --spans"),
              AllOf(HasSubstr("chat/_tone.prompt:1:1\t"), HasSubstr("\tname\t\"Ada\"\n")));
  EXPECT_THAT(In("render hello.prompt --var name=Ada --spans --json"),
              HasSubstr("\"expression\":\"name\""));
}

TEST_F(TryTest, AFileIsComparedWithWhatIsPublished) {
  EXPECT_EQ(In("diff hello.prompt"), "");
  EXPECT_THAT(errors_, HasSubstr("are the same"));
  PublishSecond();
  EXPECT_THAT(In("diff hello.prompt v1"), AllOf(HasSubstr("--- a/chat/_tone.prompt\n"),
                                                HasSubstr("\n-Be kind.\n+Be short.\n")));
  EXPECT_EQ(In("diff hello.prompt @v1"), In("diff acme/chat/hello@v1 hello.prompt"));
  EXPECT_THAT(In("diff acme/chat/hello@v1 v2"), HasSubstr("\n+Be short.\n"));
  EXPECT_EQ(In("diff acme/chat/hello@v1 @v2"), In("diff hello.prompt@v1 v2"));
  EXPECT_THAT(In("diff acme/chat/hello"), "");
  EXPECT_EQ(code_, 2);
}

TEST_F(TryTest, WordsThatDifferAreMarked) {
  Write("f/chat/hello.prompt",
        "---\nmodel: echo/any\n---\n{{>tone}}Hello dear {{name}}, how is it?\n");
  EXPECT_EQ(In("diff hello.prompt --words"),
            "--- a/chat/hello.prompt\n+++ b/chat/hello.prompt\n"
            "model: echo/any\n---\n"
            "{{>tone}}Hello {+dear +}{{name}}, how [-are-]{+is+} [-you?-]{+it?+}\n");
}

TEST_F(TryTest, DraftsAreShownPromotedAndDropped) {
  Write("f/chat/_tone.prompt", "Be brief.\n");
  EXPECT_THAT(In("publish --draft brief -m Brief --author 'Mina <mina@example.com>'"),
              HasSubstr("branch brief"));
  EXPECT_THAT(In("drafts brief"),
              AllOf(HasSubstr("began at\tchange 1\n"), HasSubstr("\n+Be brief.\n")));
  EXPECT_THAT(In("drafts"), HasSubstr("Mina"));
  EXPECT_THAT(
      In("publish --from heads/brief -m Promoted"),
      AllOf(StartsWith("published acme/chat/hello@v2\n"), EndsWith("dropped draft brief\n")));
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_EQ(In("drafts"), "");
  EXPECT_EQ(In("status"), "acme, on change 2 of 2\n");

  Write("f/chat/_tone.prompt", "Be loud.\n");
  In("publish --draft loud -m Loud");
  PublishSecond();
  In("publish --from heads/loud -m Promoted");
  EXPECT_EQ(code_, 4);
  EXPECT_THAT(errors_, AllOf(HasSubstr("change 3 by ada touched chat/_tone.prompt: Second"),
                             HasSubstr("where the draft began")));
  Write("f/chat/_tone.prompt", "Be soft.\n");
  In("publish --draft loud -m Soft");
  EXPECT_THAT(errors_, HasSubstr("draft loud began at change 2, and this folder stands on 3"));
  EXPECT_THAT(In("drafts loud --drop"), StartsWith("dropped loud;"));
  In("drafts loud --drop");
  EXPECT_EQ(code_, 3);
}

TEST_F(TryTest, LabelsTakeAnySelectorAndGoBack) {
  PublishSecond();
  In("label acme/chat/hello@staging v2");
  EXPECT_THAT(In("label hello.prompt@production staging"), HasSubstr("production: v1 → v2\n"));
  EXPECT_THAT(In("label acme/chat/hello@production --back"), HasSubstr("production: v2 → v1\n"));
  EXPECT_THAT(In("history acme/chat/hello -n 1"), HasSubstr("production back to v1"));
  EXPECT_THAT(In("label acme/chat/hello@production v1=90% v2=10%"),
              HasSubstr("production: v1 → v1=90 v2=10\n"));
  EXPECT_THAT(In("label acme/chat/hello@canary production"), HasSubstr("canary: v1=90 v2=10\n"));
  EXPECT_THAT(In("label acme/chat/hello@production --at 1"), HasSubstr("production\tv1\t"));
  EXPECT_THAT(In("label acme/chat/hello --at '2020-01-01'"), "");
  EXPECT_EQ(code_, 3);
  In("label acme/chat/hello@production v1 v2");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("v12=90 v13=10"));
  In("label acme/chat/hello@first --back");
  EXPECT_EQ(code_, 3);
}

TEST_F(TryTest, ALabelThatIsSplitIsNeverOneVersionInSilence) {
  PublishSecond();
  In("label acme/chat/hello@half v1=50 v2=50");
  EXPECT_THAT(In("show acme/chat/hello@half"),
              AllOf(StartsWith("half\tv1=50 v2=50\n"), HasSubstr("version\tacme/chat/hello@v1\n"),
                    HasSubstr("version\tacme/chat/hello@v2\n")));
  In("label acme/chat/hello@half v2");
  EXPECT_THAT(In("show acme/chat/hello@half --at 3"), StartsWith("half\tv1=50 v2=50\n"));
  EXPECT_THAT(In("show acme/chat/hello@half"), StartsWith("version\tacme/chat/hello@v2\n"));
  In("label acme/chat/hello@half v1=50 v2=50");
  EXPECT_THAT(In("show acme/chat/hello@half --subject ada"),
              AllOf(StartsWith("version\t"), Not(HasSubstr("half\tv1"))));
  In("diff acme/chat/hello@v1 @half");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("is split, v1=50 v2=50"));
  for (const char* command : {"render", "complete", "complete --stream"}) {
    In(std::string(command) + " acme/chat/hello@half --var name=Ada");
    EXPECT_EQ(code_, 0) << errors_;
    EXPECT_THAT(errors_, HasSubstr("is split, v1=50 v2=50; this was acme/chat/hello@v")) << command;
  }
  In("render acme/chat/hello@half --var name=Ada --subject ada");
  EXPECT_THAT(errors_, Not(HasSubstr("is split")));
}

TEST_F(TryTest, UsesOfAFileThatIsntThereAreNotNone) {
  EXPECT_THAT(RunOk("uses acme/chat/_tone"), StartsWith("acme/chat/hello\t"));
  Run("uses acme/chat/_tune");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("no file \"chat/_tune.prompt\""));
}

TEST_F(TryTest, APromptIsTriedWithoutItsModel) {
  Write("f/chat/hello.prompt", "---\nmodel: openai/none\n---\nHello.\n");
  EXPECT_EQ(In("complete hello.prompt --model echo/echo"), "Hello.");
}

TEST_F(TryTest, FilesAndFoldersAreRemoved) {
  Write("f/_house.prompt", "House.\n");
  In("publish -m house");
  EXPECT_THAT(RunOk("rm _house -r acme -m gone"), HasSubstr("  _house.prompt\n"));
  EXPECT_THAT(In("rm hello.prompt -m gone"),
              AllOf(HasSubstr("\narchived acme/chat/hello\n"),
                    EndsWith("removed _house.prompt\nremoved chat/hello.labels.yaml\n"
                             "removed chat/hello.prompt\n")));
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_FALSE(std::filesystem::exists(dir_ / "f/chat/hello.prompt"));
  EXPECT_THAT(RunOk("list acme -a"), HasSubstr("archived"));
  In("rm nothing -m x");
  EXPECT_EQ(code_, 3);
}

// Who changes something is who git says, unless the caller is named.
TEST_F(TryTest, TheAuthorIsGits) {
  WriteFile(dir_ / "home/.gitconfig", "[user]\n\tname = Grace\n\temail = grace@example.com\n");
  Write("f/chat/_tone.prompt", "Be short.\n");
  const ShellResult published = Shell(
      fmt::format("cd {}/f && HOME={}/home XDG_CONFIG_HOME={}/home {} --server {} publish -m Mine",
                  dir_.path(), dir_.path(), dir_.path(), COLOPHON, server_.address()));
  EXPECT_EQ(published.exit_code, 0) << published.output;
  EXPECT_THAT(RunOk("versions acme/chat/hello -n 1"), HasSubstr("\tGrace <grace@example.com>\t"));
}

}  // namespace
}  // namespace colophon
