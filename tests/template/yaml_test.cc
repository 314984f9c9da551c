#include "service/template/syntax/yaml.h"

#include "service/base/json.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

std::string Read(std::string_view text) {
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink("f", &diagnostics);
  const auto document = syntax::ParseYaml(text, 1, &sink);
  if (!document) {
    Loaded loaded;
    loaded.diagnostics = diagnostics;
    return loaded.Codes();
  }
  return WriteJson(document->value);
}

// As the npm package `yaml` 2.9 reads them.
TEST(YamlTest, ScalarsHaveTheCoreSchemasTypes) {
  const std::pair<const char*, const char*> kCases[] = {
      {"1", "1"},
      {"-1", "-1"},
      {"+1", "1"},
      {"01", "1"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"1.0", "1"},
      {"1.", "1"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1e3", "1000"},
      {"1E-3", "0.001"},
      {"true", "true"},
      {"True", "true"},
      {"FALSE", "false"},
      {"yes", "\"yes\""},
      {"no", "\"no\""},
      {"on", "\"on\""},
      {"~", "null"},
      {"null", "null"},
      {"NULL", "null"},
      {"nULL", "\"nULL\""},
      {"\"1\"", "\"1\""},
      {"'true'", "\"true\""},
      {"2024-01-01", "\"2024-01-01\""},
      {"12:30", "\"12:30\""},
      {"1_000", "\"1_000\""},
      {"0x", "\"0x\""},
      {"1e", "\"1e\""},
      {"0b11", "\"0b11\""},
      {"1.2.3", "\"1.2.3\""},
      {".", "\".\""},
      {"!!str 12", "\"12\""},
      {"!!int \"12\"", "12"},
      {"'it''s'", "\"it's\""},
      {"\"\\u00e9\\n\"", "\"é\\n\""},
      {"|\n  a\n  b\n", "\"a\\nb\\n\""},
      {"|-\n  a", "\"a\""},
      {">\n  a\n  b\n", "\"a b\\n\""},
      {"a # c", "\"a\""},
      {"a#b", "\"a#b\""},
      {"http://x/y?z", "\"http://x/y?z\""},
      {"12345678901234567890", "12345678901234567000"},
      {"9007199254740992", "9007199254740992"},
      {"", "null"},
      {"# c", "null"},
  };
  for (const auto& [text, json] : kCases) EXPECT_EQ(Read(text), json) << text;
}

TEST(YamlTest, MapsAndListsKeepTheirOrder) {
  EXPECT_EQ(Read("b: 1\na: [x, {y: z}]\n1.0: q\n? k\n: v\n"),
            "{\"b\":1,\"a\":[\"x\",{\"y\":\"z\"}],\"1\":\"q\",\"k\":\"v\"}");
  EXPECT_EQ(Read("a: &x [1]\nb: *x\n"), "{\"a\":[1],\"b\":[1]}");
  EXPECT_EQ(Read("a:\r\n  b: 1\r\n"), "{\"a\":{\"b\":1}}");
  EXPECT_EQ(Read("a: 1\rb: 2\r"), "{\"a\":1,\"b\":2}");
}

// yaml-cpp alone takes the "?" for a key's mark.
TEST(YamlTest, QuestionMarksStandInWordsEverywhere) {
  EXPECT_EQ(Read("{a?: string, b?(array): \"why?\"}"),
            "{\"a?\":\"string\",\"b?(array)\":\"why?\"}");
  EXPECT_EQ(Read("a: what?\nb: |\n  who? \xee\x80\x80?\n"),
            "{\"a\":\"what?\",\"b\":\"who? \xee\x80\x80?\\n\"}");
}

TEST(YamlTest, RefusesWhatIsNoYamlWithItsPlace) {
  const std::pair<const char*, const char*> kCases[] = {
      {"a: [", "2:1 BAD_YAML"},
      {"a: b: c", "1:5 BAD_YAML"},
      {"a: 1\na: 2", "2:1 BAD_YAML"},
      {"é: 1\nb: @x", "2:4 BAD_YAML"},
      {"éé: a: b", "1:6 BAD_YAML"},
      {"a: *b", "1:4 BAD_YAML"},
      {"a: \x04", "1:4 BAD_YAML"},
      {"a: \x7f", "1:4 BAD_YAML"},
      {"a: 1\n---\nb: 2", "2:1 BAD_YAML"},
      {"[a]: b", "1:1 BAD_YAML"},
      {"a: \"x", "2:1 BAD_YAML"},
      {"a: 'x\nb: c", "3:1 BAD_YAML"},
      {"a: {b: c", "2:1 BAD_YAML"},
      // yaml-cpp's LoadAll goes round for ever on these.
      {"&x;0( ,[ 1x1F, ~]\nb: *x\nc:\nc: |\"\"q\\u00e9\"", "1:7 BAD_YAML"},
      {"&x;0( ,[1]", "1:7 BAD_YAML"},
  };
  for (const auto& [text, codes] : kCases) EXPECT_EQ(Read(text), codes) << text;
}

TEST(YamlTest, MessagesAreUtf8WhateverTheyQuote) {
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink("p.prompt", &diagnostics);
  EXPECT_FALSE(syntax::ParseYaml("a: \"q\\\xef\xbb\xbf\"", 1, &sink));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].message(), "not YAML: unknown escape character: ?");
}

TEST(YamlTest, AliasesCannotGrowWithoutEnd) {
  std::string text = "a0: [x, x, x, x, x, x, x, x, x, x]\n";
  text.insert(4, "&a0 ");
  for (int i = 1; i < 8; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) text += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(Read(text), testing::HasSubstr("BAD_YAML"));
}

TEST(YamlTest, DeepNestingIsAnErrorNotACrash) {
  EXPECT_THAT(Read(std::string(5000, '[')), testing::HasSubstr("BAD_YAML"));
  EXPECT_THAT(Read(std::string(300, '[') + std::string(300, ']')), testing::HasSubstr("BAD_YAML"));
}

TEST(YamlTest, KnowsWhereEveryMemberStands) {
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink("f", &diagnostics);
  const auto document = syntax::ParseYaml("a:\n  b/c: [1,\n    é, x]\n", 10, &sink);
  ASSERT_TRUE(document);
  const auto at = [&](const char* pointer) {
    const Position position = syntax::FindPosition(document->positions, pointer);
    return std::make_pair(position.line, position.column);
  };
  EXPECT_EQ(at("/a"), std::make_pair(10, 1));
  EXPECT_EQ(at("/a/b~1c"), std::make_pair(11, 3));
  EXPECT_EQ(at("/a/b~1c/1"), std::make_pair(12, 5));
  EXPECT_EQ(at("/a/b~1c/2"), std::make_pair(12, 8));
  EXPECT_EQ(at("/a/b~1c/2/none"), std::make_pair(12, 8));
  EXPECT_EQ(at("/none"), std::make_pair(10, 1));
}

}  // namespace
}  // namespace colophon
