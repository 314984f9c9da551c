#include "client/cli/annotations.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

v1::Diagnostic Finding(const std::string& path, const std::string& message) {
  v1::Diagnostic finding;
  finding.set_severity(v1::Diagnostic::SEVERITY_ERROR);
  finding.set_path(path);
  finding.set_line(3);
  finding.set_code("SYNTAX");
  finding.set_message(message);
  return finding;
}

TEST(AnnotationsTest, NothingEndsAnAnnotationOfGithubEarly) {
  const struct {
    std::string path, message, written;
  } kCases[] = {
      {"a.prompt", "no: \"x\", y", "::error file=a.prompt,line=3,title=SYNTAX::no: \"x\", y"},
      {"a.prompt", "two\r\nlines", "::error file=a.prompt,line=3,title=SYNTAX::two%0D%0Alines"},
      {"a.prompt", "100%25", "::error file=a.prompt,line=3,title=SYNTAX::100%2525"},
      {"a\n::stop-commands::x", "y",
       "::error file=a%0A%3A%3Astop-commands%3A%3Ax,line=3,title=SYNTAX::y"},
      {"a,line=9::", "y", "::error file=a%2Cline=9%3A%3A,line=3,title=SYNTAX::y"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(GithubAnnotation(Finding(test.path, test.message)), test.written);
  }
}

TEST(AnnotationsTest, AReportForGitlabIsJsonWhateverAFileIsCalled) {
  const auto report = ParseJson(GitlabReport({Finding("a\xff\"\n.prompt", "it's \"odd\"")}));
  ASSERT_OK(report);
  EXPECT_EQ(report->at(0).at("location").at("path"), "a\\xff\"\n.prompt");
  EXPECT_EQ(report->at(0).at("description"), "it's \"odd\"");
}

}  // namespace
}  // namespace colophon
