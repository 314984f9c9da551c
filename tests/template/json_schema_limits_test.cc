// JSON Schemas and values that were made to take long, deep or much.

#include <algorithm>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/json_schema.h"
#include "tests/template/json_schema_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

schema::Result Check(std::string_view schema, std::string_view value,
                     const schema::Limits& limits = {}) {
  const CompiledSchema compiled = CompileSchema(schema);
  EXPECT_NE(compiled.schema, nullptr) << compiled.problems;
  if (compiled.schema == nullptr) return {};
  return compiled.schema->Check(Json(value), limits);
}

TEST(JsonSchemaLimitsTest, SchemasThatLeadBackToThemselvesAreRefused) {
  const char* const kLoops[] = {
      R"({"$ref":"#"})",
      R"({"anyOf":[{"type":"string"},{"$ref":"#"}]})",
      R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}})",
      R"({"not":{"if":{"$ref":"#"}}})",
      R"({"dependentSchemas":{"a":{"$ref":"#"}}})",
      R"({"properties":{"a":{"oneOf":[{"$ref":"#/properties/a"}]}}})",
  };
  for (const char* schema : kLoops) {
    const CompiledSchema compiled = CompileSchema(schema);
    EXPECT_EQ(compiled.schema, nullptr) << schema;
    EXPECT_THAT(compiled.problems, HasSubstr("applies itself to the same value")) << schema;
  }
}

TEST(JsonSchemaLimitsTest, DeepAndLargeSchemasAreRefused) {
  EXPECT_THAT(CompileSchema(Repeat(R"({"not":)", 400) + "true" + Repeat("}", 400)).problems,
              HasSubstr("more than 200 levels"));
  std::string chain = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 5000; ++i)
    chain += fmt::format(R"("d{}":{{"$ref":"#/$defs/d{}"}},)", i, i + 1);
  EXPECT_THAT(CompileSchema(chain + R"("d5000":{}}})").problems,
              HasSubstr("more than 100 schemas apply one through the other"));
  EXPECT_THAT(CompileSchema(R"({"allOf":[)" + Repeat("{},", 30'000) + "{}]}").problems,
              HasSubstr("more than 20000 schemas"));
  std::string bad = R"({"allOf":[)";
  for (int i = 0; i < 1000; ++i) bad += R"({"unknown":1},)";
  const std::string problems = CompileSchema(bad + R"({"type":"x"}]})").problems;
  EXPECT_THAT(problems, HasSubstr("\nBAD_SCHEMA /allOf/1000/type: "));
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 101);
}

TEST(JsonSchemaLimitsTest, PatternsThatTakeMuchMemoryAreRefused) {
  EXPECT_THAT(CompileSchema(R"({"pattern":"(\\p{L}{500}){2}"})").problems,
              StartsWith("UNENFORCED_KEYWORD /pattern: "));
  std::string many = R"({"allOf":[)";
  for (int i = 0; i < 300; ++i) many += fmt::format(R"({{"pattern":"a{}"}},)", i);
  EXPECT_THAT(CompileSchema(many + "{}]}").problems, HasSubstr("too many or too large"));
  std::string large = R"({"allOf":[)";
  for (int i = 0; i < 200; ++i)
    large += fmt::format(R"({{"pattern":"\\p{{L}}{{20}}a{{{}}}"}},)", i);
  EXPECT_THAT(CompileSchema(large + "{}]}").problems, HasSubstr("too many or too large"));
}

// Without a memory of what is known each level would double the work.
TEST(JsonSchemaLimitsTest, RecursionDoesNotMultiply) {
  const std::string branch = R"({"properties":{"a":{"$ref":"#"}},"required":["b"]})";
  const std::string schema =
      fmt::format(R"({{"anyOf":[{},{},{{"type":"null"}}]}})", branch, branch);
  const std::string value = Repeat(R"({"b":1,"a":)", 100) + "%" + Repeat("}", 100);
  for (const char* end : {"null", "{}"}) {
    std::string text = value;
    text.replace(text.find('%'), 1, end);
    const schema::Result result = Check(schema, text);
    EXPECT_FALSE(result.limit_reached);
    EXPECT_EQ(result.ok(), std::string_view(end) == "null");
    EXPECT_LT(result.steps, 20'000);
  }
  // Every level refers twice to the next.
  std::string twice = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    twice +=
        fmt::format(R"("d{}":{{"allOf":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}]}},)", i,
                    i + 1, i + 1);
  }
  const schema::Result result = Check(twice + R"("d40":{"type":"string"}}})", "1");
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].message, "1 is an integer, not a string");
  EXPECT_LT(result.steps, 2000);
}

TEST(JsonSchemaLimitsTest, AChecksEndsAtItsLimits) {
  schema::Limits limits;
  limits.steps = 1000;
  schema::Result result =
      Check(R"({"items":{"type":"integer"}})", "[" + Repeat("1,", 2000) + "1]", limits);
  EXPECT_TRUE(result.limit_reached);
  EXPECT_FALSE(result.ok());
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].message,
            "the check takes more than 1000 steps: make the schema simpler or the value smaller");
  EXPECT_EQ(result.violations[0].rule, "");

  // What was not looked at is not valid either, whatever excludes it.
  result = Check(R"({"not":{"items":{"type":"string"},"contains":{"const":2}}})",
                 "[" + Repeat(R"("1",)", 2000) + "2]", limits);
  EXPECT_TRUE(result.limit_reached);
  EXPECT_FALSE(result.ok());

  limits = {};
  limits.depth = 20;
  const std::string deep = Repeat("[", 30) + Repeat("]", 30);
  result = Check(R"({"items":{"$ref":"#"}})", deep, limits);
  EXPECT_TRUE(result.limit_reached);
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_THAT(result.violations[0].message, StartsWith("20 schemas apply inside of one another"));
  EXPECT_TRUE(Check(R"({"items":{"$ref":"#"}})", Repeat("[", 500) + Repeat("]", 500)).ok());

  limits = {};
  limits.violations = 3;
  result = Check(R"({"items":{"type":"string"}})", "[1,2,3,4,5]", limits);
  EXPECT_EQ(result.violations.size(), 3u);
  EXPECT_TRUE(result.cut);
  EXPECT_FALSE(result.limit_reached);
  result = Check(R"({"items":{"type":"string"}})", "[1,2,3]", limits);
  EXPECT_FALSE(result.cut);
}

TEST(JsonSchemaLimitsTest, LargeListsAreComparedByTheirHashes) {
  json::array values;
  for (int i = 0; i < 20'000; ++i) values.push_back(json::array{i, fmt::format("v{}", i)});
  const std::string text = WriteJson(values);
  EXPECT_TRUE(Check(R"({"uniqueItems":true})", text).ok());
  const schema::Result result = Check(R"({"items":{"enum":)" + text + "}}", text);
  EXPECT_TRUE(result.ok());
  EXPECT_LT(result.steps, 300'000);
}

TEST(JsonSchemaLimitsTest, PatternsRunInLinearTime) {
  const std::string text = fmt::format("\"{}!\"", Repeat("a", 50'000));
  const schema::Result result = Check(R"({"pattern":"^(a+)+$"})", text);
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_THAT(result.violations[0].message, HasSubstr("does not match"));
  EXPECT_LT(result.violations[0].message.size(), 200u);
  schema::Limits limits;
  limits.steps = 1000;
  EXPECT_TRUE(Check(R"({"pattern":"^(a+)+$"})", text, limits).limit_reached);
}

}  // namespace
}  // namespace colophon
