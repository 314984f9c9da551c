#include "fmt/format.h"
#include "service/template/prompt/closure_loader.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(LimitsTest, DeepTemplatesAreRefusedNotACrash) {
  const std::string kDeep[] = {
      Repeat("{{#if a}}", 10'000) + "x" + Repeat("{{/if}}", 10'000),
      Repeat("{{#if a}}", 10'000),
      Repeat("{{^a}}", 10'000),
      Repeat("{{#> p}}", 10'000),
      Repeat("{{#*inline \"x\"}}", 10'000),
      "{{json " + Repeat("(lookup ", 10'000) + "a b" + Repeat(")", 10'000) + "}}",
      "{{#if a}}" + Repeat("{{else if a}}", 10'000) + "{{/if}}",
  };
  for (const std::string& text : kDeep) {
    EXPECT_THAT(LoadPrompt(text, {{"p", ""}}).Codes(), HasSubstr("TOO_DEEP"));
  }
  EXPECT_NE(LoadPrompt(Repeat("{{#if a}}", 200) + Repeat("{{/if}}", 200)).closure, nullptr);
}

// What is published and can never be rendered is found out at the first call, by
// somebody else.
TEST(LimitsTest, WhatCanBePublishedCanBeRendered) {
  constexpr int kDeepest = syntax::kMaxDepth - 1;  // The file itself is a level.
  const std::string variables = Repeat(R"({"a":)", kDeepest) + "1" + Repeat("}", kDeepest);
  const std::pair<const char*, const char*> kBlocks[] = {
      {"{{#if 1}}", "{{/if}}"}, {"{{#with this}}", "{{/with}}"}, {"{{#each this}}", "{{/each}}"}};
  for (const auto& [open, close] : kBlocks) {
    const std::string text = Repeat(open, kDeepest) + "x" + Repeat(close, kDeepest);
    EXPECT_EQ(Output(text, variables), "x") << open;
    EXPECT_THAT(LoadPrompt(open + text + close).Codes(), HasSubstr("TOO_DEEP")) << open;
  }
}

TEST(LimitsTest, ABranchOfPartialsThatIsTooDeepIsRefused) {
  const auto nest = [](int depth, const std::string& inside) {
    return Repeat("{{#if 1}}", depth) + inside + Repeat("{{/if}}", depth);
  };
  // 100 blocks and a partial, 100 more and another one, and what it has.
  const std::map<std::string, std::string> fits = {{"a", nest(100, "{{> b}}")},
                                                   {"b", nest(54, "x")}};
  EXPECT_EQ(Output(nest(100, "{{> a}}"), "{}", fits), "x");
  const std::map<std::string, std::string> deeper = {{"a", nest(100, "{{> b}}")},
                                                     {"b", nest(55, "x")}};
  const Loaded loaded = LoadPrompt("\n" + nest(100, "{{> a}}"), deeper);
  EXPECT_EQ(loaded.closure, nullptr);
  EXPECT_EQ(loaded.Codes(), "2:901 TOO_DEEP");
  EXPECT_THAT(loaded.Text(), HasSubstr("more than 256 blocks and partials are inside each other"));
  // A chain of {{else if}} is not nested.
  std::string chain = "{{#if a0}}";
  for (int i = 1; i < 200; ++i) chain += fmt::format("{{{{else if a{}}}}}", i);
  chain += "{{> a}}{{/if}}";
  EXPECT_NE(LoadPrompt(chain, {{"a", nest(200, "x")}}).closure, nullptr);
}

TEST(LimitsTest, RenderingStopsAtItsLimits) {
  render::Limits steps;
  steps.steps = 1000;
  EXPECT_THAT(
      RenderText("a\n{{#each l}}{{#each ../l}}{{#each ../../l}}x{{/each}}{{/each}}{{/each}}",
                 R"({"l":[1,2,3,4,5,6,7,8,9,10,11,12]})", {}, steps),
      ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT",
              AllOf(HasSubstr("p.prompt:2:"), HasSubstr("more than 1000 steps"))));
  render::Limits bytes;
  bytes.output_bytes = 100;
  EXPECT_THAT(RenderText("{{#each l}}\n{{v}}{{/each}}", R"({"l":[1,2,3],"v":"x"})", {}, bytes),
              ErrorIs(absl::StatusCode::kInvalidArgument, "EMPTY_PROMPT"));
  const std::string long_value = std::string(60, 'x');
  EXPECT_THAT(RenderText("{{#each l}}\n{{@root.v}}{{/each}}",
                         R"({"l":[1,2,3],"v":")" + long_value + "\"}", {}, bytes),
              ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT",
                      AllOf(HasSubstr("p.prompt:2:3"), HasSubstr("more than 100 bytes"))));
  render::Limits depth;
  depth.depth = 5;
  EXPECT_THAT(
      RenderText(Repeat("{{#if 1}}", 6) + "x" + Repeat("{{/if}}", 6), "{}", {}, depth),
      ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT", HasSubstr("more than 5")));
  EXPECT_OK(RenderText(Repeat("{{#if 1}}", 5) + "x" + Repeat("{{/if}}", 5), "{}", {}, depth));
}

// With the limits that the service has.
TEST(LimitsTest, ABillionStepsAndAHundredMebibytesEndEarly) {
  render::Input input;
  input.variables["l"] = boost::json::array(1000, 1);
  input.variables["v"] = std::string(1 << 20, 'x');
  const std::pair<const char*, const char*> kCases[] = {
      {"{{#each l}}{{#each @root.l}}{{#each @root.l}}{{#if 0}}{{/if}}{{/each}}{{/each}}{{/each}}",
       "more than 5000000 steps"},
      {"{{#each l}}{{@root.v}}{{/each}}", "more than 8388608 bytes"},
      {"{{#each l}}{{> p}}{{/each}}", "more than 8388608 bytes"},
  };
  for (const auto& [text, message] : kCases) {
    EXPECT_THAT(render::Render(*LoadPrompt(text, {{"p", "{{@root.v}}"}}).closure, input),
                ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT", HasSubstr(message)))
        << text;
  }
}

TEST(LimitsTest, ALongChainOfPartialsIsRefused) {
  Tree tree = {{"p.prompt", "{{> p0}}"}};
  for (int i = 0; i < 10'000; ++i) {
    tree[fmt::format("_p{}.prompt", i)] = fmt::format("{{{{> p{}}}}}", i + 1);
  }
  tree["_p10000.prompt"] = "x";
  const Loaded loaded = LoadTree("p.prompt", tree);
  EXPECT_EQ(loaded.closure, nullptr);
  EXPECT_THAT(loaded.Codes(), HasSubstr("TOO_DEEP"));
}

TEST(LimitsTest, ALongChainOfElseIfIsNotNested) {
  std::string text = "{{#if a0}}0";
  for (int i = 1; i < 200; ++i) text += fmt::format("{{{{else if a{}}}}}{}", i, i);
  EXPECT_EQ(Output(text + "{{else}}none{{/if}}", R"({"a199":true})"), "199");
  EXPECT_EQ(Output(text + "{{else}}none{{/if}}"), "none");
}

TEST(LimitsTest, ManyProblemsAreCutShort) {
  const Loaded errors = LoadPrompt(Repeat("{{foo 1}}{{> nope}}", 5000));
  EXPECT_EQ(errors.closure, nullptr);
  EXPECT_LE(errors.diagnostics.size(), 400u);
  const Loaded warnings = LoadPrompt(Repeat("{{#> nope}}x{{/nope}}", 5000));
  EXPECT_NE(warnings.closure, nullptr);
  EXPECT_LE(warnings.diagnostics.size(), 400u);
  // Errors come through many warnings.
  EXPECT_EQ(LoadPrompt(Repeat("{{#> nope}}x{{/nope}}", 5000) + "{{> none}}").closure, nullptr);
}

TEST(LimitsTest, AnInlinePartialCannotRunForEver) {
  EXPECT_THAT(RenderText("{{#*inline \"x\"}}a{{#if 1}}{{> x}}{{/if}}{{/inline}}{{> x}}"),
              ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT", HasSubstr("256")));
  EXPECT_THAT(RenderText("{{#> p}}{{#*inline \"y\"}}{{#if 1}}{{> p2}}{{/if}}{{/inline}}{{/p}}",
                         "{}", {{"p", "{{> y}}"}, {"p2", "{{> y}}"}}),
              ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT"));
}

TEST(LimitsTest, AnInlinePartialThatSurelyIncludesItselfIsRefused) {
  const struct {
    const char* text;
    std::map<std::string, std::string> partials;
    const char* cycle;
  } kCycles[] = {
      {"{{#*inline \"x\"}}a{{> x}}{{/inline}}{{> x}}", {}, "x → x"},
      {"{{#*inline \"x\"}}a{{#> x}}{{/x}}{{/inline}}{{> x}}", {}, "x → x"},
      {"{{#*inline \"x\"}}{{> y}}{{/inline}}{{#*inline \"y\"}}{{> x}}{{/inline}}{{> x}}",
       {},
       "x → y → x"},
      {"{{#*inline \"y\"}}{{> x}}{{/inline}}{{#if 1}}{{#*inline \"x\"}}{{> y}}{{/inline}}{{> "
       "x}}{{/if}}",
       {},
       "x → y → x"},
      {"{{#> p}}{{#*inline \"y\"}}{{> p2}}{{/inline}}{{/p}}",
       {{"p", "{{> y}}"}, {"p2", "{{> y}}"}},
       "y → p2 → y"},
  };
  for (const auto& one : kCycles) {
    const Loaded loaded = LoadPrompt(one.text, one.partials);
    EXPECT_EQ(loaded.closure, nullptr) << one.text;
    EXPECT_THAT(loaded.Text(), AllOf(HasSubstr("INCLUDE_CYCLE"), HasSubstr(one.cycle))) << one.text;
  }
  // What may end, or may mean another one, is let through.
  const std::pair<const char*, std::map<std::string, std::string>> kOthers[] = {
      {"{{#*inline \"x\"}}a{{> x}}{{/inline}}nothing includes it", {}},
      {"{{#*inline \"x\"}}a{{#if more}}{{> x}}{{/if}}{{/inline}}{{> x}}", {}},
      {"{{#*inline \"x\"}}a{{#each more}}{{> x}}{{/each}}{{/inline}}{{> x}}", {}},
      {"{{#*inline \"x\"}}{{> y}}{{/inline}}{{#*inline \"y\"}}b{{/inline}}{{> x}}", {}},
      {"{{#*inline \"x\"}}{{> p}}{{/inline}}{{> x}}",
       {{"p", "{{#*inline \"x\"}}c{{/inline}}{{> x}}"}}},
      {"{{#> p}}a{{/p}}",
       {{"p", "{{#> q}}{{> @partial-block}}{{/q}}"}, {"q", "{{> @partial-block}}"}}},
  };
  for (const auto& [text, partials] : kOthers) {
    EXPECT_OK(RenderText(text, "{}", partials)) << text;
  }
}

TEST(LimitsTest, APartialBlockThatThePromptNeverHasIsRefused) {
  const Loaded loaded = LoadPrompt("a\n{{> @partial-block}}");
  EXPECT_EQ(loaded.Codes(), "2:1 MISSING_PARTIAL");
  EXPECT_EQ(loaded.closure, nullptr);
  EXPECT_NE(LoadPrompt("{{#> @partial-block}}a{{/@partial-block}}").closure, nullptr);
  EXPECT_NE(LoadPrompt("{{#if @partial-block}}{{> @partial-block}}{{/if}}a").closure, nullptr);
}

// A tree takes a hundred times the memory of its text, and what it names is looked
// for in the whole repository.
TEST(LimitsTest, SoManyTagsAndNamesAreTaken) {
  EXPECT_NE(LoadPrompt(Repeat("{{a}}", 20'000)).closure, nullptr);
  const std::string kMany[] = {
      Repeat("{{a}}", 60'000),
      "{{" + Repeat("a.", 60'000) + "a}}",
      "{{json (lookup a b)" + Repeat(" 1", 60'000) + "}}",
      "{{#each a as |" + Repeat("x ", 60'000) + "|}}{{/each}}",
      "{{> p" + Repeat(" a=1", 60'000) + "}}",
  };
  for (const std::string& text : kMany) {
    EXPECT_THAT(LoadPrompt(text, {{"p", ""}}).Codes(), HasSubstr("TOO_LARGE"))
        << text.substr(0, 20);
  }
  std::string names;
  for (int i = 0; i < 2000; ++i) names += fmt::format("{{{{#> n{}}}}}{{{{/n{}}}}}", i, i);
  int reads = 0;
  std::vector<v1::Diagnostic> diagnostics;
  const prompt::ReadFile read = [&](const std::string& path) -> std::optional<std::string> {
    ++reads;
    if (path == "a/b/c/p.prompt") return names;
    return std::nullopt;
  };
  EXPECT_OK(prompt::LoadClosure("a/b/c/p.prompt", read, &diagnostics));
  EXPECT_THAT(diagnostics.back().code() + diagnostics.front().code(), HasSubstr("TOO_LARGE"));
  EXPECT_LT(reads, 2500);
}

// A step may hide work that grows with a value; it is counted.
TEST(LimitsTest, WorkOnLongValuesIsCounted) {
  render::Input input;
  input.variables["a"] = std::string(4 << 20, 'x');
  input.variables["b"] = std::string(4 << 20, 'x');
  boost::json::array list(3000, 1);
  input.variables["l"] = list;
  render::Limits limits;
  limits.steps = 100'000;
  for (const char* text : {
           "{{#each l}}{{#ifEquals @root.a @root.b}}{{/ifEquals}}{{/each}}x",
           "{{#each l}}{{#if @root.a.length}}{{/if}}{{/each}}x",
           "{{#each l}}{{#if (lookup @root.a 5000000)}}{{/if}}{{/each}}x",
           "{{#each l}}{{#if (json @root.a)}}{{/if}}{{/each}}x",
           "{{#each l}}{{#with @root.a}}{{#with @root.b}}{{/with}}{{/with}}{{/each}}x",
           "{{#each l}}{{json @root.l}}{{/each}}",
           "{{#each l}}{{@root.l}}{{/each}}",
       }) {
    EXPECT_THAT(render::Render(*LoadPrompt(text).closure, input, limits),
                ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT"))
        << text;
  }
}

TEST(LimitsTest, HistoryCountsAsOutput) {
  render::Input input;
  v1::Message* message = input.history.Add();
  message->set_role(v1::ROLE_USER);
  message->add_parts()->set_text(std::string(1 << 20, 'x'));
  input.variables["l"] = boost::json::array(1000, 1);
  EXPECT_THAT(render::Render(*LoadPrompt("{{#each l}}{{history}}{{/each}}").closure, input),
              ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT"));
}

TEST(LimitsTest, MediaAndSectionsCountAsOutput) {
  render::Input input;
  input.variables["u"] = std::string(1 << 20, 'x');
  input.variables["l"] = boost::json::array(1000, 1);
  for (const char* text :
       {"{{#each l}}{{media url=@root.u}}{{/each}}", "{{#each l}}{{section @root.u}}{{/each}}"}) {
    EXPECT_THAT(render::Render(*LoadPrompt(text).closure, input),
                ErrorIs(absl::StatusCode::kResourceExhausted, "RENDER_LIMIT"))
        << text;
  }
}

}  // namespace
}  // namespace colophon
