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
using testing::SizeIs;
using testing::StartsWith;

constexpr char kPrompt[] = R"JSON({
  "id": "pmpt_68e6beb6f5d48196", "object": "prompt", "version": "3", "name": "Weather",
  "description": "Answers about the weather", "is_default": true, "created_at": 1760000000,
  "model": "gpt-4.1", "temperature": 0.3, "top_p": 0.9, "max_output_tokens": 500,
  "reasoning": {"effort": "low", "summary": "auto"}, "store": true,
  "instructions": "Speak of {{city}}. {{#x}} \\{{",
  "input": [
    {"type": "message", "role": "developer", "content": "Short."},
    {"role": "user", "content": [
      {"type": "input_text", "text": "Look: "},
      {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "high"},
      {"type": "input_image", "image_url": "{{ photo }}"},
      {"type": "input_image", "file_id": "file-1"},
      {"type": "input_file", "file_id": "file-2"}]},
    {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}],
  "tools": [
    {"type": "function", "name": "get_weather", "description": "Now", "strict": true,
     "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                    "required": ["city"], "additionalProperties": false}},
    {"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["v"]},
    {"type": "mcp", "server_label": "s", "server_url": "https://example.com"}],
  "tool_choice": {"type": "function", "name": "get_weather"},
  "text": {"format": {"type": "json_schema", "name": "answer", "strict": true,
                      "schema": {"type": "object", "properties": {"t": {"type": "number"}}}},
           "verbosity": "low"},
  "variables": ["city", "photo"]
})JSON";

// The answer of POST /v1/responses to {"prompt": {"id": …, "version": "2", …}}.
constexpr char kResponse[] = R"JSON({
  "id": "resp_1", "object": "response", "created_at": 1762941294, "status": "completed",
  "background": false, "billing": {"payer": "developer"}, "error": null,
  "instructions": [
    {"type": "message", "role": "developer",
     "content": [{"type": "input_text", "text": "Greet {{name}} from Paris."}]}],
  "max_output_tokens": null, "model": "gpt-5.1-2025-11-13",
  "output": [{"type": "message", "role": "assistant", "content": []}],
  "parallel_tool_calls": true, "prompt": {"id": "pmpt_1", "version": "2",
    "variables": {"name": "{{name}}", "city": "Paris"}},
  "reasoning": {"effort": null, "summary": null}, "temperature": 1.0, "top_p": 1.0,
  "text": {"format": {"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto", "tools": [],
  "truncation": "disabled", "usage": {"input_tokens": 9}, "metadata": {}
})JSON";

absl::StatusOr<ImportResult> Import(const std::string& text) {
  return ImportOpenAi({{"openai.json", text}}, {});
}

TEST(OpenAiTest, ConvertsAPromptObject) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kPrompt));
  EXPECT_THAT(FailuresOf(result), IsEmpty());
  ASSERT_THAT(result.prompts, SizeIs(1));
  EXPECT_EQ(result.prompts[0].path, "weather");
  const ImportedVersion& version = result.prompts[0].versions.at(0);
  EXPECT_EQ(version.source, "3");
  EXPECT_THAT(version.labels, ElementsAre("production"));
  EXPECT_EQ(version.details, "It was pmpt_68e6beb6f5d48196 there. Made at 2025-10-09T08:53:20Z.");
  EXPECT_THAT(RenderVersion(version, {{"city", "Rome"}, {"photo", "https://p"}}),
              ElementsAre("system|Speak of Rome. {{#x}} \\{{", "system|Short.",
                          "user|Look: <https://example.com/a.png><https://p>"));
  const json::object matter = FrontMatterOf(version);
  EXPECT_EQ(matter.at("model"), "openai/gpt-4.1");
  EXPECT_EQ(matter.at("description"), "Answers about the weather");
  EXPECT_EQ(WriteJson(matter.at("config")),
            R"({"temperature":0.3,"topP":0.9,"maxOutputTokens":500,"reasoningEffort":"low",)"
            R"("tool_choice":{"type":"function","function":{"name":"get_weather"}},)"
            R"("verbosity":"low"})");
  ASSERT_EQ(matter.at("toolDefs").as_array().size(), 1u);
  EXPECT_EQ(matter.at("toolDefs").at(0).at("inputSchema").at("required").at(0), "city");
  EXPECT_EQ(WriteJson(matter.at("output").at("schema").at("properties")),
            R"({"t":{"type":"number"}})");
}

TEST(OpenAiTest, TellsWhatHasNoPlaceHere) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kPrompt));
  const auto lines = NotCarriedOf(result);
  for (const char* start :
       {"reasoning.summary: ", "store: true", "input[1].content[1].detail: \"high\"",
        "input[1].content[3]: the image \"file-1\"", "input[1].content[4]: the part \"input_file\"",
        "input[2]: \"function_call\"", "tools[0].strict: true", "tools[1]: web_search",
        "tools[2]: file_search", "tools[3]: mcp", "text.format.name: \"answer\"",
        "text.format.strict: true"}) {
    EXPECT_THAT(lines, Contains(StartsWith(std::string("Weather@3 ") + start)));
  }
  EXPECT_THAT(lines, SizeIs(12));
}

TEST(OpenAiTest, ConvertsTheAnswerToACall) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kResponse));
  EXPECT_THAT(FailuresOf(result), IsEmpty());
  ASSERT_THAT(result.prompts, SizeIs(1));
  EXPECT_EQ(result.prompts[0].path, "pmpt_1");
  const ImportedVersion& version = result.prompts[0].versions.at(0);
  EXPECT_EQ(version.source, "2");
  EXPECT_THAT(RenderVersion(version, {{"name", "Ada"}}),
              ElementsAre("system|Greet Ada from Paris."));
  EXPECT_EQ(WriteJson(FrontMatterOf(version)),
            R"({"model":"openai/gpt-5.1-2025-11-13","input":{"schema":{"name":"any"}}})");
  EXPECT_THAT(NotCarriedOf(result),
              ElementsAre(AllOf(StartsWith("pmpt_1@2 prompt.variables.city: its value \"Paris\""),
                                HasSubstr("{{city}}"))));
}

TEST(OpenAiTest, OrdersVersionsByNumber) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result,
                       Import(R"({"data":[{"id":"pmpt_1","version":"10","instructions":"ten"},
                         {"id":"pmpt_1","version":"9","instructions":"nine"},
                         {"id":"pmpt_2","name":"two","versions":[
                            {"version":1,"instructions":"a"},{"version":2,"instructions":"b"}]}]})"));
  ASSERT_THAT(result.prompts, SizeIs(2));
  EXPECT_EQ(result.prompts[0].versions.at(0).source, "9");
  EXPECT_THAT(RenderVersion(result.prompts[0].versions.at(1)), ElementsAre("system|ten"));
  EXPECT_EQ(result.prompts[1].path, "two");
  EXPECT_THAT(result.prompts[1].versions, SizeIs(2));
}

TEST(OpenAiTest, KnowsOnlyMarksOfNames) {
  const struct {
    const char* source;
    const char* meant;
  } cases[] = {
      {"{{x}}", "*"},
      {"{{{x}}}", "{*}"},
      {"{{{{x}}}}", "{{*}}"},
      {"{{\"a\": {{x}} }}", "{{\"a\": * }}"},
      {"\\{{x}}", "\\*"},
      {"{{#if x}}{{x}}{{/if}}", "{{#if x}}*{{/if}}"},
      {"{{a b}} {{", "{{a b}} {{"},
      {"{{}}", "{{}}"},
  };
  for (const auto& c : cases) {
    const json::object prompt{{"id", "pmpt_1"}, {"instructions", c.source}};
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(WriteJson(prompt)));
    ASSERT_THAT(result.prompts, SizeIs(1)) << c.source;
    EXPECT_THAT(RenderVersion(result.prompts[0].versions.at(0), {{"x", "*"}}),
                ElementsAre(std::string("system|") + c.meant));
  }
}

TEST(OpenAiTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {R"({"object":"response","instructions":"x"})", "not made with a prompt object"},
      {R"({"instructions":"x"})", "openai.json: there is no \"id\""},
      {R"({"id":7})", "/id is a number"},
      {R"({"id":"pmpt_1","version":"x","instructions":"x"})", "/version: the version is"},
      {R"({"id":"pmpt_1"})", "it has no text"},
      {R"({"id":"pmpt_1","instructions":5})", "/instructions is a number"},
      {R"({"id":"pmpt_1","input":[{"role":"user","content":5}]})", "/input/0/content is a number"},
      {R"({"id":"pmpt_1","input":[{"role":"tool","content":"x"}]})", "role \"tool\""},
      {R"({"id":"pmpt_1","input":[{"role":"user","content":[{"text":"x"}]}]})",
       "/input/0/content/0: there is no \"type\""},
      {R"({"id":"pmpt_1","instructions":"x","model":{}})", "/model is an object"},
      {R"({"id":"pmpt_1","instructions":"x","variables":[""]})", "a variable has no name"},
  };
  for (const auto& c : cases) {
    const auto result = Import(c.text);
    const std::string told = result.ok() ? FailuresOf(*result).at(0) : MessageOf(result.status());
    EXPECT_THAT(told, HasSubstr(c.why)) << c.text;
  }
}

}  // namespace
}  // namespace colophon
