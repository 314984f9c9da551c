#include "service/template/schema/json_schema.h"

#include <cmath>
#include <thread>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/json.h"
#include "tests/template/json_schema_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

// A schema, a value that it allows, and values that it doesn't with what is said.
struct Case {
  const char* schema;
  std::vector<const char*> valid;
  std::vector<std::pair<const char*, const char*>> invalid;
};

void RunCases(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    for (const char* value : one.valid) {
      EXPECT_EQ(Violations(one.schema, value), "") << one.schema << " " << value;
    }
    for (const auto& [value, violations] : one.invalid) {
      EXPECT_EQ(Violations(one.schema, value), violations) << one.schema << " " << value;
    }
  }
}

TEST(JsonSchemaTest, ChecksTypes) {
  RunCases({
      {R"({"type":"string"})", {R"("")"}, {{"5", "all: 5 is an integer, not a string\n"}}},
      {R"({"type":"integer"})",
       {"1", "1.0", "-3", "1e300", "18446744073709551615"},
       {{"1.5", "all: 1.5 is a number, not an integer\n"},
        {R"("3")", "all: \"3\" is a string, not an integer\n"}}},
      {R"({"type":"number"})", {"1", "1.5"}, {{"true", "all: true is a boolean, not a number\n"}}},
      {R"({"type":"boolean"})", {"false"}, {{"null", "all: null is not a boolean\n"}}},
      {R"({"type":"object"})", {"{}"}, {{"[]", "all: an array is not an object\n"}}},
      {R"({"type":"array"})", {"[]"}, {{"{}", "all: an object is not an array\n"}}},
      {R"({"type":"null"})", {"null"}, {{"0", "all: 0 is an integer, not null\n"}}},
      {R"({"type":["string","integer","null"]})",
       {"null", "1"},
       {{"1.5", "all: 1.5 is a number, not a string, an integer or null\n"}}},
      // Of another type there is nothing else to say.
      {R"({"type":"string","enum":["a"],"minLength":1})",
       {R"("a")"},
       {{"7", "all: 7 is an integer, not a string\n"}}},
      {"true", {"1"}, {}},
      {"{}", {"1"}, {}},
      {"false", {}, {{"1", "all: 1 is not allowed here\n"}}},
  });
}

TEST(JsonSchemaTest, ChecksEnumAndConst) {
  RunCases({
      {R"({"properties":{"ticket":{"properties":{"priority":{"enum":["low","high"]}}}}})",
       {R"({"ticket":{"priority":"low"}})"},
       {{R"({"ticket":{"priority":"urgnt"}})",
         "/ticket/priority: \"urgnt\" is not one of \"low\", \"high\"\n"}}},
      {R"({"enum":[1,{"a":1,"b":[2.0]},null]})",
       {"1.0", R"({"b":[2],"a":1.0})", "null"},
       {{"true", "all: true is not one of 1, an object of 2, null\n"},
        {R"({"a":1})", "all: an object of 1 is not one of 1, an object of 2, null\n"}}},
      {R"({"enum":[1,2,3,4,5,6,7,8,9,10,11,12]})",
       {"12"},
       {{"0", "all: 0 is not one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more\n"}}},
      {R"({"const":[1,"a"]})",
       {R"([1.0,"a"])"},
       {{R"(["a",1])", "all: an array of 2 is not an array of 2, the only value allowed\n"}}},
      {R"({"const":9007199254740993})",
       {"9007199254740993"},
       {{"9007199254740992",
         "all: 9007199254740992 is not 9007199254740993, the only value allowed\n"},
        {"9007199254740992.0",
         "all: 9007199254740992 is not 9007199254740993, the only value allowed\n"}}},
      {R"({"const":0})",
       {"0", "0.0", "-0.0"},
       {{"false", "all: false is not 0, the only value allowed\n"}}},
  });
}

TEST(JsonSchemaTest, ChecksNumbers) {
  RunCases({
      {R"({"minimum":10})", {"10", R"("a")"}, {{"9.5", "all: 9.5 is less than the minimum 10\n"}}},
      {R"({"maximum":10})", {"10.0"}, {{"11", "all: 11 is greater than the maximum 10\n"}}},
      {R"({"exclusiveMinimum":10})", {"10.1"}, {{"10", "all: 10 is not greater than 10\n"}}},
      {R"({"exclusiveMaximum":10})", {"9"}, {{"10.0", "all: 10 is not less than 10\n"}}},
      {R"({"maximum":18446744073709551614})",
       {"18446744073709551614", "-1"},
       {{"18446744073709551615",
         "all: 18446744073709551615 is greater than the maximum 18446744073709551614\n"}}},
      {R"({"multipleOf":0.01})",
       {"19.99", "0", "-4.35", "7"},
       {{"0.005", "all: 0.005 is not a multiple of 0.01\n"}}},
      {R"({"multipleOf":3})",
       {"9", "-9", "9.0", "9223372036854775806"},
       {{"10", "all: 10 is not a multiple of 3\n"},
        {"1e-300", "all: 1e-300 is not a multiple of 3\n"}}},
  });
}

TEST(JsonSchemaTest, ChecksStrings) {
  RunCases({
      {R"({"minLength":3})",
       {R"("äöü")", "1"},
       {{R"("äö")", "all: \"äö\" has 2 characters; at least 3 needed\n"}}},
      {R"({"maxLength":1})",
       {R"("🙂")"},
       {{R"("ab")", "all: \"ab\" has 2 characters; at most 1 allowed\n"}}},
      {R"({"pattern":"^\\d{3}$"})",
       {R"("123")"},
       {{R"("1234")", "all: \"1234\" does not match the pattern \"^\\d{3}$\"\n"}}},
      {R"({"pattern":"b"})",
       {R"("abc")"},
       {{R"("x")", "all: \"x\" does not match the pattern \"b\"\n"}}},
      {R"({"format":"date"})",
       {R"("2024-02-29")", "5"},
       {{R"("2023-02-29")", "all: \"2023-02-29\" is no date such as \"2026-02-28\"\n"}}},
      {R"({"format":"email"})",
       {R"("ada@example.com")"},
       {{R"("ada")", "all: \"ada\" is no email such as \"ada@example.com\"\n"}}},
  });
}

TEST(JsonSchemaTest, ChecksArrays) {
  RunCases({
      {R"({"items":{"type":"string"}})",
       {"[]", R"(["a"])", "{}"},
       {{R"(["a",1,null])", "/1: 1 is an integer, not a string\n/2: null is not a string\n"}}},
      {R"({"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false})",
       {R"(["a"])", R"(["a",1])"},
       {{R"([1,1,"x"])", "/0: 1 is an integer, not a string\n/2: \"x\" is not allowed here\n"}}},
      {R"({"items":[{"type":"string"}],"additionalItems":{"type":"integer"}})",
       {R"(["a",1,2])"},
       {{R"(["a","b"])", "/1: \"b\" is a string, not an integer\n"}}},
      {R"({"minItems":2,"maxItems":3})",
       {"[1,2]"},
       {{"[1]", "all: an array has 1 item; at least 2 needed\n"},
        {"[1,2,3,4]", "all: an array has 4 items; at most 3 allowed\n"}}},
      {R"({"uniqueItems":true})",
       {R"([1,true,"1",[1],[true],{"a":1},{"a":true}])"},
       {{R"(["a",{"x":1,"y":2},"b",{"y":2.0,"x":1}])",
         "all: the items 1 and 3 are equal: an object of 2\n"}}},
      {R"({"contains":{"type":"string"}})",
       {R"([1,"a"])"},
       {{"[1,2]",
         "all: 0 of the 2 items are what \"contains\" describes; at least 1 has to be\n"}}},
      {R"({"contains":{"const":1},"minContains":2,"maxContains":3})",
       {"[1,1,2]", "[1,1,1]"},
       {{"[1]", "all: 1 of the 1 item is what \"contains\" describes; at least 2 have to be\n"},
        {"[1,1,1,1]", "all: more than 3 of the 4 items are what \"contains\" describes\n"}}},
      {R"({"contains":{"const":1},"minContains":0})", {"[]"}, {}},
  });
}

TEST(JsonSchemaTest, ChecksObjects) {
  RunCases({
      {R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id","name"]})",
       {R"({"id":1,"name":0})"},
       {{R"({"id":"x"})",
         "all: the required property \"name\" is missing\n/id: \"x\" is a string, not an "
         "integer\n"}}},
      {R"({"properties":{"id":{},"na/me":{}},"additionalProperties":false})",
       {R"({"id":1})"},
       {{R"({"idd":1,"a~b":2})",
         "/idd: there is no such property; there is \"id\", \"na/me\"\n"
         "/a~0b: there is no such property; there is \"id\", \"na/me\"\n"}}},
      {R"({"additionalProperties":false})",
       {"{}"},
       {{R"({"a":1})", "/a: there may be no such property\n"}}},
      {R"({"properties":{"a":{"minimum":1}},"patternProperties":{"^n_":{"type":"integer"}},)"
       R"("additionalProperties":{"type":"string"}})",
       {R"({"a":1,"n_x":2,"z":"s"})"},
       {{R"({"a":0,"n_x":"s","z":3})",
         "/a: 0 is less than the minimum 1\n/n_x: \"s\" is a string, not an integer\n"
         "/z: 3 is an integer, not a string\n"}}},
      {R"({"propertyNames":{"maxLength":2}})",
       {R"({"ab":1})"},
       {{R"({"abc":1})",
         "/abc: the name is not allowed: \"abc\" has 3 characters; at most 2 allowed\n"}}},
      {R"({"minProperties":1,"maxProperties":2})",
       {R"({"a":1})"},
       {{"{}", "all: an object has 0 properties; at least 1 needed\n"},
        {R"({"a":1,"b":1,"c":1})", "all: an object has 3 properties; at most 2 allowed\n"}}},
      {R"({"dependentRequired":{"card":["cvc","name"]}})",
       {"{}", R"({"card":1,"cvc":1,"name":1})"},
       {{R"({"card":1,"cvc":1})",
         "all: the property \"name\" is missing, which \"card\" requires\n"}}},
      {R"({"dependentSchemas":{"a":{"required":["b"]}}})",
       {"{}", R"({"a":1,"b":1})"},
       {{R"({"a":1})", "all: the required property \"b\" is missing\n"}}},
      {R"({"dependencies":{"a":["b"],"c":{"maxProperties":1}}})",
       {R"({"a":1,"b":1})", R"({"c":1})"},
       {{R"({"a":1,"c":1})",
         "all: the property \"b\" is missing, which \"a\" requires\n"
         "all: an object has 2 properties; at most 1 allowed\n"}}},
  });
}

TEST(JsonSchemaTest, ChecksAlternatives) {
  RunCases({
      {R"({"allOf":[{"minimum":1},{"maximum":3}]})",
       {"2"},
       {{"0", "all: 0 is less than the minimum 1\n"}}},
      {R"({"anyOf":[{"type":"string"},{"minimum":10}]})",
       {R"("a")", "11"},
       // Only the second is about numbers.
       {{"5", "all: 5 is less than the minimum 10\n"}}},
      {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})",
       {"1", "null"},
       {{R"("a")",
         "all: \"a\" is none of the 2 alternatives: (1) \"a\" is a string, not an integer; "
         "(2) \"a\" is a string, not null\n"}}},
      {R"({"properties":{"a":{"anyOf":[{"$ref":"#/$defs/t"},{"type":"null"}]}},)"
       R"("$defs":{"t":{"type":"object","properties":{"id":{"type":"integer"}}}}})",
       {R"({"a":null})", R"({"a":{"id":1}})"},
       {{R"({"a":{"id":"x"}})", "/a/id: \"x\" is a string, not an integer\n"}}},
      {R"({"oneOf":[{"required":["a"]},{"required":["b"]}]})",
       {R"({"a":1})"},
       {{R"({"a":1,"b":1})",
         "all: an object of 2 is more than one of the 2 alternatives, which exclude each other: "
         "(1) and (2)\n"},
        {"{}",
         "all: an object of 0 is none of the 2 alternatives: (1) the required property \"a\" is "
         "missing; (2) the required property \"b\" is missing\n"}}},
      {R"({"oneOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"const":"b"}}}]})",
       {R"({"k":"a"})"},
       {{R"({"k":"c"})",
         "all: an object of 1 is none of the 2 alternatives: (1) /k: \"c\" is not \"a\", the only "
         "value allowed; (2) /k: \"c\" is not \"b\", the only value allowed\n"}}},
      {R"({"not":{"type":"null"}})", {"1"}, {{"null", "all: null is what \"not\" excludes\n"}}},
      {R"({"if":{"properties":{"kind":{"const":"card"}}},"then":{"required":["cvc"]},)"
       R"("else":{"required":["iban"]}})",
       {R"({"kind":"card","cvc":1})", R"({"kind":"debit","iban":1})"},
       {{R"({"kind":"card"})", "all: the required property \"cvc\" is missing\n"},
        {R"({"kind":"debit"})", "all: the required property \"iban\" is missing\n"}}},
      {R"({"then":false,"else":false})", {"1"}, {}},
  });
}

TEST(JsonSchemaTest, FollowsReferences) {
  RunCases({
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}},"maximum":5})",
       {"5"},
       {{"6", "all: 6 is greater than the maximum 5\n"},
        {R"("x")", "all: \"x\" is a string, not an integer\n"}}},
      {R"({"$ref":"#/definitions/a%20b~1c","definitions":{"a b/c":{"type":"integer"}}})",
       {"1"},
       {{"null", "all: null is not an integer\n"}}},
      {R"({"properties":{"next":{"$ref":"#"}},"required":["v"]})",
       {R"({"v":1,"next":{"v":2}})"},
       {{R"({"v":1,"next":{"v":2,"next":{}}})",
         "/next/next: the required property \"v\" is missing\n"}}},
      {R"({"items":{"$ref":"#node"},"$defs":{"n":{"$anchor":"node","type":"string"}}})",
       {R"(["a"])"},
       {{"[1]", "/0: 1 is an integer, not a string\n"}}},
      {R"({"$id":"https://example.com/a/root","items":{"$ref":"item#/$defs/t"},)"
       R"("$defs":{"x":{"$id":"item","$defs":{"t":{"type":"string"}}}}})",
       {R"(["a"])"},
       {{"[1]", "/0: 1 is an integer, not a string\n"}}},
      // As OpenAPI writes it: not among the definitions.
      {R"({"$ref":"#/x-parts/0","x-parts":[{"type":"string"}]})",
       {R"("a")"},
       {{"1", "all: 1 is an integer, not a string\n"}}},
      // Draft 7's anchor.
      {R"({"$ref":"#t","definitions":{"a":{"$id":"#t","type":"string"}}})",
       {R"("a")"},
       {{"1", "all: 1 is an integer, not a string\n"}}},
  });
}

TEST(JsonSchemaTest, SaysWhichRuleIsBroken) {
  const auto compiled = CompileSchema(
      R"({"properties":{"a/b":{"items":{"$ref":"#/$defs/t"}}},"additionalProperties":false,)"
      R"("$defs":{"t":{"type":"string","maxLength":1}}})");
  const schema::Result result = compiled.schema->Check(Json(R"({"a/b":["x","xyz"],"c":1})"));
  ASSERT_EQ(result.violations.size(), 2u);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.violations[0].pointer, "/a~1b/1");
  EXPECT_EQ(result.violations[0].rule, "/$defs/t/maxLength");
  EXPECT_EQ(result.violations[1].pointer, "/c");
  EXPECT_EQ(result.violations[1].rule, "/additionalProperties");
}

TEST(JsonSchemaTest, WhatAStructHoldsBesideJson) {
  const auto schema = CompileSchema(R"({"type":"number"})").schema;
  EXPECT_FALSE(schema->Check(json::value(std::nan(""))).ok());
  EXPECT_FALSE(schema->Check(json::value(HUGE_VAL)).ok());
  EXPECT_FALSE(CompileSchema(R"({"multipleOf":2})").schema->Check(json::value(HUGE_VAL)).ok());
  EXPECT_FALSE(CompileSchema(R"({"const":1})").schema->Check(json::value(std::nan(""))).ok());
}

// Nothing of a schema is read again when a value is checked: its text is gone by
// then, and each check takes the same few steps.
TEST(JsonSchemaTest, IsCompiledOnceAndSharedByThreads) {
  json::object properties;
  json::object value;
  json::array required;
  for (int i = 0; i < 20; ++i) {
    const std::string name = fmt::format("p{}", i);
    properties[name] = json::object{{"type", "string"}, {"pattern", fmt::format("^v{}$", i)}};
    value[name] = fmt::format("v{}", i);
    required.push_back(json::string(name));
  }
  std::vector<schema::Problem> problems;
  std::shared_ptr<const schema::JsonSchema> schema;
  {
    const json::value source = json::object{{"type", "object"},
                                            {"properties", std::move(properties)},
                                            {"required", std::move(required)},
                                            {"additionalProperties", false}};
    schema = schema::JsonSchema::Compile(source, &problems);
  }
  ASSERT_NE(schema, nullptr);
  const json::value valid = value;
  value["p7"] = "v8";
  const json::value invalid = value;
  // The first check compiles the patterns.
  const schema::Result compiling = schema->Check(valid);
  const schema::Result first = schema->Check(valid);
  EXPECT_GT(compiling.steps, first.steps);
  EXPECT_TRUE(first.ok());
  EXPECT_LT(first.steps, 200);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        EXPECT_EQ(schema->Check(valid).steps, first.steps);
        const schema::Result result = schema->Check(invalid);
        ASSERT_EQ(result.violations.size(), 1u);
        EXPECT_EQ(schema::FormatViolation(result.violations[0], "all"),
                  "/p7: \"v8\" does not match the pattern \"^v7$\"");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace colophon
