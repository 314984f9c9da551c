// `colophon records --format`: into a file, and on from where it broke off.

#include <algorithm>
#include <filesystem>
#include <string>

#include "client/cli/export_file.h"
#include "client/cpp/client.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CliExportTest : public CliTest {
 protected:
  CliExportTest() {
    PublishTriage();
    for (const char* message : {"one", "two", "three"}) {
      RunOk(std::string("complete acme/support/triage --var message=") + message);
    }
  }
  static int64_t LinesOf(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  }
};

TEST_F(CliExportTest, WritesEachFormat) {
  EXPECT_EQ(LinesOf(RunOk("records acme --format jsonl")), 3);
  EXPECT_EQ(LinesOf(RunOk("records acme --format csv")), 4);
  EXPECT_EQ(LinesOf(RunOk("records acme --format jsonl -n 2")), 2);
  EXPECT_THAT(RunOk("records acme --format jsonl -n 1 --rendered"), HasSubstr("\"rendered\":"));
  EXPECT_THAT(
      RunOk("records acme 'variables.message = two' --format openai"),
      AllOf(StartsWith("{\"messages\":[{\"role\":\"system\",\"content\":\"Triage. Be kind."),
            HasSubstr("{\"role\":\"user\",\"content\":\"two")));
  EXPECT_THAT(RunOk("records acme --format anthropic -n 1"),
              StartsWith("{\"system\":\"Triage. Be kind."));
  EXPECT_THAT(RunOk("records acme --format promptfoo"), HasSubstr("    \"message\": \"three\"\n"));
  EXPECT_EQ(RunOk("records acme --failed --format jsonl"), "");
}

TEST_F(CliExportTest, IntoAFile) {
  EXPECT_EQ(RunOk("records acme --format jsonl -o out.jsonl"), "");
  EXPECT_EQ(errors_, "3 records exported into \"out.jsonl\"\n");
  EXPECT_EQ(LinesOf(ReadFileOrDie(dir_ / "out.jsonl")), 3);
  EXPECT_FALSE(std::filesystem::exists(std::string(dir_ / "out.jsonl.resume")));
}

TEST_F(CliExportTest, SaysWhatItLeftOut) {
  v1::CreateRecordRequest failed;
  failed.set_name("acme/support/triage@v1");
  failed.set_variables_json(R"({"message": "four"})");
  failed.set_status(v1::RECORD_STATUS_FAILED);
  ASSERT_OK(Client({.address = server_.address()}).CreateRecord(failed));
  EXPECT_EQ(LinesOf(RunOk("records acme --format openai")), 3);
  EXPECT_EQ(errors_, "left out: 1 record that didn't end well\n");
}

// As if the program had been killed while it wrote its second step.
TEST_F(CliExportTest, GoesOnWhereItBrokeOff) {
  const Client client({.address = server_.address()});
  v1::CreateRecordRequest made;
  made.set_name("acme/support/triage@v1");
  made.mutable_completion()->mutable_message()->add_parts()->set_text("Yes.");
  for (int i = 0; i < 60; ++i) {  // A step has at most 50 that are rendered.
    made.set_variables_json(fmt::format(R"({{"message": "m{}"}})", i));
    ASSERT_OK(client.CreateRecord(made));
  }
  const std::string whole = RunOk("records acme 'external = true' --format openai");
  EXPECT_EQ(LinesOf(whole), 60);

  ExportState state{.format = "openai", .request = {}};
  state.request.set_name("acme");
  state.request.set_filter("external = true");
  state.request.set_rendered(true);
  v1::ExportRecordsResponse step;
  auto stream = client.ExportRecords(state.request);
  ASSERT_TRUE(stream.Read(&step));
  ASSERT_EQ(step.records_size(), 50);
  size_t end = 0;
  for (int i = 0; i < 50; ++i) end = whole.find('\n', end) + 1;
  const std::string path = dir_ / "out.jsonl";
  {
    ASSERT_OK_AND_ASSIGN(ExportFile file, ExportFile::Open(path, false, &state));
    state.count = 50;
    state.request.set_resume_token(step.resume_token());
    ASSERT_OK(file.Write(whole.substr(0, end), &state));
  }
  WriteFile(path, whole.substr(0, end + 10));

  Run("records acme --format csv -o out.jsonl --resume");
  EXPECT_THAT(errors_, HasSubstr("is of another export, openai of acme"));
  EXPECT_EQ(code_, 5);
  RunOk("records acme --format openai -o out.jsonl --resume");
  EXPECT_EQ(errors_, "60 records exported into \"out.jsonl\"\n");
  EXPECT_EQ(ReadFileOrDie(path), whole);

  Run("records acme --format openai -o out.jsonl --resume");
  EXPECT_THAT(errors_, HasSubstr("there is no \"out.jsonl.resume\""));
  EXPECT_EQ(code_, 5);
}

TEST_F(CliExportTest, AFileThatLostItsEndIsNotGoneOnWith) {
  ExportState state{.format = "jsonl", .request = {}};
  state.request.set_name("acme");
  state.request.set_resume_token("x");
  {
    ASSERT_OK_AND_ASSIGN(ExportFile file, ExportFile::Open(dir_ / "out", false, &state));
    ASSERT_OK(file.Write("{}\n", &state));
  }
  WriteFile(dir_ / "out", "");
  Run("records acme --format jsonl -o out --resume");
  EXPECT_THAT(errors_, HasSubstr("is shorter than it was"));
  WriteFile(dir_ / "out.resume", "{");
  Run("records acme --format jsonl -o out --resume");
  EXPECT_THAT(errors_, HasSubstr("is damaged"));
}

TEST_F(CliExportTest, RefusesWhatDoesntGoTogether) {
  for (const char* arguments : {"--resume", "-o x", "--format xml", "--format csv --resume"}) {
    Run(std::string("records acme ") + arguments);
    EXPECT_EQ(code_, 2) << arguments;
  }
}

}  // namespace
}  // namespace colophon
