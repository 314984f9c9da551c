#include <thread>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/planner.h"
#include "service/template/schema/cache.h"
#include "tests/template/json_schema_testing.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

constexpr int64_t kNoLimit = Work::kNoLimit;

std::string SchemaOfSize(int number, int rules) {
  std::string text = fmt::format(R"({{"title":"{}","allOf":[)", number);
  for (int i = 0; i < rules; ++i) text += R"({"minLength":1},)";
  return text + "{}]}";
}

TEST(SchemaCacheTest, WhatWasCompiledIsGivenAgain) {
  schema::Cache cache(1 << 20);
  Work first(kNoLimit);
  const auto one = cache.Compile(Json(R"({"type": "string"})"), &first);
  ASSERT_NE(one->schema, nullptr);
  Work again(kNoLimit);
  EXPECT_EQ(cache.Compile(Json(R"({"type":"string"})"), &again), one);
  EXPECT_LT(again.spent(), first.spent());
  EXPECT_EQ(cache.misses(), 1);
  EXPECT_NE(cache.Compile(Json(R"({"type":"number"})"), &again), one);
}

// A call that is refused may come again and again.
TEST(SchemaCacheTest, WhatWasRefusedIsRememberedToo) {
  schema::Cache cache(1 << 20);
  Work work(kNoLimit);
  const auto refused = cache.Compile(Json(R"({"type":"strng"})"), &work);
  EXPECT_EQ(refused->schema, nullptr);
  ASSERT_FALSE(refused->problems.empty());
  EXPECT_EQ(cache.Compile(Json(R"({"type":"strng"})"), &work), refused);
  EXPECT_EQ(cache.misses(), 1);
}

TEST(SchemaCacheTest, HoldsSoManyBytes) {
  schema::Cache cache(400'000);
  Work work(kNoLimit);
  const auto kept = cache.Compile(Json(SchemaOfSize(0, 50)), &work);
  for (int i = 1; i < 100; ++i) {
    cache.Compile(Json(SchemaOfSize(i, 50)), &work);
    EXPECT_LE(cache.bytes(), 400'000);
    // What is used stays.
    EXPECT_EQ(cache.Compile(Json(SchemaOfSize(0, 50)), &work), kept);
  }
  const int64_t misses = cache.misses();
  cache.Compile(Json(SchemaOfSize(1, 50)), &work);
  EXPECT_EQ(cache.misses(), misses + 1);
  EXPECT_GT(cache.bytes(), 100'000);
}

TEST(SchemaCacheTest, WhatEndedEarlyIsNotRemembered) {
  schema::Cache cache(1 << 20);
  const json::value schema = Json(SchemaOfSize(0, 500));
  Work few(5000);
  EXPECT_EQ(cache.Compile(schema, &few), nullptr);
  Work enough(kNoLimit);
  EXPECT_NE(cache.Compile(schema, &enough)->schema, nullptr);
}

TEST(SchemaCacheTest, ManyThreadsShareIt) {
  schema::Cache cache(200'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 200; ++i) {
        Work work(kNoLimit);
        const int number = (i * 7 + t) % 20;
        const auto compiled = cache.Compile(
            Json(fmt::format(R"({{"title":"{}","pattern":"^a{{{}}}$"}})", number, number)), &work);
        Work check(kNoLimit);
        const json::value value(std::string(number, 'a'));
        EXPECT_TRUE(compiled->schema->Check(value, {}, &check).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.bytes(), 200'000);
}

// 10 KB of this took 5 seconds of an event loop in each call, and as many of a
// publisher: patterns are read, not compiled, until something is matched.
TEST(SchemaCacheTest, UnicodeClassesAreNotCompiledBeforeTheyAreUsed) {
  std::string hostile = R"({"properties":{)";
  std::string large = hostile;
  for (int i = 0; i < 250; ++i) {
    hostile += fmt::format(R"("p{}":{{"pattern":"\\p{{L}}{{1,200}}{}"}},)", i, i);
    large += fmt::format(R"("p{}":{{"pattern":"\\p{{L}}{{1,20}}{}"}},)", i, i);
  }
  hostile += R"("z":{}}})";
  large += R"("z":{}}})";
  Work work(200'000);
  std::vector<schema::Problem> problems;
  EXPECT_NE(schema::JsonSchema::Compile(Json(hostile), &problems, &work), nullptr);
  ASSERT_FALSE(problems.empty());
  EXPECT_FALSE(problems[0].is_error);
  EXPECT_THAT(problems[0].message, HasSubstr("larger than RE2 is given memory for"));
  EXPECT_LT(work.spent(), 50'000);
  // What is just small enough each is too much together.
  problems.clear();
  EXPECT_EQ(schema::JsonSchema::Compile(Json(large), &problems, &work), nullptr);
  EXPECT_EQ(problems.back().pointer.substr(0, 13), "/properties/p");
  EXPECT_THAT(problems.back().message, HasSubstr("too many or too large"));
  EXPECT_TRUE(work.ok());

  // Who matches first pays, and only once.
  problems.clear();
  const auto schema =
      schema::JsonSchema::Compile(Json(R"({"pattern":"^\\p{L}{1,10}$"})"), &problems);
  ASSERT_NE(schema, nullptr);
  Work few(1000);
  EXPECT_TRUE(schema->Check(json::value("a"), {}, &few).limit_reached);
  Work enough(200'000);
  EXPECT_TRUE(schema->Check(json::value("é"), {}, &enough).ok());
  EXPECT_GT(enough.spent(), 10'000);
  Work again(1000);
  EXPECT_TRUE(schema->Check(json::value("ab"), {}, &again).ok());
}

TEST(SchemaCacheTest, ACallThatBringsTheSameSchemaAgainPaysLittle) {
  const Loaded loaded = LoadPrompt("---\ninput: {schema: {a?: Brought}}\n---\nx");
  ASSERT_NE(loaded.closure, nullptr);
  const google::protobuf::RepeatedPtrField<v1::Tool> tools;
  for (const bool refused : {false, true}) {
    google::protobuf::Map<std::string, std::string> schemas;
    schemas["Brought"] = SchemaOfSize(refused ? 1001 : 1000, 200);
    if (refused) schemas["Brought"].replace(0, 1, R"({"type":"strng",)");
    Work first(kNoLimit);
    const auto plan = prompt::PlanFor(*loaded.closure, tools, schemas, &first);
    EXPECT_EQ(plan.ok(), !refused);
    Work again(kNoLimit);
    EXPECT_EQ(prompt::PlanFor(*loaded.closure, tools, schemas, &again).status(), plan.status());
    EXPECT_LT(again.spent(), first.spent() / 2);
    Work few(100);
    EXPECT_FALSE(prompt::PlanFor(*loaded.closure, tools, schemas, &few).ok());
    EXPECT_FALSE(few.ok());
  }
}

// 64 KiB of front matter that name a large schema a thousand times.
TEST(SchemaCacheTest, ASchemaThatIsNamedOftenIsNotMultiplied) {
  std::string properties;
  for (int i = 0; i < 2000; ++i) properties += fmt::format("      a{}: Big\n", i);
  const std::string text = "---\ninput:\n  schema:\n" + properties + "---\nx";
  const std::string big = fmt::format(R"({{"description":"{}"}})", std::string(100'000, 'x'));
  const Loaded loaded = LoadTree("p.prompt", {{"p.prompt", text}, {"Big.schema.json", big}});
  EXPECT_EQ(loaded.closure, nullptr);
  EXPECT_THAT(loaded.Text(), HasSubstr("put in all the places that name them"));
  // Brought with a call.
  const Loaded open = LoadPrompt(text);
  ASSERT_NE(open.closure, nullptr);
  google::protobuf::Map<std::string, std::string> schemas;
  schemas["Big"] = big;
  EXPECT_THAT(prompt::PlanFor(*open.closure, {}, schemas),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_SCHEMA",
                      HasSubstr("put in all the places")));
}

}  // namespace
}  // namespace colophon
