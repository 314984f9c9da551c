// A day of two authors on one repository: each has a working folder, each publishes, one is
// stale, they meet in one line, try things, take a prompt out of service and roll back.
// Every word that is printed is compared; commits, record ids and times are blotted out.

#include <regex>
#include <string>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

class DayTest : public E2eTest {
 protected:
  // `colophon ARGUMENTS` by "ann" or "bob" in their folder: what it prints, notes and
  // errors too, and its exit code when it isn't 0.
  std::string By(const std::string& who, const std::string& arguments) const {
    const ShellResult result = Shell(fmt::format(
        "cd {}/{} && HOME={} TZ=UTC COLOPHON_SERVER={} COLOPHON_CALLER={} {} {} 2>&1", dir().path(),
        who, dir().path(), server().address(), who, COLOPHON_PROGRAM, arguments));
    std::string text = std::regex_replace(result.output, std::regex("[0-9a-f]{40}"), "COMMIT");
    text = std::regex_replace(text, std::regex("\\b[0-9a-f]{8}\\b(?!-)"), "COMMIT");
    text = std::regex_replace(text, std::regex("[0-9a-f]{8}-[0-9a-f-]{27}"), "RECORD");
    text = std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"), "TIME");
    if (result.exit_code != 0) text += fmt::format("exit {}\n", result.exit_code);
    return text;
  }
  void Write(const std::string& path, const std::string& text) const {
    WriteFile(dir() / path, text);
  }
  std::string Read(const std::string& path) const { return ReadFileOrDie(dir() / path); }
};

constexpr char kGreet[] =
    "---\nmodel: echo/any\n---\n{{>tone}}Greet {{name}}.\nAsk how they are.\nSay goodbye.\n";

TEST_F(DayTest, NobodysWorkIsLost) {
  Serve();
  Shell(fmt::format("mkdir {}/ann {}/bob", dir().path(), dir().path()));

  // Morning: Ann begins, Bob joins.
  EXPECT_EQ(By("ann", "init acme ."),
            "created acme\nwrote support/_tone.prompt\nwrote support/triage.prompt\n"
            "\".\" is a working folder of acme, on change 0\n");
  Shell(fmt::format("rm -r {}/ann/support", dir().path()));
  Write("ann/chat/greet.prompt", kGreet);
  Write("ann/chat/_tone.prompt", "Be kind. ");
  EXPECT_EQ(By("ann", "publish -m 'First words' --label production"),
            "published acme/chat/greet@v1 (new prompt)\n"
            "labelled acme/chat/greet production: v1\n"
            "  chat/_tone.prompt\n  chat/greet.labels.yaml\n  chat/greet.prompt\n"
            "change 1, commit COMMIT\nbrought chat/greet.labels.yaml\n");
  EXPECT_EQ(By("bob", "init acme ."),
            "brought chat/_tone.prompt\nbrought chat/greet.labels.yaml\n"
            "brought chat/greet.prompt\n\".\" is a working folder of acme, on change 1\n");

  // Bob tries an edit as it is on disk, looks at it, and publishes it.
  Write("bob/chat/_tone.prompt", "Be brief. ");
  EXPECT_EQ(By("bob", "complete chat/greet.prompt --var name=Eve"),
            "Be brief. Greet Eve.\nAsk how they are.\nSay goodbye."
            "record RECORD · acme/chat/greet@COMMIT · echo/any · 10 in, 10 out tokens\n");
  EXPECT_EQ(By("bob", "drafts"), "try-bob\tchange 1\tTIME\tCOMMIT\tbob\tchat/greet\n");
  EXPECT_EQ(By("bob", "drafts try-bob --drop"),
            "dropped try-bob; what it said is still there by commit COMMIT\n");
  EXPECT_EQ(By("bob", "diff chat/greet.prompt --words"),
            "--- a/chat/_tone.prompt\n+++ b/chat/_tone.prompt\nBe [-kind.-]{+brief.+} \n");
  EXPECT_EQ(By("bob", "publish -m Brief"),
            "published acme/chat/greet@v2\n  chat/_tone.prompt\nchange 2, commit COMMIT\n");

  // Ann's folder is a change behind: her own prompt goes through and Bob's edit comes along.
  Write("ann/chat/part.prompt", "---\nmodel: echo/any\n---\nSay goodbye to {{name}}.\n");
  EXPECT_EQ(By("ann", "status"),
            "acme, on change 1 of 2\nnew     chat/part.prompt\n"
            "edited  chat/_tone.prompt  by others\n"
            "`colophon pull` brings what is newer\n");
  EXPECT_EQ(By("ann", "publish -m 'A way out'"),
            "published acme/chat/part@v1 (new prompt)\n  chat/part.prompt\n"
            "change 3, commit COMMIT\nbrought chat/_tone.prompt\n");
  EXPECT_EQ(Read("ann/chat/_tone.prompt"), "Be brief. ");

  // Noon: both edit one file, far apart. Bob is refused, pulls, and both edits are there.
  std::string text = kGreet;
  Write("ann/chat/greet.prompt", text.replace(text.find("Greet {{"), 5, "Welcome"));
  EXPECT_EQ(By("ann", "publish -m Welcome"),
            "published acme/chat/greet@v3\n  chat/greet.prompt\nchange 4, commit COMMIT\n");
  text = kGreet;
  Write("bob/chat/greet.prompt", text.replace(text.find("Say goodbye"), 11, "Wish them well"));
  EXPECT_EQ(By("bob", "publish -m Wishes"),
            "change 4 by ann touched chat/greet.prompt: Welcome\n"
            "colophon: others changed the same since change 2, which this folder stands on: run "
            "`colophon pull`, look at what it merged, and publish again\nexit 4\n");
  EXPECT_EQ(By("bob", "pull"),
            "merged chat/greet.prompt\nbrought chat/part.prompt\nfrom change 2 to 4 of acme\n");
  EXPECT_EQ(Read("bob/chat/greet.prompt"),
            "---\nmodel: echo/any\n---\n{{>tone}}Welcome {{name}}.\nAsk how they are.\n"
            "Wish them well.\n");
  EXPECT_EQ(By("bob", "publish -m Wishes"),
            "published acme/chat/greet@v4\n  chat/greet.prompt\nchange 5, commit COMMIT\n");

  // Both edit one line: the marks, and a publish that won't send them.
  Write("bob/chat/part.prompt", "---\nmodel: echo/any\n---\nSay farewell to {{name}}.\n");
  EXPECT_EQ(By("bob", "publish -m Farewell"),
            "published acme/chat/part@v2\n  chat/part.prompt\nchange 6, commit COMMIT\n");
  Write("ann/chat/part.prompt", "---\nmodel: echo/any\n---\nSay adieu to {{name}}.\n");
  EXPECT_EQ(By("ann", "pull"),
            "brought chat/greet.prompt\n"
            "conflict in chat/part.prompt: both changes are in it, marked\n"
            "from change 4 to 6 of acme\n"
            "colophon: 1 conflict: edit what is marked, look at what was deleted, then publish\n"
            "exit 8\n");
  EXPECT_EQ(Read("ann/chat/part.prompt"),
            "---\nmodel: echo/any\n---\n<<<<<<< yours\nSay adieu to {{name}}.\n=======\n"
            "Say farewell to {{name}}.\n>>>>>>> acme change 6\n");
  EXPECT_EQ(By("ann", "publish -m Adieu"),
            "colophon: \"chat/part.prompt\" has the marks of a conflict, <<<<<<< and >>>>>>>; "
            "choose what it is to say, then publish\nexit 2\n");
  Write("ann/chat/part.prompt", "---\nmodel: echo/any\n---\nSay farewell and adieu.\n");
  EXPECT_EQ(By("ann", "publish -m 'Farewell and adieu'"),
            "published acme/chat/part@v3\n  chat/part.prompt\nchange 7, commit COMMIT\n");

  // Afternoon: a draft, promoted; a rollout in shares, and back.
  Write("ann/chat/_tone.prompt", "Be warm. ");
  EXPECT_EQ(By("ann", "publish --draft warmer -m 'Warmer tone'"),
            "published acme/chat/greet@COMMIT\n  chat/_tone.prompt\n"
            "branch warmer, commit COMMIT\n");
  EXPECT_EQ(By("bob", "drafts"), "warmer\tchange 7\tTIME\tCOMMIT\tann\tchat/greet\n");
  EXPECT_EQ(By("bob", "publish --from heads/warmer -m 'Warmer tone'"),
            "published acme/chat/greet@v5\n  chat/_tone.prompt\nchange 8, commit COMMIT\n"
            "dropped draft warmer\nbrought chat/_tone.prompt\nbrought chat/part.prompt\n");
  EXPECT_EQ(By("bob", "label chat/greet.prompt@production v1=90 v5=10"),
            "acme/chat/greet production: v1 → v1=90 v5=10\nchange 9, commit COMMIT\n");
  EXPECT_EQ(
      By("ann", "diff acme/chat/greet@v1 acme/chat/greet"),
      "colophon: acme/chat/greet is split, v1=90 v5=10: name one of these versions\nexit 2\n");
  EXPECT_EQ(By("bob", "label chat/greet.prompt@production --back"),
            "acme/chat/greet production: v1=90 v5=10 → v1\nchange 10, commit COMMIT\n");
  EXPECT_EQ(By("ann", "label acme/chat/greet --at 9"),
            "acme/chat/greet@production\tv1=90 v5=10\tTIME\t9\tbob\n");

  // Evening: Ann removes a prompt, Bob has it edited; and the old tone comes back.
  EXPECT_EQ(By("ann", "pull"), "from change 7 to 10 of acme\n");
  Write("bob/chat/part.prompt", "---\nmodel: echo/any\n---\nBob's own.\n");
  EXPECT_EQ(By("ann", "rm chat/part.prompt -m 'Not used'"),
            "archived acme/chat/part\n  chat/part.prompt\nchange 11, commit COMMIT\n"
            "removed chat/part.prompt\n");
  EXPECT_EQ(By("bob", "pull"),
            "conflict in chat/part.prompt: edited here, deleted there; yours is kept\n"
            "from change 8 to 11 of acme\n"
            "colophon: 1 conflict: edit what is marked, look at what was deleted, then publish\n"
            "exit 8\n");
  EXPECT_EQ(Read("bob/chat/part.prompt"), "---\nmodel: echo/any\n---\nBob's own.\n");
  Write("bob/chat/_tone.prompt", "Be kind. ");
  Write("bob/chat/greet.prompt", kGreet);
  EXPECT_EQ(By("bob", "publish chat/greet.prompt chat/_tone.prompt -m 'As it was'"),
            "published acme/chat/greet@v6 (goes back to v1's text)\n"
            "  chat/_tone.prompt\n  chat/greet.prompt\nchange 12, commit COMMIT\n");
  EXPECT_EQ(By("bob", "status"), "acme, on change 12 of 12\nnew     chat/part.prompt\n");

  // Night: all of it is there, by whom and in order.
  EXPECT_EQ(By("ann", "export acme ../out --at 5"),
            "wrote chat/_tone.prompt\nwrote chat/greet.labels.yaml\nwrote chat/greet.prompt\n"
            "wrote chat/part.prompt\nacme as change 5 left it\n");
  EXPECT_EQ(Read("out/chat/greet.prompt"),
            "---\nmodel: echo/any\n---\n{{>tone}}Welcome {{name}}.\nAsk how they are.\n"
            "Wish them well.\n");
  EXPECT_EQ(By("ann", "history acme"),
            "12\tTIME\tCOMMIT\tbob\tpublished chat/greet v6\tAs it was\n"
            "11\tTIME\tCOMMIT\tann\tarchived chat/part\tNot used\n"
            "10\tTIME\tCOMMIT\tbob\tchat/greet production: v1=90 v5=10 → v1\t"
            "production back to v1\n"
            "9\tTIME\tCOMMIT\tbob\tchat/greet production: v1 → v1=90 v5=10\t"
            "label chat/greet@production: v1 → {v1: 90, v5: 10}\n"
            "8\tTIME\tCOMMIT\tbob\tpublished chat/greet v5\tWarmer tone\n"
            "7\tTIME\tCOMMIT\tann\tpublished chat/part v3\tFarewell and adieu\n"
            "6\tTIME\tCOMMIT\tbob\tpublished chat/part v2\tFarewell\n"
            "5\tTIME\tCOMMIT\tbob\tpublished chat/greet v4\tWishes\n"
            "4\tTIME\tCOMMIT\tann\tpublished chat/greet v3\tWelcome\n"
            "3\tTIME\tCOMMIT\tann\tpublished chat/part v1\tA way out\n"
            "2\tTIME\tCOMMIT\tbob\tpublished chat/greet v2\tBrief\n"
            "1\tTIME\tCOMMIT\tann\tpublished chat/greet v1, chat/greet production: v1\t"
            "First words\n");
}

// The README's commands are what they say.
TEST_F(DayTest, TheReadmesTenMinutesOfAnAuthorWork) {
  Serve();
  const std::string readme = ReadFileOrDie(SourceFolder() + "/README.md");
  const size_t section = readme.find("## A prompt author's ten minutes");
  ASSERT_NE(section, std::string::npos);
  const size_t begin = readme.find("```sh\n", section) + 6;
  const std::string commands = readme.substr(begin, readme.find("```", begin) - begin);
  WriteFile(dir() / "commands", fmt::format("set -eu\ncd {}\ncolophon() {{ {} \"$@\"; }}\n{}",
                                            dir().path(), COLOPHON_PROGRAM, commands));
  const ShellResult result = Shell(fmt::format("HOME={} COLOPHON_SERVER={} sh {}/commands",
                                               dir().path(), server().address(), dir().path()));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("acme/support/triage@v2"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("production: v1 → v2"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace colophon
