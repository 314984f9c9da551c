#include "client/cli/import/template_writer.h"

#include "client/cli/import/prompt_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/import/import_testing.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What each of the writer's rules is for, and more.
const std::vector<std::string>& NastyTexts() {
  static const auto* const kTexts = new std::vector<std::string>{
      "plain",
      "{{x}}",
      "a {{ b }} c",
      "{{{x}}}",
      "{{{{x}}}}",
      "{{{{{",
      "\\{{x}}",
      "\\\\{{x}}",
      "\\\\\\{{x}} \\{{y}}",
      "{{a}}\\{{b}}\\\\{{c}}",
      "{{\\{{",
      "{{#if x}}yes{{/if}}",
      "{{! a comment }}",
      "{{!-- }} --}}",
      "{{> partial}}",
      "{{else}}",
      "}}",
      "} } }}",
      "{",
      "ends in {",
      "ends in {{",
      "ends in {{{",
      "ends in \\",
      "ends in \\\\",
      "}begins with",
      "---\nmodel: x\n---\nbody",
      "---",
      "---\n",
      "# licence\n\n---\nmodel: x\n---\n",
      "--- text",
      "  two spaces  ",
      "\n\nbreaks\n\n",
      "\r\nbreaks\r\n",
      "\t\ntab",
      "\xc2\xa0no-break\xc2\xa0",
      "\xef\xbb\xbfmark",
      "<<<dotprompt:role:system>>>",
      "JSON {\"a\": {\"b\": {}}}",
      "{% raw %} {# x #}",
      "\xf0\x9f\xa6\x8a{{\xf0\x9f\xa6\x8a}}",
      "line {\n} line",
  };
  return *kTexts;
}

ImportedVersion VersionOf(const TemplateWriter& body, const json::object& matter = {}) {
  ImportedVersion version;
  version.files.push_back({"a.prompt", PromptText(matter, body)});
  return version;
}

const json::object& Matter() {
  static const auto* const kMatter = new json::object{{"model", "echo/any"}};
  return *kMatter;
}

TEST(TemplateWriterTest, RendersTextAsItIs) {
  for (const std::string& text : NastyTexts()) {
    TemplateWriter body;
    body.Text(text);
    EXPECT_THAT(RenderVersion(VersionOf(body)), ElementsAre("user|" + text)) << body.Body(true);
    EXPECT_THAT(RenderVersion(VersionOf(body, Matter())), ElementsAre("user|" + text))
        << body.Body(false);
  }
}

TEST(TemplateWriterTest, KeepsTextBesideTags) {
  for (const std::string& first : NastyTexts()) {
    for (const std::string& second : NastyTexts()) {
      TemplateWriter body;
      body.Text(first);
      body.Variable("x");
      body.Text(second);
      EXPECT_THAT(RenderVersion(VersionOf(body, Matter()), {{"x", "*"}}),
                  ElementsAre("user|" + first + "*" + second))
          << body.Body(false);
    }
  }
}

TEST(TemplateWriterTest, KeepsTextInBlocks) {
  for (const std::string& text : NastyTexts()) {
    TemplateWriter body;
    body.Text(text);
    body.Open("{{#if x}}");
    body.Text(text);
    body.Else("{{else if y}}");
    body.Text("Y" + text);
    body.Else("{{else}}");
    body.Text(text + "E");
    body.Close("{{/if}}");
    body.Text(text);
    const ImportedVersion version = VersionOf(body, Matter());
    EXPECT_THAT(RenderVersion(version, {{"x", true}}), ElementsAre("user|" + text + text + text))
        << body.Body(false);
    EXPECT_THAT(RenderVersion(version, {{"y", true}}),
                ElementsAre("user|" + text + "Y" + text + text));
    EXPECT_THAT(RenderVersion(version), ElementsAre("user|" + text + text + "E" + text));
  }
}

TEST(TemplateWriterTest, KeepsTextOfMessages) {
  for (const std::string& first : NastyTexts()) {
    for (const std::string& second : NastyTexts()) {
      TemplateWriter body;
      body.Role("system");
      body.Text(first);
      body.Role("user");
      body.Text(second);
      body.Role("model");
      body.Variable("x");
      EXPECT_THAT(RenderVersion(VersionOf(body), {{"x", "*"}}),
                  ElementsAre("system|" + first, "user|" + second, "model|*"))
          << body.Body(true);
    }
  }
}

TEST(TemplateWriterTest, KeepsTextAroundPartials) {
  for (const std::string& text : NastyTexts()) {
    TemplateWriter body;
    body.Text(text);
    body.Partial("p");
    body.Text(text);
    TemplateWriter partial;
    partial.Text(text);
    ImportedVersion version = VersionOf(body, Matter());
    version.files.push_back({"_p.prompt", partial.Body(/*alone=*/true)});
    EXPECT_THAT(RenderVersion(version), ElementsAre("user|" + text + text + text))
        << body.Body(false);
  }
}

TEST(TemplateWriterTest, WritesAFileThatPeopleRead) {
  TemplateWriter body;
  body.Role("system");
  body.Text("Be kind.");
  body.History();
  body.Role("user");
  body.Variable("question");
  EXPECT_EQ(body.Body(/*alone=*/false),
            "{{role \"system\"~}}\nBe kind.\n\n{{~history~}}\n{{~role \"user\"~}}\n{{question}}\n");
  TemplateWriter text;
  text.Text("Hello {name},\n");
  EXPECT_EQ(text.Body(/*alone=*/true), "Hello {name},\n");
}

TEST(TemplateWriterTest, NamesAnyVariable) {
  for (const char* name : {"name", "my name", "1st", "if", "history", "json", "this", "true", "as",
                           "a-b", "a]b", "a\\b", "\xc3\xa9t\xc3\xa9", "type", "else"}) {
    TemplateWriter body;
    body.Variable(name);
    const json::object matter{{"input", {{"schema", SchemaOfVariables(body.variables())}}}};
    const ImportedVersion version = VersionOf(body, matter);
    EXPECT_THAT(RenderVersion(version, {{name, "value"}}), ElementsAre("user|value"))
        << version.files[0].content;
    EXPECT_THAT(RenderVersion(version), ElementsAre(HasSubstr("requires the variable"))) << name;
  }
}

TEST(TemplateWriterTest, WritesMedia) {
  TemplateWriter body;
  body.Media("https://example.com/a.png?x=\"1\"&y={{2}}");
  body.MediaVariable("photo");
  EXPECT_THAT(RenderVersion(VersionOf(body), {{"photo", "data:image/png;base64,AAAA"}}),
              ElementsAre("user|<https://example.com/a.png?x=\"1\"&y={{2}}>"
                          "<data:image/png;base64,AAAA>"));
}

TEST(PromptTextTest, WritesYamlThatReadsBackTheSame) {
  const json::object matter{
      {"description", "a: b # c, \"quoted\"\nand more \x7f\x01 \xc3\xa9 ? * & ! | > % @ `"},
      {"model", "openai/gpt-4o"},
      {"config",
       {{"temperature", 0.2},
        {"topP", 1},
        {"big", 1e21},
        {"flag", true},
        {"stopSequences", {"true", "123", "1.5", "null", "~", "", " x ", "- y", "a, b", "{c}"}},
        {"nested", {{"list", {{{"a", nullptr}, {"b", json::object()}}, json::array()}}}}}},
      {"toolDefs",
       {{{"name", "get"},
         {"inputSchema",
          {{"type", "object"}, {"properties", {{"a b", {{"type", "string"}}}, {"no", false}}}}}}}},
  };
  TemplateWriter body;
  body.Text("x");
  EXPECT_EQ(FrontMatterOf(VersionOf(body, matter)), matter) << ToYaml(matter);
}

}  // namespace
}  // namespace colophon
