// The manual page: what it tells, and that roff reads it.

#include "client/cli/man_page.h"

#include <sstream>
#include <string>

#include "client/cli/program.h"
#include "client/cli/text.h"
#include "client/cli/usage.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ManPageTest : public testing::Test {
 protected:
  ManPageTest() { DefineProgram(&program_, &session_); }

  CLI::App program_;
  Session session_;
};

TEST_F(ManPageTest, HasACommandWhole) {
  const std::string page = ManPage(program_);
  EXPECT_THAT(page, AllOf(HasSubstr(".TH COLOPHON 1 "),
                          HasSubstr(".SS colophon show [OPTIONS] REF\n"
                                    ".PP\nShow the version a reference means.\n"
                                    ".TP\n\\fBREF\\fR\nREPOSITORY/PROMPT[@SELECTOR]"),
                          HasSubstr(".TP\n\\fB\\-\\-raw\\fR\nThe prompt\\(aqs own file"),
                          HasSubstr(".PP\n.nf\n  colophon show acme/support/triage\n"),
                          HasSubstr(".TP\n\\fBCOLOPHON_SERVER\\fR\n"),
                          HasSubstr(".SH EXIT STATUS\n.TP\n\\fB0\\fR\nDone\n")));
}

TEST_F(ManPageTest, RoffReadsItWithoutAWarning) {
  if (Shell("command -v man").exit_code != 0) GTEST_SKIP() << "there is no man here";
  const TempDir dir;
  WriteFile(dir / "colophon.1", ManPage(program_));
  const ShellResult formatted =
      Shell(fmt::format("LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings=w -l {0} "
                        "2>{1} && cat {1}",
                        dir / "colophon.1", dir / "warnings"));
  ASSERT_EQ(formatted.exit_code, 0) << formatted.output;
  EXPECT_EQ(ReadFileOrDie(dir / "warnings"), "");
  for (const CLI::App* command : CommandsOf(program_)) {
    EXPECT_THAT(formatted.output, HasSubstr("\n   " + UsageLine(*command) + "\n"));
  }
  EXPECT_THAT(formatted.output,
              HasSubstr("\n         colophon publish -m 'Ask for the order number'\n"));
  std::istringstream lines(formatted.output);
  for (std::string line; std::getline(lines, line);) {
    // Only an example goes beyond the terminal's edge, because it stays whole.
    const bool is_example = line.find("  colophon ") != std::string::npos;
    EXPECT_LE(DisplayWidth(line), is_example ? 87 : 80) << line;
  }
}

}  // namespace
}  // namespace colophon
