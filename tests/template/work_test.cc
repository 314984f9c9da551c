// Work that isn't counted holds whoever does it: a caller with one small message
// could stop all others. So each kind of it is tried here at a small size, and what
// was counted is compared with what was done: values looked at, bytes made, copied
// and compared. No clock is asked.

#include "service/template/work.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/json_schema.h"
#include "service/template/plan.h"
#include "tests/template/json_schema_testing.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

std::string Repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// As a CompleteRequest has it.
struct Call {
  std::string text;
  std::map<std::string, std::string> partials;
  json::object variables;
  json::object context;
  std::vector<std::string> history;
  std::map<std::string, std::string> schemas;
  bool spans = false;
};

double ThreadMilliseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// `milliseconds` of the thread, unless null, is what it took without the setting up.
absl::StatusOr<RenderedCall> RunCall(const Call& call, const RenderLimits& limits,
                                     double* milliseconds = nullptr) {
  const Loaded loaded = LoadPrompt(call.text, call.partials);
  if (loaded.closure == nullptr) return DiagnosticsToStatus(loaded.diagnostics);
  v1::CompleteRequest request;
  request.set_variables_json(WriteJson(call.variables));
  request.set_context_json(WriteJson(call.context));
  for (const std::string& text : call.history) {
    v1::Message* message = request.add_history();
    message->set_role(v1::ROLE_USER);
    message->add_parts()->set_text(text);
  }
  request.mutable_schemas()->insert(call.schemas.begin(), call.schemas.end());
  const double begin = ThreadMilliseconds();
  auto rendered = RenderCall(*loaded.closure,
                             {request.variables_json(), request.context_json(), request.history(),
                              request.tools(), request.schemas(), call.spans},
                             limits);
  if (rendered.ok()) RenderedDigest(rendered->rendered);
  if (milliseconds != nullptr) *milliseconds = ThreadMilliseconds() - begin;
  return rendered;
}

TEST(WorkTest, EndsWhenItsStepsAreSpent) {
  Work work(10);
  EXPECT_TRUE(work.Spend(4));
  EXPECT_TRUE(work.Spend(6));
  EXPECT_EQ(work.left(), 0);
  EXPECT_TRUE(work.ok());
  EXPECT_FALSE(work.Spend(1));
  EXPECT_FALSE(work.ok());
  EXPECT_FALSE(work.stopped());
  EXPECT_FALSE(work.Spend(0));
  EXPECT_EQ(work.left(), 0);
  EXPECT_GE(work.spent(), 11);
}

TEST(WorkTest, EndsSoonAfterItIsStopped) {
  StopFlag stop;
  Work work(1'000'000, &stop);
  EXPECT_TRUE(work.Spend(5));
  stop.Stop();
  int64_t more = 0;
  while (work.Spend(1)) ++more;
  EXPECT_LE(more, 1000);
  EXPECT_TRUE(work.stopped());
  // However few steps there were.
  Work few(3, &stop);
  EXPECT_FALSE(few.Spend(1));
}

// How often a call does it, and to values of what size.
struct Scale {
  int many = 200;
  int bytes = 64'000;
  int values = 5000;
};

json::array Numbers(int count) { return json::array(count, 1); }
std::string Text(int bytes) { return std::string(bytes, 'x'); }

json::value Nested(int depth, int width) {
  json::value value = json::array(width, json::array());
  for (int i = 0; i < depth; ++i) value = json::array{value};
  return value;
}

json::object ManyMembers(int count, std::string_view prefix) {
  json::object object;
  for (int i = 0; i < count; ++i) object[fmt::format("{}{}", prefix, i)] = i;
  return object;
}

struct Hostile {
  const char* kind;
  Call call;
  int64_t at_least;  // Steps that it has to be charged.
};

std::vector<Hostile> HostileCalls(const Scale& scale = {}) {
  const json::array l = Numbers(scale.many);
  const json::array list = Numbers(scale.values);
  const std::string text = Text(scale.bytes);
  const int64_t many = scale.many;
  const int64_t values = scale.values;
  const int64_t text_steps = scale.bytes / Work::kBytesPerStep;
  std::string arguments;
  for (int i = 0; i < 500; ++i) arguments += fmt::format(" a{}=1", i);
  std::string defaults = "---\ninput:\n  default:\n";
  for (int i = 0; i < 500; ++i) defaults += fmt::format("    k{}: 1\n", i);
  static int schemas = 0;  // Each is a new one: none is compiled yet.
  const std::string deep_names = Repeat("{{#each @root.one as |x|}}", 100);
  return {
      {"a list as a key of lookup",
       {"{{#each l}}{{lookup ../o ../k}}{{/each}}x",
        {},
        {{"l", l}, {"o", json::object()}, {"k", list}}},
       many * values},
      {"a long text as a key of lookup",
       {"{{#each l}}{{lookup ../o ../k}}{{/each}}x",
        {},
        {{"l", l}, {"o", json::object()}, {"k", text}}},
       many * text_steps},
      {"a long name in the template",
       {"{{#each l}}{{../" + Text(20'000) + "}}{{/each}}x", {}, {{"l", l}}},
       many * 20'000 / Work::kBytesPerStep},
      {"a nested list as a context that texts are compared with",
       {"{{#with o}}{{#each ../l}}{{this}}{{/each}}{{/with}}",
        {},
        {{"l", json::array(scale.many, "t")}, {"o", json::array{list}}}},
       many * values},
      {"json of a large value as a condition",
       {"{{#each l}}{{#if (json ../o)}}{{/if}}{{/each}}x", {}, {{"l", l}, {"o", list}}},
       many * values},
      {"json of many members in their order",
       {"{{#each l}}{{#if (json ../o)}}{{/if}}{{/each}}x",
        {},
        {{"l", l}, {"o", ManyMembers(scale.values, "")}}},
       many * values * 4},
      {"a nested list that prints as nothing",
       {"{{#each l}}{{../o}}{{/each}}x", {}, {{"l", l}, {"o", Nested(10, scale.values)}}},
       many * values},
      {"a long text compared",
       {"{{#each l}}{{#ifEquals ../a ../b}}{{/ifEquals}}{{/each}}x",
        {},
        {{"l", l}, {"a", text}, {"b", text}}},
       many * text_steps},
      {"a long text as two contexts",
       {"{{#each l}}{{#with ../a}}{{#with ../../b}}{{/with}}{{/with}}{{/each}}x",
        {},
        {{"l", l}, {"a", text}, {"b", text}}},
       many * text_steps},
      {"the length of a long text",
       {"{{#each l}}{{#if ../a.length}}{{/if}}{{/each}}x", {}, {{"l", l}, {"a", text}}},
       many * text_steps},
      {"a character of a character and so on",
       {"{{#each l}}{{#if ../a" + Repeat(".0", 500) + "}}{{/if}}{{/each}}x",
        {},
        {{"l", l}, {"a", "x"}}},
       many * 500},
      {"many arguments of a partial",
       {"{{#each l}}{{> p" + arguments + "}}{{/each}}x", {{"p", "{{a499}}"}}, {{"l", l}}},
       many * (500 * 500 / 20)},
      {"many members merged with others",
       {"{{#each l}}{{> p ../o x=1}}{{/each}}",
        {{"p", "{{#each this}}{{/each}}y"}},
        {{"l", l}, {"o", ManyMembers(scale.values, "k")}}},
       many * values},
      {"defaults under variables of the same names",
       {defaults + "---\n{{#each l}}{{#each @root}}{{/each}}{{/each}}x",
        {},
        [&] {
          json::object variables = ManyMembers(500, "k");
          variables["l"] = l;
          return variables;
        }()},
       many * 500 * 2},
      {"the characters of a text as members",
       {"{{#each l}}{{> p ../a x=1}}{{/each}}",
        {{"p", "{{#each this}}{{/each}}y"}},
        {{"l", l}, {"a", Text(scale.values)}}},
       many * values},
      {"what frames there are for an @name",
       {deep_names + "{{#each @root.l}}{{@nothing}}{{/each}}x" + Repeat("{{/each}}", 100),
        {},
        {{"l", l}, {"one", Numbers(1)}}},
       many * 100 / 16},
      {"an indent before every line",
       {"{{#each l}}\n" + std::string(1000, ' ') + "{{> p}}\n{{/each}}x",
        {{"p", "{{@root.a}}\n"}},
        {{"l", l}, {"a", Repeat("\n", 100)}}},
       many * 100 * 2 * 1000 / Work::kBytesPerStep},
      {"text that is printed",
       {"{{#each l}}{{../a}}{{/each}}", {}, {{"l", json::array(20, 1)}, {"a", text}}},
       20 * 3 * text_steps},
      {"a history of many messages, many times",
       {"{{#each l}}{{history}}{{/each}}x", {}, {{"l", l}}, {}, std::vector<std::string>(500, "h")},
       many * 500 * 8},
      {"a long history", {"x", {}, {}, {}, {text, text}}, 2 * 3 * text_steps},
      {"variables that nothing reads",
       {"x", {}, {{"a", Numbers(20'000)}, {"b", text}}},
       40'000 + text_steps},
      {"a context that nothing reads", {"x", {}, {}, {{"a", Numbers(20'000)}}}, 40'000},
      {"many spans",
       {"{{#each l}}{{this}} {{/each}}", {}, {{"l", l}}, {}, {}, {}, true},
       many * 16},
      {"names of inline partials",
       {Repeat("{{#*inline \"a\"}}{{/inline}}", 1000) +
            "{{#*inline \"b\"}}y{{/inline}}{{#each l}}{{> a}}{{/each}}x",
        {},
        {{"l", l}}},
       many * 1000 / 16},
      {"a schema of the variables",
       {"---\ninput: {schema: {a(array): integer}}\n---\nx", {}, {{"a", Numbers(20'000)}}},
       2 * 40'000 + 20'000},
      {"a schema that the call brings",
       {"---\ninput: {schema: {a?: T}}\n---\nx",
        {},
        {},
        {},
        {},
        {{"T", fmt::format(R"({{"title":"{}","allOf":[)", ++schemas) +
                   Repeat(R"({"minLength":1},)", 500) + "{}]}"}}},
       500 * 30},
  };
}

TEST(WorkTest, IsChargedForWhatItDoes) {
  RenderLimits unlimited;
  unlimited.steps = Work::kNoLimit;
  unlimited.output_bytes = 1 << 30;
  for (const Hostile& hostile : HostileCalls()) {
    const auto rendered = RunCall(hostile.call, unlimited);
    ASSERT_OK(rendered) << hostile.kind;
    EXPECT_GE(rendered->steps, hostile.at_least) << hostile.kind;
  }
}

TEST(WorkTest, EndsAtTheLimitAndSaysWhich) {
  for (const Hostile& hostile : HostileCalls({40, 16'000, 1000})) {
    RenderLimits limits;
    limits.output_bytes = 1 << 30;
    limits.steps = Work::kNoLimit;
    const auto whole = RunCall(hostile.call, limits);
    ASSERT_OK(whole) << hostile.kind;
    // What was compiled by then is not paid for again.
    const auto again = RunCall(hostile.call, limits);
    ASSERT_OK(again) << hostile.kind;
    for (const int64_t steps : {int64_t{0}, again->steps / 3, again->steps - 1}) {
      limits.steps = steps;
      const auto limited = RunCall(hostile.call, limits);
      EXPECT_THAT(limited, ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT",
                                   HasSubstr(fmt::format("more than {} steps", steps))))
          << hostile.kind;
      EXPECT_TRUE(IsOutOfSteps(limited.status())) << hostile.kind;
    }
    limits.steps = again->steps;
    EXPECT_OK(RunCall(hostile.call, limits)) << hostile.kind;
  }
}

// What a step is worth, and how long a call can hold a thread.
TEST(WorkTest, PrintsHowLongACallCanTake) {
  if (std::getenv("COLOPHON_PRINT_TIMES") == nullptr) {
    GTEST_SKIP() << "prints times and expects nothing; COLOPHON_PRINT_TIMES=1 runs it";
  }
  double longest[2] = {};
  for (const Hostile& hostile : HostileCalls({30'000, 1'000'000, 60'000})) {
    for (const bool is_brief : {true, false}) {
      const RenderLimits limits = is_brief ? BriefRenderLimits() : RenderLimits();
      double milliseconds = 0;
      const auto rendered = RunCall(hostile.call, limits, &milliseconds);
      fmt::print("{:60} {:5} {:8.2f} ms {}\n", hostile.kind, is_brief ? "brief" : "full",
                 milliseconds, ReasonOf(rendered.status()));
      longest[is_brief] = std::max(longest[is_brief], milliseconds);
    }
  }
  fmt::print("the longest: {:.2f} ms brief, {:.0f} ms with all steps\n", longest[1], longest[0]);
}

TEST(WorkTest, EndsWhenNobodyWaitsForIt) {
  StopFlag stopped;
  stopped.Stop();
  RenderLimits limits;
  limits.stop = &stopped;
  for (const Hostile& hostile : HostileCalls()) {
    EXPECT_THAT(RunCall(hostile.call, limits), ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"))
        << hostile.kind;
  }
}

// A caller that goes away while its prompt is rendered.
TEST(WorkTest, ARenderingIsStoppedFromAnotherThread) {
  StopFlag stop;
  RenderLimits limits;
  limits.steps = Work::kNoLimit;
  limits.stop = &stop;
  const Call call = {
      "{{#each l}}{{#each @root.l}}{{#each @root.l}}{{#each @root.l}}{{#if (json @root.l)}}{{/if}}"
      "{{/each}}{{/each}}{{/each}}{{/each}}",
      {},
      {{"l", Numbers(10'000)}}};
  absl::Status status;
  std::thread renders([&] { status = RunCall(call, limits).status(); });
  stop.Stop();
  renders.join();
  EXPECT_THAT(status, ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST(WorkTest, EachLimitHasItsName) {
  RenderLimits depth;
  depth.depth = 1;
  RenderLimits output;
  output.output_bytes = 10;
  const std::pair<const char*, RenderLimits> kLimits[] = {{"depth", depth}, {"output", output}};
  for (const auto& [name, limits] : kLimits) {
    const auto rendered = RunCall({"{{#if 1}}{{#if 1}}0123456789abc{{/if}}{{/if}}"}, limits);
    EXPECT_THAT(rendered, ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT"));
    EXPECT_EQ(MetadataOf(rendered.status())["limit"], name);
    EXPECT_FALSE(IsOutOfSteps(rendered.status()));
  }
}

// What people send is far from the limits.
TEST(WorkTest, HonestCallsPass) {
  json::array items;
  for (int i = 0; i < 100'000; ++i) {
    items.push_back({{"name", fmt::format("item {}", i)}, {"price", i * 0.01}});
  }
  const Call kCalls[] = {
      {"{{#each items}}- {{name}}: {{price}}\n{{/each}}", {}, {{"items", items}}},
      {"{{json items}}", {}, {{"items", items}}},
      {"{{document}}\n\n{{question}}", {}, {{"document", Text(4 << 20)}, {"question", "?"}}},
      {"---\ninput: {schema: {items(array): {name: string, price: number}}}\n---\n"
       "{{#each items}}{{name}},{{/each}}",
       {},
       {{"items", items}}},
      {"{{history}}{{question}}",
       {},
       {{"question", "?"}},
       {},
       std::vector<std::string>(10'000, Text(200))},
  };
  for (const Call& call : kCalls) {
    const auto rendered = RunCall(call, {});
    EXPECT_OK(rendered) << call.text;
    EXPECT_LT(rendered.ok() ? rendered->steps : 0, RenderLimits().steps * 2 / 3) << call.text;
  }
}

TEST(WorkTest, AnOrdinaryCallIsBrief) {
  const Call call = {
      "---\nmodel: echo/echo\ninput: {schema: {user: {name: string, tags(array): string}, q: "
      "string}}\n"
      "output: {schema: Answer}\n---\n"
      "{{role \"system\"}}{{> tone}}{{#each user.tags}}{{this}}, {{/each}}{{history}}"
      "{{role \"user\"}}" +
          Repeat("All work and no play. ", 100) + "{{user.name}}: {{q}}",
      {{"tone", "Be brief and polite."}},
      {{"user", {{"name", "Ada"}, {"tags", json::array(20, "new")}}}, {"q", Text(10'000)}},
      {},
      std::vector<std::string>(20, Text(500)),
      {{"Answer", R"({"type":"object","properties":{"text":{"type":"string","minLength":1},
                     "mood":{"enum":["glad","sad"]},"tags":{"type":"array","items":{"type":"string"}}},
                     "required":["text"]})"}}};
  const auto rendered = RunCall(call, BriefRenderLimits());
  ASSERT_OK(rendered);
  EXPECT_LT(rendered->steps, BriefRenderLimits().steps / 2);
}

// Keywords that read all of a text or of a list, for each schema that has them.
TEST(WorkTest, ChecksAreChargedForWhatTheyRead) {
  constexpr int kBytes = 64'000;
  const std::string text = fmt::format("\"{}\"", Text(kBytes));
  std::string numbers = "[";
  for (int i = 0; i < 2000; ++i) numbers += "1e300,";
  numbers += "1]";
  const int64_t text_steps = kBytes / Work::kBytesPerStep;
  const auto all_of = [](std::string_view schema) {
    return R"({"allOf":[)" + Repeat(std::string(schema) + ",", 100) + "{}]}";
  };
  const struct {
    std::string schema;
    std::string value;
    int64_t at_least;
  } kCases[] = {
      {all_of(R"({"minLength":1})"), text, 100 * text_steps},
      {all_of(R"({"pattern":"x"})"), text, 100 * kBytes / 16},
      {all_of(R"({"not":{"const":"y"}})"), text, 100 * text_steps},
      {all_of(R"({"format":"json-pointer"})"), text, kBytes / 8},
      {all_of(R"({"uniqueItems":true})"), numbers, 2000},
      {all_of(R"({"items":{"multipleOf":1}})"), numbers, 100 * 2000},
      {R"({"required":[")" + Text(kBytes) + "\"]}", "{}", text_steps},
      {R"({"items":{"format":"regex"}})", R"(["\\p{L}{1,200}N\\p{L}{1,200}N"])", 70},
  };
  SchemaLimits limits;
  limits.steps = Work::kNoLimit;
  for (const auto& one : kCases) {
    const CompiledSchema compiled = CompileSchema(one.schema);
    ASSERT_NE(compiled.schema, nullptr) << one.schema.substr(0, 80) << compiled.problems;
    const SchemaResult result = compiled.schema->Check(Json(one.value), limits);
    EXPECT_GE(result.steps, one.at_least) << one.schema.substr(0, 80);
    Work few(one.at_least / 2);
    EXPECT_TRUE(compiled.schema->Check(Json(one.value), {}, &few).limit_reached)
        << one.schema.substr(0, 80);
    StopFlag stop;
    stop.Stop();
    SchemaLimits stopped;
    stopped.stop = &stop;
    EXPECT_TRUE(compiled.schema->Check(Json(one.value), stopped).limit_reached)
        << one.schema.substr(0, 80);
  }
}

}  // namespace
}  // namespace colophon
