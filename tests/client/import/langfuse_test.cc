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

// As GET /api/public/v2/prompts/NAME?version=N&resolve=false returns them.
constexpr char kExport[] = R"JSON([
  {"id": "c2", "createdAt": "2026-02-03T10:00:00.000Z", "updatedAt": "2026-02-04T10:00:00.000Z",
   "projectId": "p1", "createdBy": "ada", "name": "Support Triage", "version": 2, "type": "chat",
   "prompt": [
     {"type": "message", "role": "system", "content": "Triage {{message}}.\n@@@langfusePrompt:name=tone|label=production@@@\nEnd."},
     {"type": "placeholder", "name": "chat_history"},
     {"role": "assistant", "content": "Ok?"},
     {"role": "user", "content": "{{ message }} {{{raw}}} {{#if x}}"}],
   "config": {"model": "gpt-4o-mini", "temperature": 0.2, "max_tokens": 300, "evaluator": "strict",
              "api_key": "sk-1", "response_format": {"type": "json_object"},
              "tools": [{"type": "function", "function": {"name": "get_order",
                         "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}},
                        {"type": "web_search"}]},
   "labels": ["production", "latest", "v9"], "tags": ["mail"], "commitMessage": "Ask kindly",
   "resolutionGraph": null},
  {"name": "Support Triage", "version": 1, "type": "text", "prompt": "Sort {{message}}",
   "config": {}, "labels": ["staging"], "tags": ["mail"]},
  {"name": "tone", "version": 7, "type": "text", "prompt": "Be {{mood}}. \\{{literal}}\n",
   "config": {}, "labels": ["production"], "tags": []}
])JSON";

absl::StatusOr<ImportResult> Import(const std::string& text, const ImportOptions& options = {}) {
  return ImportLangfuse({{"prompts.json", text}}, options);
}

TEST(LangfuseTest, ConvertsAHistory) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kExport));
  EXPECT_THAT(FailuresOf(result), IsEmpty());
  ASSERT_THAT(result.prompts, SizeIs(2));
  const ImportedPrompt& triage = result.prompts[0];
  EXPECT_EQ(triage.source, "Support Triage");
  EXPECT_EQ(triage.path, "support-triage");
  ASSERT_THAT(triage.versions, SizeIs(2));
  EXPECT_EQ(triage.versions[0].source, "1");
  EXPECT_THAT(triage.versions[0].labels, ElementsAre("staging"));
  EXPECT_THAT(RenderVersion(triage.versions[0], {{"message", "m"}}), ElementsAre("user|Sort m"));

  const ImportedVersion& second = triage.versions[1];
  EXPECT_THAT(second.labels, ElementsAre("production"));
  EXPECT_EQ(second.details, "Ask kindly\n\nMade by ada at 2026-02-03T10:00:00Z.");
  EXPECT_THAT(RenderVersion(second, {{"message", "<m>"}, {"mood", "kind"}, {"literal", "L"}}, true),
              ElementsAre("system|Triage <m>.\nBe kind. \\L\n\nEnd.", "model|H1", "user|H2",
                          "model|Ok?", "user|<m> {{{raw}}} {{#if x}}"));
  const json::object matter = FrontMatterOf(second);
  EXPECT_EQ(matter.at("model"), "openai/gpt-4o-mini");
  EXPECT_EQ(WriteJson(matter.at("config")), R"({"temperature":0.2,"maxOutputTokens":300})");
  EXPECT_EQ(WriteJson(matter.at("output")), R"({"format":"json"})");
  EXPECT_EQ(matter.at("toolDefs").at(0).at("name"), "get_order");
  EXPECT_EQ(WriteJson(matter.at("input")),
            R"({"schema":{"literal":"any","message":"any","mood":"any"}})");
}

TEST(LangfuseTest, TellsWhatHasNoPlaceHere) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(kExport));
  const auto lines = NotCarriedOf(result);
  const std::string at = "Support Triage@2 ";
  EXPECT_THAT(lines, Contains(StartsWith(at + "config.evaluator: \"strict\"")));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "config.api_key: "), HasSubstr("not shown"))));
  EXPECT_THAT(lines, Contains(StartsWith(at + "config.tools[1]: web_search")));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "labels: "), HasSubstr("\"v9\""))));
  EXPECT_THAT(lines, Contains(StartsWith("Support Triage@ tags: [\"mail\"]")));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "prompt[1]: "), HasSubstr("chat_history"))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "prompt[0]: "), HasSubstr("version 7"))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "prompt[3]: "), HasSubstr("{{{raw}}"))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith(at + "prompt[3]: "), HasSubstr("{{#if x}}"))));
  EXPECT_THAT(lines, SizeIs(9));
}

TEST(LangfuseTest, ReadsAnExportWithoutNumbers) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result,
                       Import(R"([{"name":"a","prompt":"one"},{"name":"a","prompt":"two"}])"));
  ASSERT_THAT(result.prompts, SizeIs(1));
  ASSERT_THAT(result.prompts[0].versions, SizeIs(2));
  EXPECT_EQ(result.prompts[0].versions[1].source, "2");
  EXPECT_EQ(result.prompts[0].versions[1].files[0].content, "two");
}

TEST(LangfuseTest, LeavesOutAllPlaceholdersButTheHistory) {
  ASSERT_OK_AND_ASSIGN(
      const ImportResult result,
      Import(R"({"name":"a","version":1,"prompt":[{"type":"placeholder","name":"examples"},
                 {"type":"placeholder","name":"history"},{"role":"user","content":"x"}]})"));
  ASSERT_THAT(result.prompts, SizeIs(1));
  EXPECT_THAT(RenderVersion(result.prompts[0].versions[0], {}, true),
              ElementsAre("model|H1", "user|H2", "user|x"));
  EXPECT_THAT(NotCarriedOf(result),
              Contains(AllOf(StartsWith("a@1 prompt[0]: "), HasSubstr("left out"))));
}

TEST(LangfuseTest, KeepsTheWholeMeaningOfNastyText) {
  // What Langfuse's SDK makes of each with x = "*".
  const struct {
    const char* source;
    const char* meant;
  } cases[] = {
      {"{{x}}", "*"},
      {"{{ x }}}", "*}"},
      {"\\{{x}}", "\\*"},
      {"\\\\{{x}}", "\\\\*"},
      {"{\"a\": {{x}}}", "{\"a\": *}"},
      {"{{{x}}}", "{{{x}}}"},
      {"{{\"a\": {{x}} }}", "{{\"a\": {{x}} }}"},
      {"{{not a name!}} {{x}}", "{{not a name!}} *"},
      {"{{x", "{{x"},
      {"x}} {{", "x}} {{"},
      {"---\nfoo: bar\n---\n{{x}}", "---\nfoo: bar\n---\n*"},
      {"  {{x}}\n\n", "  *\n\n"},
      {"@@@langfusePrompt:name=a@@@", "@@@langfusePrompt:name=a@@@"},
      {"@@@langfusePrompt: {{x}}", "@@@langfusePrompt: *"},
  };
  for (const auto& c : cases) {
    const json::array prompts{{{"name", "a"}, {"version", 1}, {"prompt", c.source}}};
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(WriteJson(prompts)));
    ASSERT_THAT(result.prompts, SizeIs(1)) << c.source << FailuresOf(result).at(0);
    EXPECT_THAT(RenderVersion(result.prompts[0].versions[0], {{"x", "*"}}),
                ElementsAre(std::string("user|") + c.meant))
        << result.prompts[0].versions[0].files[0].content;
  }
}

// Another team's exports of two days, read in any order.
TEST(LangfuseTest, SeveralExportsAreOneHistory) {
  const LocalFile monday{"b.json",
                         R"([{"name":"bye","version":1,"prompt":"Bye","labels":["live"]}])"};
  const LocalFile friday{"a.json",
                         R"([{"name":"bye","version":1,"prompt":"Bye","labels":[]},
                             {"name":"bye","version":2,"prompt":"So long","labels":["live"]}])"};
  for (const auto& files : {std::vector{monday, friday}, std::vector{friday, monday}}) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, ImportLangfuse(files, {}));
    ASSERT_THAT(result.prompts, SizeIs(1));
    ASSERT_THAT(result.prompts[0].versions, SizeIs(2));
    EXPECT_TRUE(result.prompts[0].versions[0].labels.empty());
    EXPECT_THAT(result.prompts[0].versions[1].labels, ElementsAre("live"));
  }
}

TEST(LangfuseTest, TakesOddNamesRolesAndMarks) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result,
                       Import("\xef\xbb\xbf"
                              R"([{"name":"team%2Fask","version":1,"prompt":[
        {"role":"SYSTEM","content":"Be {{house-style}}."},{"role":"judge","content":"No"},
        {"role":"User","content":"{{ last mail }}"}],"labels":["live"]},
        {"name":"team%2Fask","version":2,"prompt":"x","labels":["live"]}])"));
  ASSERT_THAT(result.prompts, SizeIs(1));
  EXPECT_EQ(result.prompts[0].path, "team/ask");
  EXPECT_THAT(RenderVersion(result.prompts[0].versions.at(0),
                            {{"house-style", "kind"}, {"last mail", "Hi"}}),
              ElementsAre("system|Be kind.", "user|Hi"));
  EXPECT_TRUE(result.prompts[0].versions[0].labels.empty());
  EXPECT_THAT(NotCarriedOf(result),
              ElementsAre(HasSubstr("role \"judge\""), HasSubstr("is on version 2 too")));
}

TEST(LangfuseTest, FailsPromptByPrompt) {
  const struct {
    const char* prompt;
    const char* why;
  } cases[] = {
      {R"({"name":"a","version":1,"prompt":5})",
       "prompts.json: /0/prompt is a number: it has to be text or a list of messages"},
      {R"({"name":"a","version":1,"prompt":[{"role":"user"}]})",
       "prompts.json: /0/prompt/0: there is no \"content\""},
      {R"({"name":"a","version":1,"prompt":["x"]})", "/0/prompt/0 is text"},
      {R"({"name":"a","version":1,"prompt":[{"role":"user","content":[1]}]})",
       "/0/prompt/0/content is a list"},
      {R"({"name":"a","version":1,"prompt":"x","config":[]})", "/0/config is a list"},
      {R"({"name":"a","version":1,"prompt":"x","labels":"production"})", "/0/labels is text"},
      {R"({"name":"a","version":1,"prompt":"@@@langfusePrompt:name=b|label=x@@@"})",
       "not among the files"},
      {R"({"name":"a","version":1,"prompt":"@@@langfusePrompt:name=a|version=1@@@"})",
       "include each other"},
      {R"({"name":"\u00e9","version":1,"prompt":"x"})", "--rename"},
      {R"({"name":"a","version":1,"prompt":"nul \u0000"})", "U+0000"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(
        const ImportResult result,
        Import(std::string("[") + c.prompt + R"(,{"name":"good","version":1,"prompt":"x"}])"));
    EXPECT_THAT(FailuresOf(result), ElementsAre(HasSubstr(c.why))) << c.prompt;
    ASSERT_THAT(result.prompts, SizeIs(1)) << c.prompt;
    EXPECT_EQ(result.prompts[0].source, "good");
  }
}

TEST(LangfuseTest, RefusesFilesThatAreNoExport) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"5", "the whole of it is a number: it has to be an object"},
      {"[]", "there is no prompt in it"},
      {"[5]", "/0 is a number: it has to be an object"},
      {R"([{"prompt":"x"}])", "/0: there is no \"name\""},
      {R"([{"name":7,"prompt":"x"}])", "/0/name is a number: it has to be text"},
      {R"([{"name":"a"}])", "/0: there is no \"prompt\""},
      {R"({"data":[{"name":"a","versions":[1,2],"labels":[],"tags":[]}]})",
       "/data/0: this is only the list of the versions of \"a\""},
      {R"([{"name":"a","version":"1","prompt":"x"}])", "/0/version is text"},
      {R"([{"name":"a","version":0,"prompt":"x"}])", "/0/version is a number"},
      {R"([{"name":"a","version":1,"prompt":"x"},{"name":"a","version":1,"prompt":"y"}])",
       "/1: version 1 of \"a\" is there already with other words, at /0"},
      {R"([{"name":"A","version":1,"prompt":"x"},{"name":"a","version":1,"prompt":"y"}])",
       "\"A\" and \"a\" would both be a"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(Import(c.text).status(), testing::Not(IsOk())) << c.text;
    EXPECT_THAT(MessageOf(Import(c.text).status()), HasSubstr(c.why));
  }
}

TEST(LangfuseTest, EndsAChainOfIncludes) {
  json::array prompts;
  for (int i = 0; i < 40; ++i) {
    const std::string next = "@@@langfusePrompt:name=p" + std::to_string(i + 1) + "|version=1@@@";
    prompts.push_back({{"name", "p" + std::to_string(i)},
                       {"version", 1},
                       {"prompt", i == 39 ? std::string("end") : next}});
  }
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(WriteJson(prompts)));
  EXPECT_THAT(FailuresOf(result), Contains(AllOf(StartsWith("p0@1: "), HasSubstr("more than 32"))));
  EXPECT_EQ(result.prompts.back().source, "p39");
  EXPECT_THAT(RenderVersion(result.prompts.back().versions.at(0)), ElementsAre("user|end"));
}

TEST(LangfuseTest, TakesTheSameVersionTwice) {
  ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(R"([{"name":"a","version":3,"prompt":"x"},
                                  {"name":"a","version":3,"prompt":"x"}])"));
  EXPECT_THAT(result.prompts.at(0).versions, SizeIs(1));
}

}  // namespace
}  // namespace colophon
