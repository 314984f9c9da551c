#include "service/template/prompt/closure.h"

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/template/prompt/closure_loader.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Paths(const prompt::Closure& closure) {
  std::vector<std::string> paths;
  for (const prompt::ClosureFile& file : closure.files) paths.push_back(file.path);
  return paths;
}

TEST(ClosureTest, HoldsAllThatThePromptNames) {
  const Tree tree = {
      {"a/b/p.prompt",
       "---\ninput: {schema: Ticket}\noutput: {schema: {x: Answer}}\ntools: [get, put]\n---\n"
       "{{> tone}}{{> common/style}}"},
      {"a/_tone.prompt", "T{{> inner}}"},
      {"_tone.prompt", "not the nearest"},
      {"a/b/_inner.prompt", "I"},
      {"common/_style.prompt", "S"},
      {"a/Ticket.schema.json", R"({"type":"object","properties":{"t":{}}})"},
      {"Answer.schema.json", R"({"type":"string"})"},
      {"a/tools/get.tool.json",
       R"({"name":"get","description":"Gets","inputSchema":{"id":"Id, which"}})"},
      {"Id.schema.json", R"({"type":"integer"})"},
      {"put.tool.json", R"({"type":"function","function":{"parameters":{"type":"object"}}})"},
      {"a/b/unrelated.prompt", ""},
  };
  const Loaded loaded = LoadTree("a/b/p.prompt", tree);
  ASSERT_NE(loaded.closure, nullptr) << loaded.Text();
  const prompt::Closure& closure = *loaded.closure;
  EXPECT_EQ(loaded.Codes(), "");
  EXPECT_THAT(Paths(closure),
              ElementsAre("Answer.schema.json", "Id.schema.json", "a/Ticket.schema.json",
                          "a/_tone.prompt", "a/b/_inner.prompt", "a/b/p.prompt",
                          "a/tools/get.tool.json", "common/_style.prompt", "put.tool.json"));
  EXPECT_THAT(closure.names,
              ElementsAre("partial:common/style", "partial:inner", "partial:tone", "schema:Answer",
                          "schema:Id", "schema:Ticket", "tool:get", "tool:put"));
  const auto rendered = render::Render(closure, {});
  ASSERT_OK(rendered);
  EXPECT_THAT(*rendered, EqualsProto(R"pb(
    messages {
      role: ROLE_USER
      parts { text: "TIS" }
    }
    tools {
      name: "get"
      description: "Gets"
      input_schema: "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\",\"description\":\"which\"}},\"required\":[\"id\"],\"additionalProperties\":false}"
    }
    tools { name: "put" input_schema: "{\"type\":\"object\"}" }
    output_schema: "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}},\"required\":[\"x\"],\"additionalProperties\":false}"
  )pb"));
}

// What `sha256sum p.prompt _t.prompt | sort -k2 | sha256sum` prints.
TEST(ClosureTest, TheDigestIsOfWhatSha256sumPrints) {
  const Loaded loaded = LoadTree("p.prompt", {{"p.prompt", "a{{> t}}"}, {"_t.prompt", "b"}});
  ASSERT_NE(loaded.closure, nullptr);
  EXPECT_EQ(loaded.closure->digest,
            Sha256Hex(Sha256Hex("b") + "  _t.prompt\n" + Sha256Hex("a{{> t}}") + "  p.prompt\n"));
  EXPECT_EQ(loaded.closure->files[0].sha256, Sha256Hex("b"));
  EXPECT_EQ(prompt::ClosureDigest({}), Sha256Hex(""));
}

TEST(ClosureTest, NamesLookedUpAreKeptThoughNothingIsFound) {
  const Loaded loaded = LoadPrompt("---\ntools: [t]\ninput: {schema: S}\n---\n{{#> q}}x{{/q}}");
  ASSERT_NE(loaded.closure, nullptr);
  EXPECT_THAT(loaded.closure->names, ElementsAre("partial:q", "schema:S", "tool:t"));
  EXPECT_THAT(Paths(*loaded.closure), ElementsAre("p.prompt"));
}

TEST(ClosureTest, ToolsMayBeDefinedInTheFile) {
  const Loaded loaded = LoadPrompt("---\ntoolDefs: [{name: t, inputSchema: {a: string}}]\n---\nB");
  ASSERT_NE(loaded.closure, nullptr) << loaded.Text();
  const auto rendered = render::Render(*loaded.closure, {});
  ASSERT_OK(rendered);
  ASSERT_EQ(rendered->tools_size(), 1);
  EXPECT_THAT(rendered->tools(0).input_schema(), HasSubstr("\"required\":[\"a\"]"));
}

TEST(ClosureTest, IncludeCyclesAreRefused) {
  const std::tuple<Tree, const char*, const char*> kCases[] = {
      {{{"p.prompt", "{{> a}}"}, {"_a.prompt", "x\n{{> a}}"}}, "2:1 INCLUDE_CYCLE", "a → a"},
      {{{"p.prompt", "{{> a}}"},
        {"_a.prompt", "{{> b}}"},
        {"_b.prompt", "{{#if 0}}{{> a}}{{/if}}"}},
       "1:10 INCLUDE_CYCLE",
       "a → b → a"},
  };
  for (const auto& [tree, codes, message] : kCases) {
    const Loaded loaded = LoadTree("p.prompt", tree);
    EXPECT_EQ(loaded.closure, nullptr);
    EXPECT_EQ(loaded.Codes(), codes);
    EXPECT_THAT(loaded.Text(), HasSubstr(message));
  }
}

TEST(ClosureTest, ADiamondIsNoCycle) {
  EXPECT_EQ(Output("{{> a}}{{> b}}", "{}", {{"a", "A{{> c}}"}, {"b", "B{{> c}}"}, {"c", "C"}}),
            "ACBC");
}

TEST(ClosureTest, ProblemsOfOtherFilesAreToldWithTheirPath) {
  const std::tuple<Tree, const char*> kCases[] = {
      {{{"p.prompt", "{{> a}}"}, {"_a.prompt", "\n{{foo 1}}"}},
       "_a.prompt:2:3: error: unknown helper"},
      {{{"p.prompt", "{{> a}}"}, {"_a.prompt", "{{> b}}"}},
       "_a.prompt:1:1: error: no partial \"b\""},
      {{{"p.prompt", "---\ntools: [t]\n---\n"}, {"t.tool.json", "{"}},
       "t.tool.json: error: not JSON"},
      {{{"p.prompt", "---\ntools: [t]\n---\n"}, {"t.tool.json", "[]"}},
       "t.tool.json: error: a tool is"},
      {{{"p.prompt", "---\ntools: [t]\n---\n"}, {"t.tool.json", R"({"name":"a b"})"}},
       "the tool's name is \"a b\""},
      {{{"p.prompt", "---\ntools: [t]\n---\n"}, {"t.tool.json", R"({"inputSchema":5})"}},
       "t.tool.json: error: \"5\" is no schema"},
      {{{"p.prompt", "---\ninput: {schema: S}\n---\n"}, {"S.schema.json", "[]"}},
       "S.schema.json: error: a schema is a JSON object"},
      {{{"p.prompt", "---\ninput: {schema: S}\n---\n"}, {"S.schema.json", "\"\xff\""}},
       "S.schema.json: error: the file is not UTF-8"},
      {Tree(), "p.prompt: error: there is no such file"},
  };
  for (const auto& [tree, message] : kCases) {
    const Loaded loaded = LoadTree("p.prompt", tree);
    EXPECT_EQ(loaded.closure, nullptr) << message;
    EXPECT_THAT(loaded.Text(), HasSubstr(message));
  }
}

TEST(ClosureTest, AReadersErrorIsPassedOn) {
  std::vector<v1::Diagnostic> diagnostics;
  const prompt::ReadFile read =
      [](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
    if (path == "p.prompt") return "{{> a}}";
    return DataLoss("BAD_OBJECT", "broken");
  };
  EXPECT_THAT(prompt::LoadClosure("p.prompt", read, &diagnostics),
              ErrorIs(absl::StatusCode::kDataLoss, "BAD_OBJECT"));
}

TEST(ClosureTest, TooManyFilesAreRefused) {
  const auto make = [](int partials) {
    Tree tree;
    for (int i = 0; i < partials; ++i) {
      tree["p.prompt"] += fmt::format("{{{{> a{}}}}}", i);
      tree[fmt::format("_a{}.prompt", i)] = "x";
    }
    return LoadTree("p.prompt", tree);
  };
  EXPECT_NE(make(63).closure, nullptr);
  EXPECT_THAT(make(64).Text(), HasSubstr("TOO_LARGE"));
}

TEST(ClosureTest, TooLongChainsOfIncludesAreRefused) {
  Tree tree = {{"p.prompt", "{{> a0}}"}};
  for (int i = 0; i < 40; ++i)
    tree[fmt::format("_a{}.prompt", i)] = fmt::format("{{{{> a{}}}}}", i + 1);
  tree["_a40.prompt"] = "x";
  EXPECT_THAT(LoadTree("p.prompt", tree).Text(), HasSubstr("TOO_DEEP"));
}

TEST(ClosureTest, NeverLooksOutsideOfTheTree) {
  std::vector<std::string> read_paths;
  const prompt::ReadFile read = [&](const std::string& path) -> std::optional<std::string> {
    read_paths.push_back(path);
    if (path == "a/p.prompt") {
      return "---\ntools: [../t, /etc/x, 'a b', '', a//b, .x]\n---\n{{> ../../q}}{{> "
             "[/etc/passwd]}}{{> .}}";
    }
    return std::nullopt;
  };
  std::vector<v1::Diagnostic> diagnostics;
  ASSERT_OK(prompt::LoadClosure("a/p.prompt", read, &diagnostics));
  EXPECT_THAT(read_paths, ElementsAre("a/p.prompt"));
}

// Readers of JSON take the last one and say nothing.
TEST(ClosureTest, KeysThatAreThereTwiceInAJsonFileAreToldOf) {
  const Loaded loaded = LoadTree(
      "p.prompt",
      {{"p.prompt", "---\ninput: {schema: s}\ntools: [t]\n---\n{{a}}"},
       {"s.schema.json",
        R"({"type":"object","properties":{"a":{"type":"string","type":"integer"},"\u0061":true},
           "examples":[{"c~/":1},{"c~/":1,"d":2,"c~/":3}]})"},
       {"t.tool.json", R"({"name":"t","name":"u"})"}});
  ASSERT_NE(loaded.closure, nullptr) << loaded.Text();
  EXPECT_EQ(loaded.Text(),
            "s.schema.json: warning: /properties/a/type: this key is there twice, and only the "
            "last one counts: keep one (DUPLICATE_KEY)\n"
            "s.schema.json: warning: /properties/a: this key is there twice, and only the last one "
            "counts: keep one (DUPLICATE_KEY)\n"
            "s.schema.json: warning: /examples/1/c~0~1: this key is there twice, and only the last "
            "one counts: keep one (DUPLICATE_KEY)\n"
            "t.tool.json: warning: /name: this key is there twice, and only the last one counts: "
            "keep one (DUPLICATE_KEY)\n");
}

}  // namespace
}  // namespace colophon
