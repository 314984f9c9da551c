// `colophon render`, of references and of files.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using RenderTest = CliTest;

TEST_F(RenderTest, RendersAReferenceAndAFileAlike) {
  PublishTriage();
  const std::string rendered =
      "--- system ---\nTriage. Be kind.\n\n--- user ---\nWhere is my parcel?\n";
  const std::string variables = " --var 'message=Where is my parcel?'";
  EXPECT_EQ(RunOk("render acme/support/triage" + variables), rendered);
  EXPECT_THAT(errors_, AllOf(HasSubstr("acme/support/triage@v1"), HasSubstr("echo/any"),
                             HasSubstr("\"temperature\":0.2")));
  server_.Kill();
  EXPECT_EQ(RunOk("render prompts/support/triage.prompt" + variables), rendered);
  Run("render prompts/support/triage.prompt");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("message"));
  Run("render prompts/none.prompt");
  EXPECT_EQ(code_, 3);
  Run("render acme/support/triage" + variables + " --timeout 1s");
  EXPECT_EQ(code_, 6);
  EXPECT_THAT(errors_, HasSubstr(server_.address()));
}

TEST_F(RenderTest, AFilePrintsWhatDotpromptDoes) {
  WriteFile(dir_ / "prompts/chat.prompt",
            "---\nmodel: echo/any\nconfig: {topK: 3}\nteam.owner: web\ninput:\n  schema:\n"
            "    name: string, who asks\noutput: {format: json, schema: Order}\n---\n"
            "{{role \"system\"}}{{name}} {{b}} {{@user.id}}{{#each m}}{{@key}}{{/each}}\n"
            "{{history}}{{section \"end\"}}{{media url=\"http://x/y\"}}");
  WriteFile(dir_ / "Order.schema.json", R"({"type": "object", "properties": {}})");
  WriteFile(dir_ / "data.json",
            R"({"input": {"name": "Ada", "m": {"z": 1, "b": 2, "10": 3, "9": 4}},)"
            R"( "messages": [{"role": "user", "content": [{"data": {"b": 1, "a": 2}}],)"
            R"( "metadata": {"at": 1}}], "context": {"user": {"id": 7}}})");
  WriteFile(dir_ / "options.json",
            R"({"model": "echo/echo", "config": {"seed": 1}, "metadata": {"a": 1}})");
  const std::string render = "render prompts/chat.prompt --root . --data data.json";
  EXPECT_EQ(
      RunOk(render + " --options options.json --var b=B --json"),
      R"({"ext":{"team":{"owner":"web"}},"metadata":{"a":1},"config":{"topK":3,"seed":1},)"
      R"("model":"echo/echo","input":{"schema":{"type":"object","properties":{"name":{)"
      R"("type":"string","description":"who asks"}},"required":["name"],)"
      R"("additionalProperties":false}},"output":{"format":"json","schema":{"type":"object",)"
      R"("properties":{}}},"raw":{"model":"echo/any","config":{"topK":3},"team.owner":"web",)"
      R"("input":{"schema":{"name":"string, who asks"}},"output":{"format":"json",)"
      R"("schema":"Order"}},"messages":[{"role":"system","content":[{"text":"Ada B 7910zb\n"}]},)"
      R"({"role":"user","content":[{"data":{"b":1,"a":2}}],"metadata":{"at":1,)"
      R"("purpose":"history"}},{"role":"model","content":[{"metadata":{"purpose":"end",)"
      R"("pending":true}},{"media":{"url":"http://x/y"}}]}]})"
      "\n");
  // As text: the same messages.
  EXPECT_THAT(RunOk(render), AllOf(StartsWith("--- system ---\nAda  7910zb\n"),
                                   HasSubstr("--- user, history ---\n{\"data\":{\"b\":1"),
                                   HasSubstr("--- model ---\n[section end]")));
  EXPECT_THAT(errors_, HasSubstr("echo/any {\"topK\":3}"));
}

TEST_F(RenderTest, SaysWhatIsWrongWithTheDataOfAFile) {
  WriteFile(dir_ / "a.prompt", "{{#if never}}x{{/if}}");
  WriteFile(dir_ / "bare.json", R"({"message": "hi", "docs": []})");
  Run("render a.prompt --data bare.json");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, AllOf(HasSubstr("\"bare.json\": there is no member \"message\""),
                             HasSubstr("into \"input\"")));
  WriteFile(dir_ / "options.json", R"({"config": 3})");
  Run("render a.prompt --options options.json");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("options.json: error: \"config\" is a number"));
  Run("render acme/a --options options.json");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("--options is for a file"));
  // Nothing to send is an answer to the reference, and none to a model.
  EXPECT_EQ(RunOk("render a.prompt --json"), R"({"ext":{},"metadata":{},"config":{},"messages":[]})"
                                             "\n");
  EXPECT_THAT(errors_, HasSubstr("renders to nothing"));
  Run("render a.prompt");
  EXPECT_EQ(code_, 2);
}

TEST_F(RenderTest, SaysWhereEachPieceOfTextCameFrom) {
  PublishTriage();
  EXPECT_EQ(RunOk("render acme/support/triage --spans --var message=Hello"),
            "0.0\t0-8\tsupport/triage.prompt:10:18\t\t\"Triage. \"\n"
            "0.0\t8-17\tsupport/_tone.prompt:1:1\t\t\"Be kind.\\n\"\n"
            "1.0\t0-5\tsupport/triage.prompt:10:52\tmessage\t\"Hello\"\n");
  const json::object answer = RunJson("render acme/support/triage --spans --var message=Hello");
  EXPECT_EQ(answer.at("spans").as_array().size(), 3u);
  EXPECT_THAT(RunOk("render prompts/support/triage.prompt --spans --var message=Hello"),
              HasSubstr("support/triage.prompt:10:52\tmessage\t\"Hello\"\n"));
}

TEST_F(RenderTest, TheCallMayBringSchemasAndTools) {
  WriteFile(dir_ / "prompts/sort.prompt",
            "---\nmodel: echo/any\ntools: [get_order]\noutput: {schema: Ticket}\n---\n{{m}}");
  WriteFile(dir_ / "ticket.json", R"({"type": "object", "required": ["team"]})");
  WriteFile(dir_ / "get_order.tool.json",
            R"({"description": "Reads an order", "inputSchema": {"id": "integer"}})");
  RunOk("init acme");
  RunOk("publish prompts -r acme -m 'First words'");
  const std::string sort =
      "acme/sort@latest --schema Ticket=ticket.json --tool get_order.tool.json";
  const json::object rendered = RunJson("render " + sort + " --var m=x");
  EXPECT_EQ(rendered.at("rendered").at("tools").at(0).at("name"), "get_order");
  EXPECT_FALSE(rendered.contains("undefined"));
  RunOk("complete " + sort + " --var m={}");
  EXPECT_THAT(errors_, HasSubstr("the output doesn't follow the prompt's output schema"));
  EXPECT_THAT(errors_, HasSubstr("\"team\""));
  const std::string record = RunOk("record " + RecordOfFooter());
  EXPECT_THAT(record, HasSubstr("brought\ttool:get_order schema:Ticket\n"));
  EXPECT_THAT(record, HasSubstr("schema\tbroken: "));
  RunOk("complete " + sort + " --var 'm={\"team\": 1}'");
  EXPECT_THAT(RunOk("record " + RecordOfFooter()), HasSubstr("schema\tthe output follows it\n"));

  for (const char* wrong :
       {"--schema ticket.json", "--schema T=none.json", "--tool ticket.json", "--tool none.json"}) {
    Run(std::string("render acme/sort@latest --var m=x ") + wrong);
    EXPECT_NE(code_, 0) << wrong;
  }
}

TEST_F(RenderTest, AFileThatBreaksItsSchemaIsRenderedWithAWarning) {
  RunOk("render prompts/support/triage.prompt --var message=Hello --var urgency=high");
  EXPECT_THAT(errors_, HasSubstr("/urgency"));
}

}  // namespace
}  // namespace colophon
