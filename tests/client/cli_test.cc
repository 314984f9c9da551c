// `colophon` as a user runs it, against a real server.

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(CliTest, PublishesAFolderAndLabelsIt) {
  EXPECT_EQ(RunOk("init acme"), "created acme\n");
  EXPECT_THAT(RunOk("publish prompts -r acme -m 'First words' --label production"),
              AllOf(HasSubstr("published acme/support/triage@v1 (new prompt)\n"),
                    HasSubstr("labelled acme/support/triage production: v1\n"),
                    ContainsRegex("change 1, commit [0-9a-f]{8}\n")));
  EXPECT_EQ(RunOk("publish prompts -r acme -m again"), "nothing changed\n");
  EXPECT_THAT(RunOk("list"), StartsWith("acme\t1\t"));
  EXPECT_THAT(RunOk("list acme"),
              AllOf(StartsWith("acme/support/triage\tv1\t"), EndsWith("\tproduction: v1\n")));
  EXPECT_EQ(RunOk("list acme/other"), "");
}

TEST_F(CliTest, ChangesNothingInADryRun) {
  RunOk("init acme");
  EXPECT_EQ(RunOk("publish prompts -r acme --dry-run --label beta"),
            "would publish acme/support/triage@v1 (new prompt)\n"
            "would label acme/support/triage beta: v1\n"
            "  support/_tone.prompt\n  support/triage.labels.yaml\n  support/triage.prompt\n");
  EXPECT_EQ(RunOk("list acme"), "");
}

TEST_F(CliTest, TellsWhereAFileIsWrong) {
  RunOk("init acme");
  WriteFile(dir_ / "bad.prompt", "---\nmodel: echo/any\n---\nHello {{nohelper 1}}\n");
  EXPECT_EQ(Run("publish bad.prompt -r acme -m x"), "");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_,
              AllOf(StartsWith("colophon: "), HasSubstr("bad.prompt:4:"), HasSubstr("nohelper")));
}

TEST_F(CliTest, PublishesDrafts) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/triage.prompt", std::string(kTriage) + "Shorter.\n");
  EXPECT_THAT(RunOk("publish prompts -r acme -m shorter --branch shorter"),
              AllOf(HasSubstr("published acme/support/triage@"), HasSubstr("branch shorter")));
  EXPECT_THAT(RunOk("show acme/support/triage@heads/shorter --raw"), HasSubstr("Shorter."));
  EXPECT_THAT(RunOk("show acme/support/triage --raw"), Not(HasSubstr("Shorter.")));
}

TEST_F(CliTest, SaysWhatAReasonMeans) {
  EXPECT_THAT(RunOk("errors"), AllOf(StartsWith("ABANDONED\tCANCELLED\t"),
                                     HasSubstr("\nSTALE_BASE\tABORTED\tFiles that the change ")));
  EXPECT_THAT(RunOk("errors STALE_BASE --json"),
              StartsWith("{\"reason\":\"STALE_BASE\",\"code\":\"ABORTED\",\"meaning\":"));
  EXPECT_EQ(Run("errors STALE_BASIS"), "");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("`colophon errors` lists all"));
}

TEST_F(CliTest, RefusesAStaleBase) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/triage.prompt", std::string(kTriage) + "Two.\n");
  RunOk("publish prompts -r acme -m two");
  WriteFile(dir_ / "prompts/support/triage.prompt", std::string(kTriage) + "Three.\n");
  Run("publish prompts -r acme -m three --base 1");
  EXPECT_EQ(code_, 4);
  EXPECT_THAT(errors_, StartsWith("colophon: "));
}

TEST_F(CliTest, ShowsAVersion) {
  PublishTriage();
  const std::string shown = RunOk("show acme/support/triage");
  EXPECT_THAT(shown, AllOf(StartsWith("version\tacme/support/triage@v1\ncommit\t"),
                           HasSubstr("\nlabels\tproduction\n"), HasSubstr("\nauthor\tada"),
                           HasSubstr("\ndescription\tFirst words\n"),
                           HasSubstr("==> support/_tone.prompt <==\nBe kind.\n"),
                           HasSubstr("==> support/triage.prompt <==\n---\n")));
  EXPECT_EQ(RunOk("show acme/support/triage@v1 --raw"), kTriage);
}

TEST_F(CliTest, ShowsThePast) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/_tone.prompt", "Be brief.\n");
  RunOk("publish prompts -r acme -m brief --label production");
  EXPECT_THAT(RunOk("show acme/support/triage"), StartsWith("version\tacme/support/triage@v2\n"));
  EXPECT_THAT(RunOk("show acme/support/triage --at 1"),
              StartsWith("version\tacme/support/triage@v1\n"));
  Run("show acme/support/triage --at 2001-01-01");
  EXPECT_EQ(code_, 3);
}

TEST_F(CliTest, ListsVersionsAndTheirDifferences) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/_tone.prompt", "Be brief.\n");
  RunOk("publish prompts -r acme -m 'Be brief\n\nPeople skip it.'");
  const std::string versions = RunOk("versions acme/support/triage");
  EXPECT_THAT(versions,
              ContainsRegex("^v2\t[^\t]+\t[0-9a-f]{8}\tada[^\t]*\t\tBe brief …\n"
                            "v1\t[^\t]+\t[0-9a-f]{8}\tada[^\t]*\tproduction\tFirst words\n"));
  const std::string diff = RunOk("diff acme/support/triage@v1 acme/support/triage@v2");
  EXPECT_THAT(diff, AllOf(HasSubstr("\n-Be kind.\n+Be brief.\n"), Not(HasSubstr("\x1b"))));
  WriteFile(dir_ / "change.diff", diff);
  EXPECT_EQ(Shell(fmt::format("cd {}/prompts && git apply --check ../change.diff -R", dir_.path()))
                .output,
            "");
}

TEST_F(CliTest, MovesLabels) {
  PublishTriage();
  WriteFile(dir_ / "prompts/support/_tone.prompt", "Be brief.\n");
  RunOk("publish prompts -r acme -m brief");
  const std::string label = "label acme/support/triage@production ";
  EXPECT_THAT(RunOk(label + "v2 --expect v1"),
              StartsWith("acme/support/triage production: v1 → v2\nchange 3, commit "));
  EXPECT_EQ(RunOk(label + "v2"), "acme/support/triage@production is v2 already\n");
  EXPECT_THAT(RunOk(label + "v1=90 v2=10"), HasSubstr("production: v2 → v1=90 v2=10\n"));
  EXPECT_THAT(RunOk("label acme/support/triage"),
              StartsWith("acme/support/triage@production\tv1=90 v2=10\t"));
  EXPECT_THAT(RunOk("label acme/support/triage@production --expect v1=90 --expect v2=10 latest"),
              HasSubstr("→ v2\n"));
  Run(label + "v1 --expect v1");
  EXPECT_EQ(code_, 4);
  Run(label + "v9");
  EXPECT_EQ(code_, 3);
  Run(label + "newest");  // No such label.
  EXPECT_EQ(code_, 3);
  Run(label + "v1=x");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(RunOk(label + "--delete"), HasSubstr("production: v2 removed\n"));
  Run(label);
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, StartsWith("colophon: no label \"acme/support/triage@production\"\n"));
}

TEST_F(CliTest, ArchivesAPromptWithItsLabels) {
  PublishTriage();
  EXPECT_THAT(
      RunOk("archive acme/support/triage -m 'Nobody needs it'"),
      AllOf(HasSubstr("production: v1 removed\n"), HasSubstr("archived acme/support/triage\n")));
  EXPECT_EQ(RunOk("list acme"), "");
  EXPECT_THAT(RunOk("list acme --all"), EndsWith("\tarchived\n"));
  EXPECT_EQ(RunOk("show acme/support/triage@v1 --raw"), kTriage);
  Run("archive acme/support/triage -m again");
  EXPECT_EQ(code_, 5);
}

TEST_F(CliTest, TellsTheHistory) {
  PublishTriage();
  RunOk("label acme/support/triage@beta v1 -m 'Try it'");
  EXPECT_THAT(RunOk("history acme/support/triage"),
              ContainsRegex("^2\t[^\t]+\t[0-9a-f]{8}\tada[^\t]*\tbeta: v1\tTry it\n"
                            "1\t[^\t]+\t[0-9a-f]{8}\tada[^\t]*\tpublished v1, production: v1\t"
                            "First words\n"));
  EXPECT_THAT(RunOk("history acme -n 1"), HasSubstr("\tsupport/triage beta: v1\t"));
}

TEST_F(CliTest, AWideChangeIsToldByItsFirstAndACountAndShownWhole) {
  RunOk("init acme");
  const std::string folder = std::string(200, 'x');
  std::filesystem::create_directories(dir_ / "many/" + folder);
  for (int i = 0; i < 900; ++i) {
    WriteFile(dir_ / fmt::format("many/{}/p{:03}.prompt", folder, i), "{{> tone}}");
  }
  WriteFile(dir_ / "many/_tone.prompt", "Kind.");
  EXPECT_THAT(RunOk("publish many -r acme -m all"),
              ContainsRegex("\nand [0-9]+ more versions; colophon history acme --change 1 lists "
                            "all\n"));
  EXPECT_THAT(RunOk("publish many -r acme -m again --dry-run"), HasSubstr("nothing changed"));
  EXPECT_THAT(RunOk("history acme"), HasSubstr("/p009 v1 and 890 more\tall\n"));
  EXPECT_THAT(RunOk(fmt::format("history acme/{}/p899", folder)), HasSubstr("\tpublished v1\tall"));
  const std::string whole = RunOk("history acme --change 1");
  EXPECT_THAT(whole, StartsWith("change\t1\ncommit\t"));
  for (int i = 0; i < 900; ++i) {
    EXPECT_THAT(whole, HasSubstr(fmt::format("\npublished acme/{}/p{:03}@v1\n", folder, i)));
    EXPECT_THAT(whole, HasSubstr(fmt::format("file {}/p{:03}.prompt\n", folder, i)));
  }
  Run("history acme --change 7");
  EXPECT_EQ(code_, 3);
}

// Its digest is sent instead: a message has at most 4 MiB.
TEST_F(CliTest, FindsWhatWroteAnOutputLargerThanAMessageMayBe) {
  PublishTriage();
  WriteFile(dir_ / "data.json", "{\"message\": \"" + std::string(3'000'000, 'm') + "\"}");
  const std::string output = RunOk("complete acme/support/triage --data data.json");
  ASSERT_GE(output.size(), 3'000'000u);
  const std::string record = RecordOfFooter();
  WriteFile(dir_ / "answer", output);
  EXPECT_THAT(RunOk("find --file answer"), StartsWith(record));
  EXPECT_THAT(RunOk("records acme"), HasSubstr(record));
}

TEST_F(CliTest, CompletesAndFindsWhatWroteIt) {
  PublishTriage();
  WriteFile(dir_ / "data.json", R"({"message": "overwritten"})");
  const std::string output = RunOk(
      "complete acme/support/triage --data data.json --var 'message=Where is it?' --subject s1 "
      "--tag team=web --config temperature=0.7 --timeout 20s");
  EXPECT_THAT(output, StartsWith("Where is it?"));
  EXPECT_THAT(errors_,
              AllOf(HasSubstr(" · acme/support/triage@v1 · echo/any"), Not(HasSubstr("\x1b"))));
  const std::string record = RecordOfFooter();

  WriteFile(dir_ / "answer", output);
  const std::string found = RunOk("find answer");
  EXPECT_THAT(found, ContainsRegex("^" + record +
                                   "\tacme/support/triage@v1\t[0-9a-f]{40}\tproduction\techo/any"
                                   "\t[^\t]+Z\tada\n$"));
  EXPECT_EQ(RunOk("find --file answer -r acme --limit 1"), found);
  EXPECT_EQ(RunOk("find - < answer"), found);
  WriteFile(dir_ / "answer", output + "\n");
  EXPECT_EQ(RunOk("find answer"), found) << "an editor's newline at the end";
  Run("find --text 'Where is'");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("at least eight words in a row"));

  const std::string shown = RunOk("record " + record + " --rendered");
  EXPECT_THAT(shown,
              AllOf(HasSubstr("version\tacme/support/triage@v1\n"), HasSubstr("\ncaller\tada\n"),
                    HasSubstr("\nlabel\tproduction\n"), HasSubstr("\nsubject\ts1\n"),
                    HasSubstr("\ntags\tteam=web\n"),
                    HasSubstr("\nvariables\t{\"message\":\"Where is it?\"}\n"),
                    HasSubstr("\nparameters\t{\"temperature\":0.7}\n"), HasSubstr("\nstatus\tok\n"),
                    HasSubstr("\nrequest\tbuilt again, with the recorded digest\n"),
                    HasSubstr("--- system ---\nTriage. Be kind.\n"),
                    HasSubstr("--- output ---\n" + output)));
}

TEST_F(CliTest, StreamsTheSameText) {
  PublishTriage();
  const std::string call = "complete acme/support/triage --var 'message=Grüße aus 東京'";
  const std::string whole = RunOk(call);
  EXPECT_EQ(RunOk(call + " --stream"), whole);
  EXPECT_THAT(errors_, HasSubstr(" · acme/support/triage@v1 · echo/any"));
  const std::string lines = RunOk(call + " --stream --json");
  std::vector<json::object> messages;
  size_t start = 0;
  for (size_t end; (end = lines.find('\n', start)) != std::string::npos; start = end + 1) {
    ASSERT_OK_AND_ASSIGN(const json::value value, ParseJson(lines.substr(start, end - start)));
    messages.push_back(value.as_object());
  }
  ASSERT_GE(messages.size(), 3u);
  EXPECT_TRUE(messages.front().contains("start"));
  EXPECT_TRUE(messages.back().contains("response"));
}

TEST_F(CliTest, WatchesChanges) {
  PublishTriage();
  RunOk("label acme/support/triage@beta v1 -m 'Try it'");
  EXPECT_THAT(RunOk("watch acme --from 1 --count 2"),
              ContainsRegex("^[^\t]+\tacme#1\tpublished support/triage v1, support/triage "
                            "production: v1\tFirst words\n"
                            "[^\t]+\tacme#2\tsupport/triage beta: v1\tTry it\n$"));
  EXPECT_EQ(RunJson("watch acme --from 2 --count 1").at("change").at("sequence").as_string(), "2");
  Run("watch nothing");
  EXPECT_EQ(code_, 3);
  Run("watch acme --from 9");
  EXPECT_EQ(code_, 2);
}

TEST_F(CliTest, GoesOnWatchingWhenTheServerIsBack) {
  PublishTriage();
  const std::string seen = dir_ / "seen";
  std::thread watcher([&] {
    EXPECT_EQ(Shell(fmt::format("COLOPHON_SERVER={} {} watch acme --from 1 --count 2 >{} 2>{}",
                                server_.address(), COLOPHON, seen, dir_ / "told"))
                  .exit_code,
              0);
  });
  EXPECT_TRUE(
      Eventually([&] { return std::filesystem::exists(seen) && !ReadFileOrDie(seen).empty(); }));
  server_.Kill();
  EXPECT_OK(server_.StartAgain());
  RunOk("label acme/support/triage@beta v1");
  watcher.join();
  EXPECT_THAT(ReadFileOrDie(seen), ContainsRegex("acme#1.*\n.*acme#2\t"));
  EXPECT_THAT(ReadFileOrDie(dir_ / "told"), HasSubstr("; trying again\n"));
}

TEST_F(CliTest, LooksAfterTheServer) {
  PublishTriage();
  RunOk("complete acme/support/triage --var message=one");
  EXPECT_THAT(RunOk("info"),
              AllOf(HasSubstr("server\t" + server_.address() + "\n"),
                    HasSubstr("\nproviders\techo\n"), HasSubstr("\nrepositories\t1\n")));
  EXPECT_THAT(RunOk("verify-store"), AllOf(HasSubstr("changes\t1\n"), HasSubstr("records\t1\n"),
                                           EndsWith("the store is whole\n")));
  const std::string backup = RunOk("backup monday");
  EXPECT_THAT(backup, ContainsRegex("^directory\t/.*monday\nbytes\t[1-9]"));
  EXPECT_TRUE(std::filesystem::is_directory(backup.substr(10, backup.find('\n') - 10)));
}

TEST_F(CliTest, PrintsTheApisMessagesAsJson) {
  EXPECT_EQ(RunJson("init acme").at("repository").at("name").as_string(), "acme");
  EXPECT_TRUE(RunJson("publish prompts -r acme -m 'First words'").contains("change"));
  EXPECT_TRUE(RunJson("list").contains("repositories"));
  EXPECT_TRUE(RunJson("list acme").contains("prompts"));
  EXPECT_TRUE(RunJson("label acme/support/triage@production v1").contains("label"));
  EXPECT_TRUE(RunJson("label acme").contains("labels"));
  EXPECT_TRUE(RunJson("show acme/support/triage").contains("version"));
  EXPECT_TRUE(RunJson("versions acme/support/triage").contains("versions"));
  EXPECT_TRUE(RunJson("diff acme/support/triage@v1 acme/support/triage").contains("before"));
  EXPECT_TRUE(RunJson("history acme").contains("changes"));
  EXPECT_TRUE(RunJson("render acme/support/triage --var message=x").contains("rendered"));
  const json::object answer = RunJson("complete acme/support/triage --var message=x");
  EXPECT_EQ(errors_, "");
  const std::string record(answer.at("record").as_string());
  EXPECT_TRUE(RunJson("record " + record).contains("record"));
  EXPECT_TRUE(RunJson("records acme").contains("intent"));
  EXPECT_TRUE(RunJson("find --text x").contains("records") || code_ == 0);
  EXPECT_TRUE(RunJson("info").contains("version"));
  EXPECT_TRUE(RunJson("verify-store").contains("objectCount"));
  EXPECT_TRUE(RunJson("backup").contains("directory"));
  EXPECT_TRUE(RunJson("archive acme/support/triage -m x").contains("change"));
}

TEST_F(CliTest, ExitsWithCodesForScripts) {
  PublishTriage();
  struct {
    const char* arguments;
    int code;
    const char* error;
  } const cases[] = {
      {"", 2, "colophon: name a command"},
      {"nonsense", 2, "no command \"nonsense\""},
      {"show", 2, "REF"},
      {"list --timeout never", 2, "\"never\" is not a duration"},
      {"publish prompts -r acme", 2, "-m TEXT"},
      {"publish nowhere -r acme -m x", 3, "nowhere"},
      {"publish prompts -r beta -m x", 3, "no repository \"beta\""},
      {"init acme", 4, "acme"},
      {"init Acme", 2, "Acme"},
      {"show acme/support/triage@prod", 3, "no label \"prod\" of acme/support/triage"},
      {"show acme/support/triage@v9", 3, "no version 9"},
      {"complete acme/support/triage --var message=x --model nobody/x", 5, "nobody"},
      {"complete acme/support/triage", 2, "message"},
      {"complete acme/support/triage --var message", 2, "--var \"message\" is not KEY=VALUE"},
      {"record 01900000-0000-7000-8000-000000000000", 3, "01900000"},
      {"record nonsense", 2, "nonsense"},
      {"find --text nowhere", 3, "no record's output is or holds these 7 bytes"},
      {"find", 2, "--text"},
      {"list --server 127.0.0.1:1 --timeout 300ms", 6, "127.0.0.1:1"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Run(c.arguments), "") << c.arguments;
    EXPECT_EQ(code_, c.code) << c.arguments << "\n" << errors_;
    EXPECT_THAT(errors_, HasSubstr(c.error)) << c.arguments;
  }
  EXPECT_THAT(RunOk("--help"), HasSubstr("\nExit codes:\n  0  Done\n"));
  EXPECT_THAT(RunOk("publish --help"), HasSubstr("--dry-run"));
}

TEST_F(CliTest, FailsWhenTheAnswerCantBeWritten) {
  PublishTriage();
  Run("show acme/support/triage > /dev/full");
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(errors_, HasSubstr("can't write the answer: No space left on device"));
}

TEST_F(CliTest, ColoursAndAlignsOnATerminalOnly) {
  PublishTriage();
  EXPECT_THAT(OnTerminal("list acme"), AllOf(HasSubstr("PROMPT               LATEST  UPDATED"),
                                             HasSubstr("\x1b[1m"), Not(HasSubstr("\t"))));
  EXPECT_THAT(OnTerminal("list acme", "NO_COLOR=1"), Not(HasSubstr("\x1b")));
  EXPECT_THAT(OnTerminal("list acme --no-color"), Not(HasSubstr("\x1b")));
  EXPECT_THAT(OnTerminal("list acme", "TERM=dumb"), HasSubstr("PROMPT"));
}

TEST_F(CliTest, ShowsATerminalNoControlCharacters) {
  PublishTriage();
  const std::string evil = "\x1b]0;owned\x07 and \u202Eback";
  WriteFile(dir_ / "data.json", WriteJson(json::object{{"message", evil}}));
  EXPECT_THAT(RunOk("complete acme/support/triage --data data.json"), StartsWith(evil));
  EXPECT_THAT(OnTerminal("complete acme/support/triage --data data.json"),
              StartsWith("\\x1b]0;owned\\x07 and \\u{202e}back"));
  EXPECT_THAT(OnTerminal("complete acme/support/triage --data data.json --stream"),
              StartsWith("\\x1b]0;owned\\x07 and \\u{202e}back"));
}

}  // namespace
}  // namespace colophon
