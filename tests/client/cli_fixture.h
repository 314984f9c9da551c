#pragma once

#include <string>

#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// Of prompts/support/triage.prompt.
inline constexpr char kTriage[] =
    "---\nmodel: echo/any\nconfig:\n  temperature: 0.2\ninput:\n  schema:\n    message: string\n"
    "colophon.overrides: [model, temperature]\n---\n"
    "{{role \"system\"}}Triage. {{>tone}}{{role \"user\"}}{{message}}\n";

// `colophon` in a folder of its own, where prompts/ has support/triage and the
// partial it includes, against a real server.
class CliTest : public testing::Test {
 protected:
  CliTest();

  // Standard output; standard error is in errors_, the exit code in code_.
  // `before`: "NAME=value" of the environment.
  std::string Run(const std::string& arguments, const std::string& before = "");
  std::string RunOk(const std::string& arguments, const std::string& before = "");
  // Standard output and error on a terminal of 100 columns.
  std::string OnTerminal(const std::string& arguments, const std::string& before = "");
  // The one line of JSON.
  json::object RunJson(const std::string& arguments);

  // acme with support/triage v1 in production.
  void PublishTriage();
  // The record's id is at the start of the footer.
  std::string RecordOfFooter();

  TempDir dir_;
  ServerProcess server_{COLOPHOND, dir_ / "data"};
  int code_ = -1;
  std::string errors_;
};

}  // namespace colophon
