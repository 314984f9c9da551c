// The main job through the command line, and the example prompts.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Example {
  const char* prompt;  // "support/triage"
  const char* data;    // "triage.json"
  const char* says;    // Something of the data that must be in what is sent.
};

constexpr Example kExamples[] = {
    {"support/triage", "triage.json", "none of the eleven people in our office"},
    {"extract/invoice", "invoice.json", "Regalboden Eiche 120x30"},
    {"extract/receipt", "receipt.json", "https://example.com/receipts/2026-03-09-cafe.jpg"},
    {"knowledge/answer", "answer.json", "They lapse on 31 March"},
    {"chat/assistant", "assistant.json", "You talk with Ines, who is on the team plan."},
    {"review/code", "code.json", "A retry must be safe."},
    {"review/text", "text.json", "10 minutes"},
};

// Of any process that runs.
bool IsOnACommandLine(const std::string& text) {
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(process.path() / "cmdline");
    const std::string words{std::istreambuf_iterator<char>(file), {}};
    if (words.find(text) != std::string::npos) return true;
  }
  return false;
}

class CommandLineTest : public E2eTest {
 protected:
  // `colophon ARGUMENTS`, with the server's address when one runs.
  ShellResult Colophon(const std::string& arguments) const {
    return Shell(
        fmt::format("COLOPHON_SERVER={} {} {}", server().address(), COLOPHON_PROGRAM, arguments));
  }
  // The same, and expects that it succeeds.
  std::string Expect(const std::string& arguments) const {
    const ShellResult result = Colophon(arguments);
    EXPECT_EQ(result.exit_code, 0) << "colophon " << arguments << "\n" << result.output;
    return result.output;
  }

  std::string PublishExamples() const {
    Expect("init examples");
    return Expect(fmt::format("publish {} -r examples -m 'Publish the examples' --label production",
                              Examples()));
  }

  static std::string Examples() { return SourceFolder() + "/deploy/examples"; }
  static std::string Data(const std::string& file) { return Examples() + "/data/" + file; }
};

TEST_F(CommandLineTest, PublishesCallsAndFindsWhichVersionWroteIt) {
  Serve();
  EXPECT_THAT(PublishExamples(),
              AllOf(HasSubstr("examples/support/triage@v1"), HasSubstr("examples/review/code@v1")));
  const std::string answer = dir() / "answer";
  const std::string notes =
      Expect(fmt::format("complete examples/support/triage --data {} --model echo/echo 2>&1 >{}",
                         Data("triage.json"), answer));
  EXPECT_THAT(notes, HasSubstr("examples/support/triage@v1"));
  EXPECT_THAT(ReadFileOrDie(answer), HasSubstr("none of the eleven people in our office"));

  const std::string found = Expect("find --file " + answer);
  EXPECT_THAT(found, HasSubstr("\texamples/support/triage@v1\t"));
  const std::string record = found.substr(0, found.find('\t'));
  EXPECT_THAT(notes, HasSubstr(record));
  EXPECT_THAT(Expect("record --rendered " + record),
              AllOf(HasSubstr("examples/support/triage@v1"), HasSubstr("echo/echo"),
                    HasSubstr("You sort support tickets for Acme Mail."),
                    HasSubstr("request\tbuilt again")));
  EXPECT_THAT(Expect("--json record " + record),
              AllOf(StartsWith("{"), HasSubstr("\"RECORD_STATUS_OK\"")));

  EXPECT_EQ(Colophon("find --text 'Nobody ever said this.'").exit_code, 3);
}

TEST_F(CommandLineTest, PublishesEveryPromptThatIncludesAPartial) {
  Serve();
  PublishExamples();
  WriteFile(dir() / "_tone.prompt", "Write like a telegram.\n");
  const std::string published = Expect(fmt::format(
      "publish --root {0} {0}/_tone.prompt -r examples -m 'Another tone'", dir().path()));
  for (const char* prompt : {"chat/assistant", "knowledge/answer", "review/code", "review/text"}) {
    EXPECT_THAT(published, HasSubstr(fmt::format("examples/{}@v2", prompt)));
  }
  EXPECT_THAT(published, Not(HasSubstr("support/triage")));
  EXPECT_THAT(Expect("diff examples/review/code@v1 examples/review/code@v2"),
              HasSubstr("+Write like a telegram."));
  EXPECT_THAT(Expect("show examples/review/code"), Not(HasSubstr("telegram")));
  Expect("label examples/review/code@production v2");
  EXPECT_THAT(Expect("history examples/review/code"),
              AllOf(HasSubstr("Another tone"), HasSubstr("Publish the examples")));
  EXPECT_THAT(Expect("watch examples --from 1 --count 3"),
              AllOf(HasSubstr("Publish the examples"), HasSubstr("Another tone")));
}

TEST_F(CommandLineTest, PublishingTheSameAgainChangesNothing) {
  Serve();
  PublishExamples();
  EXPECT_THAT(
      Expect(fmt::format("publish {} -r examples -m 'Again' --label production", Examples())),
      HasSubstr("nothing changed"));
  EXPECT_EQ(Colophon("init examples").exit_code, 4);
}

TEST_F(CommandLineTest, RendersEveryExampleOfflineAsTheServerDoes) {
  Serve();
  PublishExamples();
  for (const Example& example : kExamples) {
    // For a file --data is Dotprompt's data, with the variables in "input".
    const std::string data = dir() / "data.json";
    WriteFile(data, fmt::format("{{\"input\": {}}}", ReadFileOrDie(Data(example.data))));
    const std::string offline = Expect(
        fmt::format("render {}/{}.prompt --data {} 2>/dev/null", Examples(), example.prompt, data));
    const std::string online = Expect(fmt::format("render examples/{} --data {} 2>/dev/null",
                                                  example.prompt, Data(example.data)));
    EXPECT_THAT(offline, HasSubstr(example.says));
    EXPECT_EQ(offline, online) << example.prompt;
  }
}

TEST_F(CommandLineTest, CallsEveryExample) {
  Serve();
  PublishExamples();
  for (const Example& example : kExamples) {
    const std::string call = fmt::format("complete examples/{} --data {} --model echo/echo",
                                         example.prompt, Data(example.data));
    EXPECT_THAT(Expect(call), HasSubstr(fmt::format("examples/{}@v1", example.prompt)));
    Expect(call + " --stream");
  }
  const std::string chat =
      Expect(fmt::format("--json render examples/chat/assistant --data {} --history {}",
                         Data("assistant.json"), Data("assistant.history.json")));
  EXPECT_THAT(chat, HasSubstr("How do I have newsletters sorted away?"));
}

TEST_F(CommandLineTest, SaysWhatIsWrongAndWhere) {
  Serve();
  Expect("init acme");
  std::filesystem::create_directory(dir() / "prompts");
  WriteFile(dir() / "prompts/bad.prompt", "---\nmodel: echo/echo\n---\nHello {{shout name}}.\n");
  const ShellResult bad = Colophon(fmt::format("publish {} -r acme -m 'Try'", dir() / "prompts"));
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.output, AllOf(HasSubstr("bad.prompt:4:"), HasSubstr("shout")));
  EXPECT_EQ(Colophon("show acme/no/such").exit_code, 3);
  EXPECT_EQ(Colophon("frobnicate").exit_code, 2);
  StopServing();
  EXPECT_EQ(Colophon("--timeout 1s list acme").exit_code, 6);
}

TEST_F(CommandLineTest, InfoSaysHowFullTheServerIs) {
  Serve();
  PublishGreet();
  CallGreet("Once.");
  CallGreet("Twice.");
  EXPECT_THAT(Expect("info"), ContainsRegex("\nrepositories\t1\nrecords\t2\n"
                                            "store size\t[0-9.]+ [KM]iB\n"
                                            "disk free\t[0-9.]+ [MGT]iB\nrunning\t0\n"));
}

// Kind: an exit code that sends a script's author to a command line that was right.
TEST_F(CommandLineTest, WhatTheProviderRefusesIsNoWrongUsage) {
  int status = 0;
  ModelServer model;
  model.SetHandler([&](const ModelRequest&) {
    return HttpAnswer(status, R"({"error":{"message":"not so"}})",
                      {"content-type: application/json"});
  });
  Serve(fmt::format("providers {{ name: \"picky\" kind: KIND_OPENAI base_url: \"{}\" }}",
                    model.base_url()));
  PublishGreet();
  for (const int refused : {400, 401, 404, 422}) {
    status = refused;
    const ShellResult result =
        Colophon("complete acme/support/greet --var text=hi --model picky/any");
    EXPECT_EQ(result.exit_code, 5) << result.output;
    EXPECT_THAT(result.output,
                AllOf(HasSubstr(fmt::format("({}): not so", refused)), HasSubstr("record ")));
  }
  EXPECT_THAT(Expect("--help"), HasSubstr("5  Refused by the state of things or by the provider"));
}

TEST_F(CommandLineTest, WhatAProviderSentIsShownByteForByte) {
  ModelServer model;
  model.SetHandler([](const ModelRequest& request) {
    return HttpAnswer(500, fmt::format("\xff{} not now\n", request.index), {"x-trace: t-1"});
  });
  Serve(fmt::format("providers {{ name: \"down\" kind: KIND_OPENAI base_url: \"{}\" }}",
                    model.base_url()));
  PublishGreet();
  const ShellResult failed = Colophon("complete acme/support/greet --var text=hi --model down/any");
  EXPECT_EQ(failed.exit_code, 6) << failed.output;
  const std::string id = failed.output.substr(failed.output.find("record ") + 7, 36);
  EXPECT_EQ(Expect("record " + id + " --raw 2>/dev/null"),
            "HTTP 500\r\nx-trace: t-1\r\ncontent-length: 11\r\n\r\n\xff"
            "0 not now\n");
  EXPECT_THAT(Expect("record " + id + " --raw --attempt 1 2>&1 >/dev/null"),
              HasSubstr("attempt 1 of 1, down/any, SHA-256 "));
  EXPECT_THAT(Expect("record " + id), HasSubstr("kept\t"));
  EXPECT_EQ(Colophon("record " + id + " --raw --attempt 2").exit_code, 2);
  EXPECT_EQ(Colophon("record " + id + " --attempt 1").exit_code, 2) << "it wants --raw";
}

TEST_F(CommandLineTest, TheDemoShowsTheWholeWayAndLeavesNothing) {
  // Its temporary files go here, so that what it leaves can be seen.
  const std::string temporary = dir() / "tmp";
  std::filesystem::create_directory(temporary);
  const ShellResult demo = Shell(
      fmt::format("env -u ANTHROPIC_API_KEY -u OPENAI_API_KEY TMPDIR={} COLOPHOND={} COLOPHON={} "
                  "timeout 120 {}/deploy/run --demo",
                  temporary, COLOPHOND_PROGRAM, COLOPHON_PROGRAM, SourceFolder()));
  EXPECT_EQ(demo.exit_code, 0) << demo.output;
  EXPECT_THAT(demo.output, HasSubstr("echo"));
  EXPECT_THAT(demo.output, HasSubstr("examples/support/triage@v1"));
  EXPECT_THAT(demo.output,
              testing::ContainsRegex("record[[:space:]]+[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
  EXPECT_FALSE(IsOnACommandLine(temporary)) << "a process is left";
}

}  // namespace
}  // namespace colophon
