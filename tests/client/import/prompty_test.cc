#include "client/cli/import/importers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/import/import_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Of the first schema.
constexpr char kFirst[] = R"(---
name: Basic Prompt
description: Answers questions
authors:
  - ada
  - bob
tags: [demo]
version: "1.2"
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt-35-turbo
    azure_endpoint: https://example.com
    api_key: ${env:KEY}
  parameters:
    temperature: 0.2
    max_tokens: 100
    response_format: {type: json_object}
    tools:
      - type: function
        function: {name: f, parameters: {type: object, properties: {}}}
  response: first
sample:
  firstName: Jane
  score: 1.5
---
system:
You help {{firstName}} ({{score}}).
{% if context %}
Use: {{context}}
{% endif %}

{% for item in chat_history %}
{{item.role}}:
{{item.content}}
{% endfor %}

user:
{{question}}
)";

// Of those after it.
constexpr char kLater[] = R"(---
name: later
model:
  id: claude-sonnet-4-5
  provider: anthropic
  apiType: chat
  connection: {kind: reference, name: mock}
  options: {maxOutputTokens: 512}
inputs:
  - {name: city, kind: string, default: Rome, description: Where}
  - {name: talk, kind: thread}
outputs:
  - {name: city, kind: string, description: The city}
  - {name: warm, kind: float, required: false}
tools:
  - name: get_weather
    kind: function
    description: Now
    parameters: {properties: [{name: city, kind: string, required: true}]}
  - {name: custom, kind: my_provider}
template: {format: {kind: jinja2}, parser: {kind: prompty}}
---
system:
You know {{city}}.

{{talk}}

user:
Go.
)";

absl::StatusOr<ImportResult> Import(const std::string& text) {
  return ImportPrompty({{"team/Basic.prompty", text}}, {});
}

TEST(PromptyTest, ConvertsTheFirstSchema) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kFirst));
  ASSERT_THAT(FailuresOf(result), IsEmpty());
  ASSERT_THAT(result.prompts, SizeIs(1));
  EXPECT_EQ(result.prompts[0].path, "team/basic");
  const ImportedVersion& version = result.prompts[0].versions.at(0);
  EXPECT_EQ(version.details, "Authors: ada, bob.\nIts version was 1.2.");
  const json::object variables{
      {"firstName", "Ada"}, {"score", 2}, {"context", "C"}, {"question", "Q"}};
  EXPECT_THAT(
      RenderVersion(version, variables, true),
      ElementsAre("system|You help Ada (2).\n\nUse: C\n\n\n", "model|H1", "user|H2", "user|Q"));
  const json::object matter = FrontMatterOf(version);
  EXPECT_EQ(matter.at("model"), "azure_openai/gpt-35-turbo");
  EXPECT_EQ(matter.at("name"), "Basic Prompt");
  EXPECT_EQ(WriteJson(matter.at("config")), R"({"temperature":0.2,"maxOutputTokens":100})");
  EXPECT_EQ(WriteJson(matter.at("output")), R"({"format":"json"})");
  EXPECT_EQ(matter.at("toolDefs").as_array().size(), 1u);
  EXPECT_EQ(WriteJson(matter.at("input").at("schema")),
            R"({"context?":"any","firstName":"string","question":"any","score":"number"})");
  const auto lines = NotCarriedOf(result);
  for (const char* start :
       {"tags: [\"demo\"]", "model.configuration.azure_endpoint: ",
        "model.configuration.api_key: its value (not shown)", "model.response: \"first\"",
        "sample: ", "template: {{score}} is of the type number", "template: \"chat_history\""}) {
    EXPECT_THAT(lines, Contains(StartsWith(std::string("team/Basic@ ") + start)));
  }
  EXPECT_THAT(lines, SizeIs(7));
}

TEST(PromptyTest, ConvertsTheLaterSchemas) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kLater));
  ASSERT_THAT(FailuresOf(result), IsEmpty());
  const ImportedVersion& version = result.prompts.at(0).versions.at(0);
  EXPECT_THAT(RenderVersion(version, {}, true),
              ElementsAre("system|You know Rome.\n", "model|H1", "user|H2", "user|Go."));
  const json::object matter = FrontMatterOf(version);
  EXPECT_EQ(matter.at("model"), "anthropic/claude-sonnet-4-5");
  EXPECT_EQ(WriteJson(matter.at("input")),
            R"({"schema":{"city":"string, Where"},"default":{"city":"Rome"}})");
  EXPECT_EQ(WriteJson(matter.at("output").at("schema")),
            R"({"type":"object","properties":{"city":{"type":"string","description":"The city"},)"
            R"("warm":{"type":"number"}},"required":["city"]})");
  ASSERT_EQ(matter.at("toolDefs").as_array().size(), 1u);
  EXPECT_EQ(WriteJson(matter.at("toolDefs").at(0).at("inputSchema")),
            R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})");
  EXPECT_THAT(NotCarriedOf(result), Contains(HasSubstr("tools[1]: my_provider")));
}

TEST(PromptyTest, ReadsOtherForms) {
  const struct {
    const char* text;
    std::vector<std::string> meant;
  } cases[] = {
      {"\xef\xbb\xbf---\r\nmodel: gpt-4o\r\n---\r\nsystem:\r\na\r\nb\r\n", {"system|a\nb"}},
      {"---\nmodel: {api: completion}\n---\nOnce upon\nuser:\nx\n", {"user|Once upon\nuser:\nx"}},
      {"---\ntemplate: mustache\n---\nuser:\n{{x}}", {"user|X"}},
      {"---\ninputs: {x: Jane}\n---\nuser:\n{{x}} \\{{x}} {%raw%}{{x}}{%endraw%}",
       {"user|X \\X {{x}}"}},
      {"---\ninputSchema: {properties: {x: {kind: string}}}\n---\nuser:\n{{x}}", {"user|X"}},
      {"---\nname:\n---\nuser:\n---\nx", {"user|---\nx"}},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(c.text));
    ASSERT_THAT(FailuresOf(result), IsEmpty()) << c.text;
    EXPECT_EQ(RenderVersion(result.prompts.at(0).versions.at(0), {{"x", "X"}}), c.meant) << c.text;
  }
}

TEST(PromptyTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"---\nname: x\n", "its front matter has no end"},
      {"---\nname: [\n---\nx", "team/Basic.prompty:"},
      {"---\n- a\n---\nx", "the whole of it is a list"},
      {"---\nname: {}\n---\nx", "/name is an object: it has to be text"},
      {"---\nmodel: {api: embedding}\n---\nx", "/model/api: \"embedding\" is no conversation"},
      {"---\nmodel: {configuration: [x]}\n---\nx", "/model/configuration is a list"},
      {"---\ntemplate: liquid\n---\nx", "the template language \"liquid\""},
      {"---\ntemplate: mustache\n---\n{{#x}}{{/x}}", "Mustache template has {{#"},
      {"---\ninputs: [x]\n---\nx", "/inputs/0 is text"},
      {"---\ntools: x\n---\nx", "/tools is text: it has to be a list"},
      {"---\nname: x\n---\nuser:\n{{ x | upper }}", "line 5: {{ x | upper }}"},
      {"---\nname: x\n---\n\xff", "not UTF-8"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(c.text));
    EXPECT_THAT(FailuresOf(result), ElementsAre(AllOf(StartsWith("team/Basic@: "), HasSubstr(c.why),
                                                      HasSubstr("team/Basic.prompty"))))
        << c.text;
    EXPECT_THAT(result.prompts, IsEmpty());
  }
}

TEST(PromptyTest, ShowsNoSecret) {
  ASSERT_OK_AND_ASSIGN(
      const ImportResult result,
      Import("---\nmodel:\n  configuration: {api_key: sk-123, Authorization: sk-123}\n---\nx"));
  EXPECT_THAT(NotCarriedOf(result), SizeIs(2));
  for (const std::string& line : NotCarriedOf(result)) EXPECT_THAT(line, Not(HasSubstr("sk-123")));
}

}  // namespace
}  // namespace colophon
