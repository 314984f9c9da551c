// `colophon import`, against a real server.

#include <filesystem>
#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

constexpr char kExport[] = R"JSON([
  {"name": "Support Triage", "version": 1, "type": "text", "prompt": "One {{x}}\n",
   "labels": ["staging"], "tags": ["mail"], "commitMessage": "First words", "createdBy": "ada",
   "createdAt": "2026-01-01T00:00:00Z"},
  {"name": "Support Triage", "version": 2, "type": "text", "prompt": "Two {{x}}",
   "labels": [], "commitMessage": "More", "createdAt": "2026-01-03T00:00:00Z"},
  {"name": "Support Triage", "version": 3, "type": "text", "prompt": "Two {{x}}",
   "labels": ["production"], "createdAt": "2026-01-04T00:00:00Z"},
  {"name": "Support Triage", "version": 5, "type": "text", "prompt": "One {{x}}\n",
   "labels": ["latest"], "createdAt": "2026-01-05T00:00:00Z"},
  {"name": "tone", "version": 1, "type": "text", "prompt": "Be kind.", "labels": ["production"],
   "createdAt": "2026-01-02T00:00:00Z"}
])JSON";

class ImportTest : public CliTest {
 protected:
  ImportTest() { WriteFile(dir_ / "export.json", kExport); }
};

TEST_F(ImportTest, PublishesAHistory) {
  RunOk("init acme");
  EXPECT_EQ(RunOk("import export.json -r acme"),
            "published acme/support-triage@v1, from Support Triage version 1\n"
            "published acme/tone@v1, from tone version 1\n"
            "published acme/support-triage@v2, from Support Triage version 2\n"
            "has already acme/support-triage@v2, from Support Triage version 3\n"
            "published acme/support-triage@v3, from Support Triage version 5\n"
            "labelled acme/support-triage staging: v1\n"
            "labelled acme/tone production: v1\n"
            "labelled acme/support-triage production: v2\n"
            "not carried over: Support Triage: tags: [\"mail\"]: there are no tags here; a folder "
            "in the name does as much\n"
            "2 prompts, 5 versions, 3 labels; 1 thing not carried over\n");
  EXPECT_THAT(RunOk("label acme"), AllOf(ContainsRegex("acme/support-triage@production\tv2\t"),
                                         ContainsRegex("acme/support-triage@staging\tv1\t"),
                                         ContainsRegex("acme/tone@production\tv1\t")));
  EXPECT_THAT(RunOk("history acme"),
              ContainsRegex("^5\t.*\tImport the labels from Langfuse\n"
                            "4\t.*\tImport Support Triage version 5 from Langfuse …\n"
                            "3\t.*\tImport Support Triage version 2 from Langfuse …\n"
                            "2\t.*\tImport tone version 1 from Langfuse …\n"
                            "1\t.*\tImport Support Triage version 1 from Langfuse …\n$"));
  EXPECT_THAT(RunOk("history acme --json"),
              AllOf(HasSubstr("from Langfuse\\n\\nFirst words\\n\\n"),
                    HasSubstr("Made by ada at 2026-01-01T00:00:00Z.")));
  EXPECT_EQ(RunOk("render acme/support-triage@v1 --var x=1"), "--- user ---\nOne 1\n");
  EXPECT_EQ(RunOk("render acme/support-triage --var x=1"), "--- user ---\nTwo 1\n");
}

TEST_F(ImportTest, PublishesNothingTwice) {
  RunOk("init acme");
  RunOk("import export.json -r acme");
  EXPECT_THAT(
      RunOk("import export.json -r acme"),
      AllOf(Not(HasSubstr("published")), Not(HasSubstr("labelled")),
            HasSubstr("has already acme/support-triage@v3, from Support Triage version 5")));
  EXPECT_THAT(RunOk("list"), StartsWith("acme\t5\t"));

  // One version more, and a label that moved.
  std::string more = kExport;
  more.replace(more.find("[\"latest\"]"), 10, "[\"staging\"]");
  more.replace(more.find("[\"staging\"]"), 11, "[]");
  more.insert(more.rfind("\n]"), R"(, {"name": "tone", "version": 2, "prompt": "Be brief.",
                                       "createdAt": "2026-01-06T00:00:00Z"})");
  WriteFile(dir_ / "export.json", more);
  const std::string again = RunOk("import export.json -r acme");
  EXPECT_THAT(again, AllOf(HasSubstr("published acme/tone@v2, from tone version 2\n"),
                           HasSubstr("labelled acme/support-triage staging: v3\n")));
  EXPECT_THAT(RunOk("list"), StartsWith("acme\t7\t"));
}

TEST_F(ImportTest, GoesOnAfterWhatWasPublishedBefore) {
  RunOk("init acme");
  WriteFile(dir_ / "support-triage.prompt", "Ours");
  RunOk("publish support-triage.prompt -r acme -m ours");
  EXPECT_THAT(RunOk("import export.json -r acme"),
              HasSubstr("published acme/support-triage@v2, from Support Triage version 1\n"));
  EXPECT_THAT(RunOk("label acme/support-triage@production"), HasSubstr("\tv3\t"));
  EXPECT_THAT(RunOk("import export.json -r acme"), Not(HasSubstr("published")));
}

TEST_F(ImportTest, SaysWhatItWouldDo) {
  RunOk("init acme");
  EXPECT_THAT(RunOk("import export.json -r acme --dry-run"),
              AllOf(StartsWith("would publish acme/support-triage@v1, from"),
                    HasSubstr("would label acme/support-triage production: v2\n")));
  EXPECT_EQ(RunOk("list acme"), "");
  EXPECT_THAT(RunOk("import export.json --to out --dry-run"),
              StartsWith("would write out/support-triage.prompt, from Support Triage version 5\n"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(ImportTest, WritesFiles) {
  EXPECT_EQ(RunOk("import export.json --to out --prefix team --rename 'Support Triage=triage'"),
            "wrote out/team/tone.prompt, from tone version 1\n"
            "wrote out/team/triage.prompt, from Support Triage version 5\n"
            "not carried over: Support Triage: tags: [\"mail\"]: there are no tags here; a folder "
            "in the name does as much\n"
            "not carried over: Support Triage: labels: staging on version 1, production on version "
            "3: import with -r to keep them all\n"
            "not carried over: Support Triage: versions: one version of 4 is written, 5: import "
            "with -r to keep them all\n"
            "not carried over: tone: labels: production on version 1: import with -r to keep them "
            "all\n"
            "2 prompts, 2 versions, 0 labels; 4 things not carried over\n");
  EXPECT_EQ(ReadFileOrDie(dir_ / "out/team/triage.prompt"),
            "---\ninput:\n  schema:\n    x: any\n---\nOne {{x}}\n{{!}}{{!}}\n");
  EXPECT_EQ(RunOk("render out/team/triage.prompt --var x=1"), "--- user ---\nOne 1\n");

  WriteFile(dir_ / "out/team/triage.prompt", "Ours");
  const std::string again =
      "import export.json --to out --prefix team --rename 'Support Triage=triage'";
  Run(again);
  EXPECT_EQ(code_, 5);
  EXPECT_THAT(errors_, AllOf(HasSubstr("triage.prompt"), HasSubstr("--force")));
  EXPECT_EQ(ReadFileOrDie(dir_ / "out/team/triage.prompt"), "Ours");
  RunOk(again + " --force");
  EXPECT_THAT(ReadFileOrDie(dir_ / "out/team/triage.prompt"), HasSubstr("One {{x}}"));
}

TEST_F(ImportTest, WritesTheVersionWithALabel) {
  const std::string labelled = Run("import export.json --to labelled --label production");
  EXPECT_EQ(code_, 0) << labelled << errors_;
  EXPECT_THAT(ReadFileOrDie(dir_ / "labelled/support-triage.prompt"), EndsWith("Two {{x}}\n"));
  EXPECT_THAT(Run("import export.json --to staging --label staging"),
              HasSubstr("not imported: tone: it has no version with the label \"staging\""));
  EXPECT_EQ(code_, 1);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "staging/tone.prompt"));
}

TEST_F(ImportTest, NoFileIsLostForItsName) {
  WriteFile(dir_ / "a/greet.txt", "Hi");
  WriteFile(dir_ / "b/greet.txt", "Ho");
  for (const char* paths : {"a b", "a/greet.txt b", "a/greet.txt b/greet.txt"}) {
    Run(fmt::format("import {} --from text --to out", paths));
    EXPECT_EQ(code_, 2);
    EXPECT_THAT(errors_, AllOf(HasSubstr("have one name"), HasSubstr("b/greet.txt"))) << paths;
  }
  EXPECT_THAT(RunOk("import a a/greet.txt --from text --to out"), HasSubstr("1 prompt, 1 version"));
}

TEST_F(ImportTest, TakesFoldersOfFiles) {
  WriteFile(dir_ / "old/a/One.prompty", "---\nname: x\n---\nuser:\nHi {{name}}\n");
  WriteFile(dir_ / "old/two.prompty", "---\nname: x\n---\nuser:\nHi\n");
  WriteFile(dir_ / "old/README.md", "not a prompt");
  WriteFile(dir_ / "old/.hidden.prompty", "");
  EXPECT_THAT(RunOk("import old --from prompty --to out"),
              AllOf(HasSubstr("wrote out/a/one.prompt, from a/One\n"),
                    EndsWith("2 prompts, 2 versions, 0 labels; 0 things not carried over\n")));
  RunOk("init acme");
  RunOk("import old --from prompty -r acme");
  WriteFile(dir_ / "old/two.prompty", "---\nname: x\n---\nuser:\nHo\n");
  EXPECT_THAT(RunOk("import old --from prompty -r acme"),
              AllOf(HasSubstr("published acme/two@v2, from two\n"),
                    HasSubstr("has already acme/a/one@v1")));
  // Back to what it was is a version of its own.
  WriteFile(dir_ / "old/two.prompty", "---\nname: x\n---\nuser:\nHi\n");
  EXPECT_THAT(RunOk("import old --from prompty -r acme"), HasSubstr("published acme/two@v3"));
}

TEST_F(ImportTest, PrintsJson) {
  RunOk("init acme");
  const std::string output = RunOk("import export.json -r acme --json");
  ASSERT_OK_AND_ASSIGN(const json::value report, ParseJson(output));
  EXPECT_EQ(report.at("store"), "Langfuse");
  EXPECT_EQ(WriteJson(report.at("prompts").at(1)),
            R"({"name":"tone","prompt":"tone","versions":[{"source":"1","version":1,)"
            R"("published":true}],"labels":[{"label":"production","version":1,"moved":true}]})");
  EXPECT_EQ(report.at("notCarriedOver").at(0).at("field"), "tags");
  EXPECT_EQ(report.at("failures"), json::array());
}

TEST_F(ImportTest, ImportsTheRestAndFails) {
  RunOk("init acme");
  WriteFile(dir_ / "bad.json", R"([{"name": "good", "version": 1, "prompt": "x"},
                                   {"name": "bad", "version": 1, "prompt": "x"},
                                   {"name": "bad", "version": 2, "prompt": 5}])");
  const std::string output = Run("import bad.json -r acme");
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(output,
              AllOf(HasSubstr("published acme/good@v1"),
                    HasSubstr("not imported: bad version 2: bad.json: /2/prompt is a number"),
                    EndsWith("1 prompt, 1 version, 0 labels; 0 things not carried over\n")));
  EXPECT_THAT(errors_, HasSubstr("1 version or prompt not imported"));
  EXPECT_THAT(RunOk("list acme"), Not(HasSubstr("bad")));
}

TEST_F(ImportTest, SaysWhatIsWrong) {
  WriteFile(dir_ / "bytes.json", "\xff\xfe");
  WriteFile(dir_ / "other.json", "{\"x\": 1}");
  WriteFile(dir_ / "twice.json", R"([{"name":"A b","prompt":"x"},{"name":"a-b","prompt":"x"}])");
  std::filesystem::create_directories(dir_ / "empty");
  Shell(fmt::format("truncate -s 65M {}", dir_ / "huge.json"));
  const struct {
    const char* arguments;
    int code;
    const char* error;
  } cases[] = {
      {"import export.json", 2, "--to DIR"},
      {"import export.json --to out -r acme", 2, "run it twice"},
      {"import export.json -r acme --label x", 2, "--label"},
      {"import export.json --to out --from nowhere", 2, "nowhere"},
      {"import export.json --to out --rename x", 2, "--rename \"x\""},
      {"import none.json --to out", 3, "none.json"},
      {"import empty --to out", 2, "no file that ends in"},
      {"import bytes.json --to out", 2, "bytes.json: it is not UTF-8"},
      {"import other.json --to out", 2, "--from"},
      {"import huge.json --to out", 2, "more than 67108864 bytes"},
      {"import twice.json --to out", 2, "\"A b\" and \"a-b\" would both be a-b"},
      {"import export.json -r missing", 3, "missing"},
  };
  for (const auto& c : cases) {
    Run(c.arguments);
    EXPECT_EQ(code_, c.code) << c.arguments << errors_;
    EXPECT_THAT(errors_, HasSubstr(c.error)) << c.arguments;
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out")) << c.arguments;
  }
}

}  // namespace
}  // namespace colophon
