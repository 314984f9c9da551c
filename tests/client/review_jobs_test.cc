// The jobs of deploy/github and deploy/gitlab, run step by step as the host would, with the
// real `colophon` and git. What speaks to the host, gh and curl, writes down what it is told.

#include <filesystem>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/template/syntax/yaml.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kMark[] = "<!-- colophon -->\n";

// Answers a list with comments.json through the filter, and keeps the body that is sent.
constexpr char kGh[] = R"(#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$HOST/calls"
while [ $# -gt 0 ]; do
  case "$1" in
    --jq) jq -r "$2" "$HOST/comments.json" ;;
    body=@*) cat "${1#body=@}" >"$HOST/body" ;;
  esac
  shift
done
)";

constexpr char kCurl[] = R"(#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$HOST/calls"
for argument; do
  case "$argument" in
    */user) echo '{"id": 7}' ;;
    */notes\?*) cat "$HOST/comments.json" ;;
    body@*) cat "${argument#body@}" >"$HOST/body" ;;
  esac
done
)";

class ReviewJobsTest : public CliTest {
 protected:
  // `main` has the prompts as they are served; the merge on top of it is checked out.
  void SetUp() override {
    PublishTriage();
    WriteFile(dir_ / "prompts/colophon.yaml", "repository: acme\n");
    WriteFile(dir_ / "host/comments.json", "[]");
    for (const auto& [name, script] : {std::pair("gh", kGh), std::pair("curl", kCurl)}) {
      WriteFile(dir_ / ("bin/" + std::string(name)), script);
      std::filesystem::permissions(dir_ / ("bin/" + std::string(name)),
                                   std::filesystem::perms::owner_all);
    }
    std::filesystem::create_symlink(COLOPHON, dir_ / "bin/colophon");
    Git("init -q -b main . && git add prompts && git commit -qm Before && git checkout -qb edit");
  }

  void Git(const std::string& arguments) {
    const ShellResult result = Shell(
        fmt::format("cd {} && export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a "
                    "GIT_COMMITTER_EMAIL=a@b && git {}",
                    dir_.path(), arguments));
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  void Edit(const std::string& path, const std::string& text) {
    WriteFile(dir_ / ("prompts/" + path), text);
    Git("add prompts && git commit -qm Edit && git checkout -q --detach main && "
        "git merge -q --no-ff --no-edit edit");
  }

  static json::value Job(const std::string& file) {
    std::vector<v1::Diagnostic> diagnostics;
    DiagnosticSink sink(file, &diagnostics);
    const auto document = syntax::ParseYaml(ReadFileOrDie(JOBS "/" + file), 1, &sink);
    EXPECT_TRUE(document.has_value()) << file;
    EXPECT_THAT(diagnostics, IsEmpty());
    return document ? document->value : json::value();
  }

  // Its output; the exit code is in code_.
  std::string RunScript(const std::string& script, const std::string& environment) {
    WriteFile(dir_ / "script", script);
    const ShellResult result = Shell(fmt::format(
        "cd {0} && env HOST={0}/host PATH={0}/bin:$PATH PROMPTS=prompts {1} bash --noprofile "
        "--norc -eo pipefail script",
        dir_.path(), environment));
    code_ = result.exit_code;
    return result.output;
  }

  std::string HostFile(const std::string& name) const {
    const std::string file = dir_ / ("host/" + name);
    return std::filesystem::exists(file) ? ReadFileOrDie(file) : "";
  }
};

class GithubTest : public ReviewJobsTest {
 protected:
  std::string Step(const std::string& name, const std::string& server = "") {
    for (const json::value& step : job_.at("jobs").at("prompts").at("steps").as_array()) {
      if (!step.as_object().contains("name") || step.at("name") != json::string(name)) continue;
      const std::string script(step.at("run").as_string());
      EXPECT_THAT(script, Not(HasSubstr("${{"))) << "what others wrote must not become script";
      return RunScript(script, fmt::format("RUNNER_TEMP={0}/host GITHUB_STEP_SUMMARY={0}/host/"
                                           "summary GITHUB_REPOSITORY=o/r NUMBER=5 "
                                           "GH_TOKEN=t COLOPHON_SERVER={1}",
                                           dir_.path(), server));
    }
    ADD_FAILURE() << "no step " << name;
    return "";
  }

  const json::value job_ = Job("github/check-prompts.yml");
};

TEST_F(GithubTest, RunsOnAPullRequestWithoutMoreRightsThanItNeeds) {
  EXPECT_EQ(job_.at("on"), (json::value{{"pull_request", {{"paths", {"prompts/**"}}}}}));
  EXPECT_EQ(job_.at("env"), (json::value{{"PROMPTS", "prompts"}}));
  EXPECT_EQ(job_.at("permissions"),
            (json::value{{"contents", "read"}, {"pull-requests", "write"}}));
  EXPECT_EQ(job_.at("defaults").at("run").at("shell"), "bash");
}

TEST_F(GithubTest, ChecksComparesWithTheBranchAndComments) {
  Edit("support/_tone.prompt", "Be brief.\n");
  EXPECT_EQ(Step("Check"), "1 prompt, 0 errors, 0 warnings\n");
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(Step("Compare"), "");
  EXPECT_EQ(code_, 0);
  const std::string difference = HostFile("difference.md");
  EXPECT_THAT(difference,
              AllOf(StartsWith("From `.before/prompts` to `prompts`: 1 edited prompt.\n"),
                    HasSubstr("### `support/triage` edited\n"), HasSubstr("\n+Be brief.\n")));
  EXPECT_EQ(HostFile("summary"), difference);
  EXPECT_EQ(Step("Comment"), "");
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(HostFile("body"), kMark + difference);
  EXPECT_THAT(HostFile("calls"), HasSubstr("\napi --silent repos/o/r/issues/5/comments -F body=@"));
}

TEST_F(GithubTest, ComparesWithWhatIsServed) {
  Edit("support/_tone.prompt", "Be brief.\n");
  EXPECT_EQ(Step("Compare", server_.address()), "");
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(HostFile("difference.md"), HasSubstr("### `acme/support/triage@v1` edited\n"));
}

TEST_F(GithubTest, TheFirstPromptsOfAllAreNew) {
  Git("checkout -q main && git rm -rq prompts && git commit -qm None && git checkout -q edit && "
      "git merge -q -s ours --no-edit main");
  Edit("support/_tone.prompt", "Be brief.\n");
  EXPECT_EQ(Step("Compare"), "");
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(HostFile("difference.md"),
              StartsWith("From `.before/prompts` to `prompts`: 1 new prompt.\n"));
}

TEST_F(GithubTest, MarksWhatIsWrongAndComparesAllTheSame) {
  Edit("support/triage.prompt", "{{> none}}");
  EXPECT_THAT(Step("Check"), StartsWith("::error file=prompts/support/triage.prompt,line=1,col="));
  EXPECT_EQ(code_, 2);
  Step("Compare");
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(HostFile("difference.md"), HasSubstr("\n+{{> none}}\n"));
}

TEST_F(GithubTest, EditsTheCommentThatIsItsOwn) {
  Edit("support/_tone.prompt", "Be brief.\n");
  Step("Compare");
  WriteFile(
      dir_ / "host/comments.json",
      R"([{"id": 1, "user": {"login": "eve"}, "body": "<!-- colophon -->\nx"},)"
      R"( {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "other"},)"
      R"( {"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- colophon -->x"},)"
      R"( {"id": 4, "user": {"login": "github-actions[bot]"}, "body": "<!-- colophon -->"}])");
  EXPECT_EQ(Step("Comment"), "");
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(HostFile("calls"),
              HasSubstr("api --silent -X PATCH repos/o/r/issues/comments/3 -F body=@"));
  EXPECT_THAT(HostFile("body"), StartsWith(kMark));
}

class GitlabTest : public ReviewJobsTest {
 protected:
  // The whole job.
  std::string RunJob(const std::string& environment = "") {
    std::string script;
    for (const json::value& line : job_.at("script").as_array()) {
      script += std::string(line.as_string()) + "\n";
    }
    return RunScript(script, fmt::format("CI_API_V4_URL=https://host/api/v4 CI_PROJECT_ID=9 "
                                         "CI_MERGE_REQUEST_IID=5 {} "
                                         "CI_MERGE_REQUEST_DIFF_BASE_SHA=$(git rev-parse main)",
                                         environment));
  }
  void SetUp() override {
    ReviewJobsTest::SetUp();
    Git("clone -q --bare . origin.git && git remote add origin file://$PWD/origin.git");
  }
  std::string File(const std::string& name) const { return ReadFileOrDie(dir_ / name); }

  const json::value job_ = Job("gitlab/check-prompts.yml").at("check-prompts");
};

TEST_F(GitlabTest, RunsOnAMergeRequestAndKeepsItsReports) {
  EXPECT_EQ(job_.at("rules"),
            (json::value{{{"if", "$CI_PIPELINE_SOURCE == \"merge_request_event\""},
                          {"changes", {"prompts/**/*"}}}}));
  EXPECT_EQ(job_.at("variables"), (json::value{{"PROMPTS", "prompts"}}));
  EXPECT_EQ(job_.at("artifacts"),
            (json::value{{"when", "always"},
                         {"paths", json::array{"difference.md"}},
                         {"reports", {{"codequality", "gl-code-quality-report.json"}}}}));
}

TEST_F(GitlabTest, ChecksComparesWithWhereItBeganAndWritesANote) {
  Edit("support/_tone.prompt", "Be brief.\n");
  EXPECT_THAT(RunJob("COLOPHON_NOTES_TOKEN=secret"), HasSubstr("0 errors, 0 warnings\n"));
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(File("gl-code-quality-report.json"), "[]\n");
  EXPECT_THAT(File("difference.md"),
              AllOf(HasSubstr("### `support/triage` edited\n"), HasSubstr("\n+Be brief.\n")));
  EXPECT_EQ(HostFile("body"), kMark + File("difference.md"));
  EXPECT_THAT(HostFile("calls"),
              testing::EndsWith(" https://host/api/v4/projects/9/merge_requests/5/notes\n"));
}

TEST_F(GitlabTest, WithoutATokenItIsQuiet) {
  Edit("support/_tone.prompt", "Be brief.\n");
  RunJob("COLOPHON_SERVER=" + server_.address());
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(HostFile("calls"), "");
  EXPECT_THAT(File("difference.md"), HasSubstr("### `acme/support/triage@v1` edited\n"));
}

TEST_F(GitlabTest, ReportsWhatIsWrongAndEditsItsOwnNote) {
  Edit("support/triage.prompt", "{{> none}}");
  WriteFile(dir_ / "host/comments.json",
            R"([{"id": 1, "author": {"id": 6}, "body": "<!-- colophon -->\nx"},)"
            R"( {"id": 2, "author": {"id": 7}, "body": "other"},)"
            R"( {"id": 3, "author": {"id": 7}, "body": "<!-- colophon -->\nx"}])");
  EXPECT_THAT(RunJob("COLOPHON_NOTES_TOKEN=secret"), HasSubstr("prompts/support/triage.prompt:1:"));
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(HostFile("calls"), HasSubstr("--request PUT --data-urlencode body@"));
  EXPECT_THAT(HostFile("calls"), testing::EndsWith("/merge_requests/5/notes/3\n"));
  const auto report = ParseJson(File("gl-code-quality-report.json"));
  ASSERT_OK(report);
  EXPECT_EQ(report->at(0).at("check_name"), "MISSING_PARTIAL");
  EXPECT_EQ(report->at(0).at("location").at("path"), "prompts/support/triage.prompt");
}

}  // namespace
}  // namespace colophon
