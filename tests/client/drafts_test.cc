// What an author does between two changes: a draft that begins again at main's newest change,
// its history and its records; partials looked at like prompts; a label that would be removed;
// long answers in a pager.

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
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr char kHello[] = "---\nmodel: echo/any\n---\n{{>tone}}Hello {{name}}.\n";

class DraftsTest : public CliTest {
 protected:
  // acme with chat/hello v1 in production; the folder is f/.
  void SetUp() override {
    RunOk("init acme");
    Write("f/colophon.yaml", "repository: acme\n");
    Write("f/chat/hello.prompt", kHello);
    Write("f/chat/_tone.prompt", "Be kind.\n\n\n\nAlways.\n");
    In("publish -m First --label production");
    ASSERT_EQ(code_, 0) << errors_;
    Write("f/chat/_tone.prompt", "Be kind.\n\n\n\nNearly always.\n");
    In("publish --draft nearly -m Nearly --author 'Mina <mina@example.com>'");
    ASSERT_EQ(code_, 0) << errors_;
  }
  std::string In(const std::string& arguments) { return Run(arguments, "cd f && "); }
  void Write(const std::string& path, const std::string& text) { WriteFile(dir_ / path, text); }
  void PublishTone(const std::string& text) {
    Write("f/chat/_tone.prompt", text);
    In("publish -m Second");
    ASSERT_EQ(code_, 0) << errors_;
  }
};

TEST_F(DraftsTest, ADraftIsRebasedOntoMain) {
  EXPECT_EQ(In("drafts nearly --rebase"), "nearly begins at change 1, which is main's newest\n");
  PublishTone("Be short.\n\n\n\nAlways.\n");
  EXPECT_THAT(In("drafts nearly --rebase"),
              MatchesRegex("nearly begins at change 2 now, it began at 1; commit [0-9a-f]{8,}\n"));
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_THAT(In("drafts nearly"),
              AllOf(HasSubstr("began at\tchange 2\n"), HasSubstr("\n-Always.\n+Nearly always.\n"),
                    HasSubstr(" @@ Be short.\n")));
  EXPECT_THAT(In("drafts"), AllOf(HasSubstr("\tchange 2\t"), HasSubstr("Mina")));
  EXPECT_EQ(In("complete acme/chat/hello@heads/nearly --var name=Ada"),
            "Be short.\n\n\n\nNearly always.\nHello Ada.");
}

TEST_F(DraftsTest, WhatBothChangedIsDecidedByItsAuthor) {
  PublishTone("Be kind.\n\n\n\nNever.\n");
  EXPECT_THAT(In("drafts nearly --rebase"),
              AllOf(StartsWith("conflict in chat/_tone.prompt\n"), HasSubstr("\nNearly always.\n"),
                    HasSubstr("\nNever.\n"), HasSubstr("<<<<<<<")));
  EXPECT_EQ(code_, 8);
  EXPECT_THAT(errors_, HasSubstr("--take"));
  EXPECT_THAT(In("drafts"), HasSubstr("\tchange 1\t")) << "nothing was moved";

  Write("f/chat/_tone.prompt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
  In("drafts nearly --rebase --take chat/_tone.prompt");
  EXPECT_EQ(code_, 2);
  Write("f/chat/_tone.prompt", "Be kind.\n\n\n\nSeldom.\n");
  EXPECT_THAT(In("drafts nearly --rebase --take chat/_tone.prompt"),
              StartsWith("nearly begins at change 2 now"));
  EXPECT_EQ(code_, 0) << errors_;
  EXPECT_THAT(In("complete acme/chat/hello@heads/nearly --var name=Ada"), HasSubstr("Seldom."));

  // What main has by now is no draft any more.
  PublishTone("Be kind.\n\n\n\nSeldom.\n");
  EXPECT_THAT(In("drafts nearly --rebase"), HasSubstr("main has all that nearly changes"));
  In("drafts --rebase");
  EXPECT_EQ(code_, 2);
  In("drafts none --rebase");
  EXPECT_EQ(code_, 3);
}

TEST_F(DraftsTest, ItsHistoryAndItsRecordsAreListed) {
  Write("f/chat/hello.prompt", std::string(kHello) + "Bye.\n");
  In("publish --draft nearly -m Bye");
  EXPECT_THAT(In("history acme@heads/nearly"),
              MatchesRegex("-\t[^\n]*\tchat/hello.prompt\tBye\n"
                           "-\t[^\n]*\tMina[^\n]*\tchat/_tone.prompt\tNearly\n"));
  EXPECT_THAT(In("history acme/chat/hello@heads/nearly"), Not(HasSubstr("Nearly")));
  In("history acme@heads/none");
  EXPECT_EQ(code_, 3);

  In("complete acme/chat/hello --var name=Ada");
  In("complete acme/chat/hello@heads/nearly --var name=Ada");
  const std::string records = In("records acme/chat/hello@heads/nearly");
  EXPECT_THAT(records, ContainsRegex("acme/chat/hello@[0-9a-f]{8}\t"));
  EXPECT_EQ(std::count(records.begin(), records.end(), '\n'), 1) << records;
  In("records acme/chat/hello@heads/none");
  EXPECT_EQ(code_, 3);
}

TEST_F(DraftsTest, APartialIsShownAndHasAHistory) {
  PublishTone("Be short.\n");
  EXPECT_EQ(In("show acme/chat/_tone --raw"), "Be short.\n");
  EXPECT_THAT(In("show acme/chat/_tone"), StartsWith("file\tchat/_tone.prompt\nsha256\t"));
  EXPECT_EQ(In("show acme/chat/_tone --raw --at 1"), "Be kind.\n\n\n\nAlways.\n");
  EXPECT_THAT(In("history acme/chat/_tone"), MatchesRegex("2\t[^\n]*\tSecond\n1\t[^\n]*\tFirst\n"));
  EXPECT_THAT(In("history acme/chat/_tone -n 1"), MatchesRegex("2\t[^\n]*\tSecond\n"));
  for (const char* command : {"show acme/chat/_tune", "history acme/chat/_tune"}) {
    In(command);
    EXPECT_EQ(code_, 3) << command;
    EXPECT_THAT(errors_, HasSubstr("no file \"chat/_tune.prompt\" in acme"));
  }
  In("versions acme/chat/_tone");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("a partial"));
}

TEST_F(DraftsTest, ALabelsRemovalIsTriedFirst) {
  EXPECT_THAT(In("label acme/chat/hello@production --delete --dry-run"),
              EndsWith("production: v1 removed\n"));
  EXPECT_THAT(In("label acme/chat/hello"), HasSubstr("production\tv1\t"));
  In("label acme/chat/hello@production --delete --dry-run --expect v2");
  EXPECT_EQ(code_, 4);
  In("label acme/chat/hello@none --delete --dry-run");
  EXPECT_NE(code_, 0);
  EXPECT_THAT(In("label acme/chat/hello@production --delete"), HasSubstr("production: v1 removed"));
}

TEST_F(DraftsTest, ARecordIsNamedByItsFirstDigits) {
  In("complete acme/chat/hello --var name=Ada");
  const std::string row = In("records acme");
  const std::string id = row.substr(row.find('\t') + 1, 36);
  EXPECT_THAT(In("record " + id.substr(0, 18)), HasSubstr("record\t" + id + "\n"));
  EXPECT_EQ(code_, 0) << id << errors_;
  In("record " + id.substr(0, 7));
  EXPECT_EQ(code_, 2);
  In("record " + id + " --raw");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("KEEP_RAW_ALWAYS"));
}

// What fits is printed, what doesn't goes through $PAGER, and never in a pipe.
TEST_F(DraftsTest, WhatIsLongerThanTheTerminalIsPaged) {
  const auto show = [&](int rows, const std::string& arguments) {
    return OnTerminal("show acme/chat/hello " + arguments,
                      fmt::format("stty rows {}; PAGER='sed s/^/paged:/'", rows));
  };
  EXPECT_THAT(show(5, ""), AllOf(HasSubstr("paged:"), HasSubstr("Be kind.")));
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(show(100, ""), AllOf(Not(HasSubstr("paged:")), HasSubstr("Be kind.")));
  EXPECT_THAT(show(5, "--no-pager"), AllOf(Not(HasSubstr("paged:")), HasSubstr("Be kind.")));
  EXPECT_THAT(show(5, "--json"), Not(HasSubstr("paged:")));
  EXPECT_THAT(Run("show acme/chat/hello", "PAGER='sed s/^/paged:/'"), Not(HasSubstr("paged:")));
  EXPECT_THAT(OnTerminal("show acme/chat/hello", "stty rows 5; PAGER=cat"), HasSubstr("Be kind."));
  // One that is left at once is no error, and one that isn't there loses nothing silently.
  EXPECT_EQ((OnTerminal("show acme/chat/hello", "stty rows 5; PAGER=true"), code_), 0);
}

TEST_F(DraftsTest, AServerThatIsntThereIsToldAtOnce) {
  EXPECT_THAT(OnTerminal("list --server 127.0.0.1:1"),
              AllOf(HasSubstr("is colophond serving there?"), HasSubstr("(2 attempts)")));
  Run("list --server 127.0.0.1:1");
  EXPECT_THAT(errors_, HasSubstr("(6 attempts)")) << "a script waits for a restart";
}

}  // namespace
}  // namespace colophon
