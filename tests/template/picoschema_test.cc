#include "service/template/schema/picoschema.h"

#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;

struct Result {
  std::string schema;
  std::string problems;  // "code pointer" a line.
};

Result Convert(std::string_view text) {
  const schema::Resolver resolve = [](std::string_view name) -> std::optional<json::value> {
    if (name == "Foo") return json::object{{"type", "number"}, {"description", "a foo"}};
    if (name == "Yes") return json::value(true);
    if (name == "Tree") {
      return *ParseJson(R"j({"type":"object","properties":{"$ref":{"$ref":"#/$defs/id"},)j"
                        R"j("more":{"items":{"$ref":"#"}}},"default":{"$ref":"#"},)j"
                        R"j("$defs":{"id":{"type":"string"}}})j");
    }
    if (name == "Named") return *ParseJson(R"j({"$id":"urn:n","items":{"$ref":"#"}})j");
    return std::nullopt;
  };
  std::vector<schema::Problem> problems;
  const auto schema = ParseJson(text);
  EXPECT_OK(schema) << text;
  Result result;
  result.schema = WriteJson(schema::ToJsonSchema(*schema, resolve, &problems));
  for (const schema::Problem& problem : problems) {
    result.problems += problem.code + " " + problem.pointer + "\n";
  }
  return result;
}

TEST(PicoschemaTest, BecomesJsonSchema) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"j(null)j", R"j(null)j"},
      {R"j("string")j", R"j({"type":"string"})j"},
      {R"j("number,   the number, yes")j",
       R"j({"type":"number","description":"the number, yes"})j"},
      {R"j("any")j", R"j({})j"},
      {R"j("any, text")j", R"j({"description":"text"})j"},
      {R"j("Foo")j", R"j({"type":"number","description":"a foo"})j"},
      {R"j("Foo, mine")j", R"j({"type":"number","description":"mine"})j"},
      {R"j("Yes")j", R"j(true)j"},
      {R"j({"a":"string","b?":"integer, text"})j",
       R"j({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","n)j"
       R"j(ull"],"description":"text"}},"required":["a"],"additionalProperties":false})j"},
      {R"j({"a?":"any","b?":"null","c?":"Foo"})j",
       R"j({"type":"object","properties":{"a":{},"b":{"type":"null"},"c":{"type":["number)j"
       R"j(","null"],"description":"a foo"}},"additionalProperties":false})j"},
      {R"j({"t(array, list)":"string, one","u?(array)":{"v":"boolean"}})j",
       R"j({"type":"object","properties":{"t":{"type":"array","items":{"type":"string","d)j"
       R"j(escription":"one"},"description":"list"},"u":{"type":["array","null"],"items":)j"
       R"j({"type":"object","properties":{"v":{"type":"boolean"}},"required":["v"],"addit)j"
       R"j(ionalProperties":false}}},"required":["t"],"additionalProperties":false})j"},
      {R"j({"o?(object, text)":{"p?":"string"}})j",
       R"j({"type":"object","properties":{"o":{"type":["object","null"],"properties":{"p")j"
       R"j(:{"type":["string","null"]}},"additionalProperties":false,"description":"text")j"
       R"j(}},"additionalProperties":false})j"},
      {R"j({"e(enum, a (b))":["A",1],"f?(enum)":["B"],"g?(enum)":[null]})j",
       R"j({"type":"object","properties":{"e":{"enum":["A",1],"description":"a (b)"},"f":)j"
       R"j({"enum":["B",null]},"g":{"enum":[null]}},"required":["e"],"additionalPropertie)j"
       R"j(s":false})j"},
      {R"j({"a":"string","(*)":"number, more"})j",
       R"j({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additi)j"
       R"j(onalProperties":{"type":"number","description":"more"}})j"},
      {R"j({"(*)":"any"})j", R"j({"type":"object","properties":{},"additionalProperties":{}})j"},
      {R"j({"type":"string","minLength":1})j", R"j({"type":"string","minLength":1})j"},
      {R"j({"type":["string","null"]})j", R"j({"type":["string","null"]})j"},
      {R"j({"properties":{"a":{"type":"string"}}})j",
       R"j({"properties":{"a":{"type":"string"}},"type":"object"})j"},
      {R"j({"$ref":"#/$defs/a"})j", R"j({"$ref":"#/$defs/a"})j"},
      {R"j({})j", R"j({"type":"object","properties":{},"additionalProperties":false})j"},
  };
  for (const auto& [text, schema] : kCases) {
    const Result result = Convert(text);
    EXPECT_EQ(result.schema, schema) << text;
    EXPECT_EQ(result.problems, "") << text;
  }
}

TEST(PicoschemaTest, ANamedSchemaStillRefersToItself) {
  const std::string tree =
      R"j({"type":"object","properties":{"$ref":{"$ref":"#/$defs/Tree/$defs/id"},)j"
      R"j("more":{"items":{"$ref":"#/$defs/Tree"}}},"default":{"$ref":"#"},)j"
      R"j("$defs":{"id":{"type":"string"}}})j";
  const Result result = Convert(R"j({"a":"Tree, mine","b?":"Tree","c(array)":"Tree"})j");
  EXPECT_EQ(result.problems, "");
  EXPECT_EQ(result.schema,
            R"j({"type":"object","properties":{"a":{"$ref":"#/$defs/Tree","description":"mine"},)j"
            R"j("b":{"anyOf":[{"$ref":"#/$defs/Tree"},{"type":"null"}]},)j"
            R"j("c":{"type":"array","items":{"$ref":"#/$defs/Tree"}}},"required":["a","c"],)j"
            R"j("additionalProperties":false,"$defs":{"Tree":)j" +
                tree + "}}");
  // At the top it is the whole schema; and an $id says what "#" is.
  EXPECT_NE(Convert(R"j("Tree")j").schema.find(R"j({"$ref":"#/$defs/id"})j"), std::string::npos);
  EXPECT_EQ(Convert(R"j({"n":"Named"})j").schema,
            R"j({"type":"object","properties":{"n":{"$id":"urn:n","items":{"$ref":"#"}}},)j"
            R"j("required":["n"],"additionalProperties":false})j");
}

TEST(PicoschemaTest, SaysWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"j(5)j", "BAD_SCHEMA \n"},
      {R"j([])j", "BAD_SCHEMA \n"},
      {R"j({"a":5,"b":{"c":true}})j", "BAD_SCHEMA /a\nBAD_SCHEMA /b/c\n"},
      {R"j({"a(list)":"string"})j", "BAD_SCHEMA /a(list)\n"},
      {R"j({"a(array":"string"})j", "BAD_SCHEMA /a(array\n"},
      {R"j({"?":"string"})j", "BAD_SCHEMA /?\n"},
      {R"j({"a(enum)":"x"})j", "BAD_SCHEMA /a(enum)\n"},
      {R"j({"a(enum)":[]})j", "BAD_SCHEMA /a(enum)\n"},
      {R"j({"a":"string","a?":"string"})j", "BAD_SCHEMA /a?\n"},
      {R"j({"x/y":"Nope"})j", "UNKNOWN_SCHEMA /x~1y\n"},
      {R"j("Nope")j", "UNKNOWN_SCHEMA \n"},
  };
  for (const auto& [text, problems] : kCases) EXPECT_EQ(Convert(text).problems, problems) << text;
  EXPECT_EQ(Convert("\"Nope\"").schema, "null");
}

TEST(PicoschemaTest, DeepSchemasAreRefused) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "{\"a\":";
  text += "\"string\"" + std::string(200, '}');
  EXPECT_THAT(Convert(text).problems, testing::StartsWith("BAD_SCHEMA /a/a"));
}

TEST(PicoschemaTest, ListsTheNamesOfSchemas) {
  const auto schema =
      ParseJson(R"j({"a":"Foo, x","b(array)":"Bar","c":"string","d":{"e":"Foo"}})j");
  EXPECT_THAT(schema::SchemaNames(*schema), ElementsAre("Bar", "Foo"));
  EXPECT_THAT(schema::RequiredProperties(*ParseJson(R"j({"required":["b","a",1]})j")),
              ElementsAre("b", "a"));
  EXPECT_THAT(schema::RequiredProperties(*ParseJson(R"j({"required":"b"})j")), ElementsAre());
}

}  // namespace
}  // namespace colophon
