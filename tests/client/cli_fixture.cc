#include "tests/client/cli_fixture.h"

#include <algorithm>

#include "fmt/format.h"
#include "tests/testing/matchers.h"

namespace colophon {
CliTest::CliTest() {
  EXPECT_OK(server_.Start());
  WriteFile(dir_ / "prompts/support/triage.prompt", kTriage);
  WriteFile(dir_ / "prompts/support/_tone.prompt", "Be kind.\n");
}

std::string CliTest::Run(const std::string& arguments, const std::string& before) {
  const std::string errors = dir_ / "errors";
  const ShellResult result =
      Shell(fmt::format("cd {} && {} COLOPHON_SERVER={} COLOPHON_CALLER=ada TZ=UTC {} {} 2>{}",
                        dir_.path(), before, server_.address(), COLOPHON, arguments, errors));
  code_ = result.exit_code;
  errors_ = ReadFileOrDie(errors);
  return result.output;
}

std::string CliTest::RunOk(const std::string& arguments, const std::string& before) {
  std::string output = Run(arguments, before);
  EXPECT_EQ(code_, 0) << arguments << "\n" << output << errors_;
  return output;
}

std::string CliTest::OnTerminal(const std::string& arguments, const std::string& before) {
  const std::string command =
      fmt::format("stty cols 100; {} COLOPHON_SERVER={} TZ=UTC TERM=xterm {} {}", before,
                  server_.address(), COLOPHON, arguments);
  WriteFile(dir_ / "command", command);
  const ShellResult result =
      Shell(fmt::format("cd {} && script -qec 'sh ./command' /dev/null </dev/null", dir_.path()));
  code_ = result.exit_code;
  return result.output;
}

json::object CliTest::RunJson(const std::string& arguments) {
  const std::string output = RunOk(arguments + " --json");
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 1) << output;
  const auto value = ParseJson(output);
  EXPECT_OK(value);
  return value.ok() && value->is_object() ? value->get_object() : json::object();
}

void CliTest::PublishTriage() {
  RunOk("init acme");
  RunOk("publish prompts -r acme -m 'First words' --label production");
}

std::string CliTest::RecordOfFooter() {
  const size_t at = errors_.find("record ");
  EXPECT_NE(at, std::string::npos) << errors_;
  return errors_.substr(at + 7, 36);
}

}  // namespace colophon
