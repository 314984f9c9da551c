#include "service/template/prompt/front_matter.h"

#include "service/base/json.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FrontMatterTest, IsFoundByItsDelimiters) {
  const std::pair<const char*, const char*> kCases[] = {
      {"---\nmodel: a/b\n---\n\n  B  \n\n", "B"},
      {"# licence\n\n# more\n---\nmodel: a/b\n---\nB", "B"},
      {"\n  \n---\nmodel: a/b\n---\nB", "B"},
      {"---\r\nmodel: a/b\r\n---\r\nB\r\nC\r\n", "B\r\nC"},
      {"# c\r\n\r\n---\r\nmodel: a/b\r\n---\r\nB", "B"},
      {"---\rmodel: a/b\r---\rB", "B"},
      {"---  \nmodel: a/b\n---\t\nB\n---\nC", "B\n---\nC"},
      {"---\n# only a comment\n---\nB", "B"},
      {"---\nx.s: |\n  ----\n  ---\n---\nB", "B"},
      {"no front matter\n---\nmodel: a/b\n---\n", "no front matter\n---\nmodel: a/b\n---\n"},
      {"# a heading\nB\n", "# a heading\nB\n"},
      {"  ---\nmodel: a/b\n", "  ---\nmodel: a/b\n"},
      {"----\nB", "----\nB"},
  };
  for (const auto& [text, output] : kCases) EXPECT_EQ(Output(text), output) << text;
}

TEST(FrontMatterTest, IsRefusedWhenItIsMalformed) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"---\nmodel: a/b\nB", "1:1 BAD_FRONT_MATTER", "has no end"},
      {"# c\n---\nB", "2:1 BAD_FRONT_MATTER", "has no end"},
      {"---\n---\nB", "1:1 BAD_FRONT_MATTER", "is empty"},
      {"---\n\n---\nB", "1:1 BAD_FRONT_MATTER", "is empty"},
      {"---\nmodel: a/b\n---", "3:1 BAD_FRONT_MATTER", "end it with a line break"},
      {"---\nmodel: [\n---\nB", "", "BAD_YAML"},
      {"---\n- a\n---\nB", "2:1 BAD_FRONT_MATTER", "front matter is a list"},
      {"---\ntext\n---\nB", "2:1 BAD_FRONT_MATTER", "front matter is text"},
      {"# é\n---\nconfig: 7\n---\nB", "3:1 BAD_FRONT_MATTER", "\"config\" is a number"},
      {"---\nmodel: {}\n---\nB", "2:1 BAD_FRONT_MATTER", "\"model\" is a map: it has to be text"},
      {"---\nmodel: a b\n---\nB", "2:1 BAD_FRONT_MATTER", "write provider/model"},
      {"---\ninput: x\n---\nB", "2:1 BAD_FRONT_MATTER", "\"input\" is text"},
      {"---\ninput:\n  default: [a]\n---\nB", "3:3 BAD_FRONT_MATTER",
       "\"input/default\" is a list"},
      {"---\noutput:\n  format: 1\n---\nB", "3:3 BAD_FRONT_MATTER",
       "\"output/format\" is a number"},
      {"---\ntools: x\n---\nB", "2:1 BAD_FRONT_MATTER", "a list, each a tool"},
      {"---\nconfig: {temperature: .nan}\n---\nB", "2:10 BAD_FRONT_MATTER",
       "\"config/temperature\" is .nan, which can't be sent"},
      {"---\nconfig:\n  stop: [1, -.inf]\n---\nB", "3:13 BAD_FRONT_MATTER", "is .inf"},
      {"---\ninput: {default: {a: .INF}}\n---\nB", "2:19 BAD_FRONT_MATTER", "is .inf"},
      {"---\ncolophon.timeout: -1s\n---\nB", "2:1 BAD_FRONT_MATTER", "more than 0"},
      {"---\ncolophon.timeout: 0s\n---\nB", "2:1 BAD_FRONT_MATTER", "more than 0"},
      {"---\ncolophon.timeout: inf\n---\nB", "2:1 BAD_FRONT_MATTER", "at most 24h"},
      {"---\na.b: 1\n...\nc.d: 2\n---\nB", "4:1 BAD_YAML", "a second document begins here"},
      {"---\ntools: [a, b, a]\n---\nB", "2:15 BAD_FRONT_MATTER", "\"a\" is named twice"},
      {"---\ntools: [a, 1]\n---\nB", "2:12 BAD_FRONT_MATTER", "\"tools/1\" is a number"},
      {"---\ntoolDefs: [1]\n---\nB", "2:12 BAD_FRONT_MATTER", "\"toolDefs/0\""},
      {"---\ndescription: [a]\n---\nB", "2:1 BAD_FRONT_MATTER", ""},
      {"---\ncolophon.timeout: 30\n---\nB", "2:1 BAD_FRONT_MATTER", "write a time with its unit"},
      {"---\ncolophon.timeout: soon\n---\nB", "2:1 BAD_FRONT_MATTER", "\"soon\""},
      {"---\ncolophon.timeout: 0s\n---\nB", "2:1 BAD_FRONT_MATTER", "more than 0"},
      {"---\ncolophon.timeout: -1s\n---\nB", "2:1 BAD_FRONT_MATTER", "more than 0"},
      {"---\ncolophon.timeout: 25h\n---\nB", "2:1 BAD_FRONT_MATTER", "at most 24h"},
      {"---\ncolophon.retries: 6\n---\nB", "2:1 BAD_FRONT_MATTER", "from 0 to 5"},
      {"---\ncolophon.retries: 1.5\n---\nB", "2:1 BAD_FRONT_MATTER", "1.5"},
      {"---\ncolophon:\n  fallbacks: [a/b, c]\n---\nB", "3:20 BAD_FRONT_MATTER", "fallback \"c\""},
      {"---\ncolophon.fallbacks: a/b\n---\nB", "2:1 BAD_FRONT_MATTER", "a list"},
      {"---\ncolophon.overrides: ['']\n---\nB", "2:22 BAD_FRONT_MATTER", "an empty name"},
      {"---\ncolophon.timeot: 30s\n---\nB", "2:1 UNKNOWN_KEY", "colophon.timeout"},
      {"---\ncolophon: {retry: 1}\n---\nB", "2:12 UNKNOWN_KEY", "\"colophon.retry\""},
      {"---\ncolophon.retries: 1\ncolophon: {retries: 2}\n---\nB", "3:12 BAD_FRONT_MATTER",
       "twice"},
      {"---\noutput:\n  schema:\n    a: 5\n---\nB", "4:5 BAD_SCHEMA", "\"5\" is no schema"},
  };
  for (const auto& [text, codes, message] : kCases) {
    const Loaded loaded = LoadPrompt(text);
    EXPECT_EQ(loaded.closure, nullptr) << text;
    if (*codes != '\0') {
      EXPECT_EQ(loaded.Codes(), codes) << text << loaded.Text();
    }
    EXPECT_THAT(loaded.Text(), HasSubstr(message)) << text;
  }
}

TEST(FrontMatterTest, WarnsOfWhatHasNoEffect) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"---\nmodle: x\n---\nB", "2:1 UNKNOWN_KEY", "\"modle\" is not known"},
      {"---\nmodel: gpt-4o\n---\nB", "2:1 MODEL_WITHOUT_PROVIDER", "as in openai/gpt-4o"},
      {"---\ninput:\n  defaults: {}\n---\nB", "3:3 UNKNOWN_KEY", "default and schema"},
      {"---\noutput:\n  format: csv\n---\nB", "3:3 UNKNOWN_FORMAT", "\"csv\""},
      {"---\ncolophon.cache: 1h\n---\nB", "2:1 NO_EFFECT", "answers are not cached"},
      {"---\ntools: [a, b]\n---\nB", "2:9 UNKNOWN_TOOL\n2:12 UNKNOWN_TOOL", "tool \"b\""},
      {"---\noutput:\n  schema: Nope, text\n---\nB", "3:3 UNKNOWN_SCHEMA", "Nope.schema.json"},
      {"---\ninput:\n  schema: {a: strng}\n---\n{{#if 0}}{{/if}}B", "3:12 UNKNOWN_SCHEMA",
       "\"strng\""},
      {"---\nx.y: !t 1\n---\nB", "2:6 UNKNOWN_TAG", "\"!t\""},
  };
  for (const auto& [text, codes, message] : kCases) {
    const Loaded loaded = LoadPrompt(text);
    EXPECT_NE(loaded.closure, nullptr) << text << loaded.Text();
    EXPECT_EQ(loaded.Codes(), codes) << text << loaded.Text();
    EXPECT_THAT(loaded.Text(), HasSubstr(message)) << text;
  }
}

TEST(FrontMatterTest, AllKeysAreRead) {
  const Loaded loaded = LoadPrompt(R"(---
name: triage
version: 3
variant: short
description: Sorts tickets
model: openai/gpt-4o-mini
config: {temperature: 0.5, stopSequences: [END]}
input:
  default: {tone: kind}
  schema: {ticket: string, tone?: string}
output:
  format: json
  schema: {label: string}
tools: []
team.owner: ada
colophon:
  timeout: 1m30s
  fallbacks: [anthropic/claude]
colophon.retries: 2
colophon.overrides: [model, temperature]
---
{{tone}} {{ticket}}
)");
  ASSERT_NE(loaded.closure, nullptr) << loaded.Text();
  EXPECT_EQ(loaded.Codes(), "");
  const prompt::FrontMatter& matter = loaded.closure->prompt->front_matter();
  EXPECT_EQ(matter.model, "openai/gpt-4o-mini");
  EXPECT_EQ(matter.description, "Sorts tickets");
  EXPECT_EQ(matter.variant, "short");
  EXPECT_EQ(WriteJson(matter.config), R"({"temperature":0.5,"stopSequences":["END"]})");
  EXPECT_EQ(matter.timeout, absl::Seconds(90));
  EXPECT_EQ(matter.retries, 2);
  EXPECT_THAT(matter.fallbacks, ElementsAre("anthropic/claude"));
  EXPECT_THAT(matter.overrides, ElementsAre("model", "temperature"));
  EXPECT_EQ(matter.output_format, "json");
  EXPECT_EQ(matter.raw.begin()->key(), "name");
  EXPECT_EQ(matter.raw.size(), 13u);

  render::Input input;
  input.variables = Object(R"({"ticket":"T"})");
  const auto rendered = render::Render(*loaded.closure, input);
  ASSERT_OK(rendered);
  EXPECT_THAT(*rendered, EqualsProto(R"pb(
    messages {
      role: ROLE_USER
      parts { text: "kind T" }
    }
    model: "openai/gpt-4o-mini"
    config {
      fields {
        key: "stopSequences"
        value { list_value { values { string_value: "END" } } }
      }
      fields {
        key: "temperature"
        value { number_value: 0.5 }
      }
    }
    output_schema: "{\"type\":\"object\",\"properties\":{\"label\":{\"type\":\"string\"}},\"required\":[\"label\"],\"additionalProperties\":false}"
    output_format: "json"
  )pb"));
}

TEST(FrontMatterTest, DefaultsApplyThenVariables) {
  const char* kText = "---\ninput:\n  default: {a: 1, b: 2}\n---\n{{a}} {{b}} {{c}} {{json this}}";
  EXPECT_EQ(Output(kText, R"({"b":3,"c":4})"), R"(1 3 4 {"a":1,"b":3,"c":4})");
  EXPECT_EQ(Output(kText, R"({"a":null})"), R"( 2  {"a":null,"b":2})");
}

TEST(FrontMatterTest, AllMissingVariablesAreNamed) {
  const char* kText =
      "---\ninput:\n  default: {d: 1}\n  schema: {a: string, b?: string, c: any, d: any}\n---\nB";
  EXPECT_THAT(
      RenderText(kText, R"({"x":1})"),
      ErrorIs(absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE", HasSubstr("\"a\", \"c\"")));
  EXPECT_THAT(
      RenderText(kText, R"({"a":1})"),
      ErrorIs(absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE", HasSubstr("variable \"c\"")));
  EXPECT_EQ(Output(kText, R"({"a":"1","c":null})"), "B");
}

TEST(FrontMatterTest, APartialHasNone) {
  EXPECT_EQ(Output("{{> p}}", "{}", {{"p", "---\nmodel: x\n---\nB"}}), "---\nmodel: x\n---\nB");
}

TEST(FrontMatterTest, LongOnesAreRefused) {
  EXPECT_EQ(LoadPrompt("---\na.b: " + std::string(70'000, 'x') + "\n---\nB").Codes(),
            "2:0 TOO_LARGE");
}

TEST(FrontMatterTest, MetadataKeepsTheOrderOfTheFile) {
  EXPECT_EQ(Output("---\nmodel: m/x\ninput: {default: {a: 1}}\ntools: [t]\nname: n\n---\n"
                   "{{json @metadata.prompt}}"),
            R"({"ext":{},"metadata":{},"config":{},"model":"m/x","tools":["t"],"name":"n",)"
            R"("raw":{"model":"m/x","input":{"default":{"a":1}},"tools":["t"],"name":"n"},)"
            R"("toolDefs":[]})");
}

}  // namespace
}  // namespace colophon
