// Random templates, the same ones in every run: nothing crashes, every error
// has a place, and what renders once renders so again.

#include <random>

#include "service/base/json.h"
#include "service/template/lint/lint.h"
#include "service/template/render/canonical.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  std::string Next() {
    std::string text = kSeeds[Pick(std::size(kSeeds))];
    const int changes = 1 + static_cast<int>(Pick(6));
    for (int i = 0; i < changes; ++i) Change(&text);
    return text;
  }

 private:
  size_t Pick(size_t count) { return random_() % count; }

  void Change(std::string* text) {
    const size_t at = Pick(text->size() + 1);
    switch (Pick(5)) {
      case 0:
        text->insert(at, kPieces[Pick(std::size(kPieces))]);
        break;
      case 1:
        text->erase(at, 1 + Pick(4));
        break;
      case 2:
        text->replace(at, std::min<size_t>(Pick(3), text->size() - at),
                      kPieces[Pick(std::size(kPieces))]);
        break;
      case 3:
        text->insert(at, 1, static_cast<char>(random_() % 256));
        break;
      default: {
        // A piece of it once more.
        const size_t from = Pick(text->size() + 1);
        text->insert(at, text->substr(from, Pick(30)));
      }
    }
  }

  static constexpr const char* kSeeds[] = {
      "{{role \"system\"}}Be {{tone}}.\n{{#each docs as |d i|}}\n[{{i}}] {{d.title}}{{#unless "
      "@last}},{{/unless}}\n{{else}}\nnone\n{{/each}}\n{{history}}{{role \"user\"}}{{question}}",
      "---\nmodel: openai/gpt\nconfig: {temperature: 0.5}\ninput:\n  default: {a: 1}\n  schema: "
      "{a: "
      "string, b?: integer}\noutput: {schema: {x(array, t): string}}\n---\n{{a}} {{json this "
      "indent=2}}\n",
      "{{~#if a~}} x {{~else if (lookup b \"c\")~}} y {{else}} z {{/if}}{{^c}}n{{/c}}{{#with "
      "d}}{{../e}}{{/with}}",
      "a\n  {{> p x=1 y=(json z)}}\nb{{#> q}}body {{this}}{{/q}}{{#*inline "
      "\"i\"}}{{x}}{{/inline}}{{> i}}",
      "\\{{x}} \\\\{{y}} {{{z}}} {{&w}} {{!c}} {{!-- d --}} {{{{raw}}}} {{n}} {{{{/raw}}}}",
      "{{media url=photo contentType=\"image/png\"}}{{section \"s\"}}{{#ifEquals a.[b c] "
      "1.5}}t{{else}}f{{/ifEquals}}{{@root.x.[0].y}}",
  };
  static constexpr const char* kPieces[] = {"{{",
                                            "}}",
                                            "{{{",
                                            "}}}",
                                            "{{{{",
                                            "}}}}",
                                            "{{#",
                                            "{{/",
                                            "{{^}}",
                                            "{{else}}",
                                            "{{!--",
                                            "--}}",
                                            "{{>",
                                            "{{#>",
                                            "~",
                                            "#",
                                            "/",
                                            "^",
                                            "&",
                                            "*",
                                            "(",
                                            ")",
                                            "[",
                                            "]",
                                            "\"",
                                            "'",
                                            "\\",
                                            "=",
                                            "|",
                                            "as |x|",
                                            "@",
                                            "..",
                                            ".",
                                            "../",
                                            "this",
                                            "@index",
                                            "null",
                                            "undefined",
                                            "true",
                                            "-1.5",
                                            "each",
                                            "if",
                                            "role",
                                            "---\n",
                                            "\n",
                                            "\r\n",
                                            "\r",
                                            " ",
                                            ": ",
                                            "- ",
                                            "{{/if}}",
                                            "{{/each}}",
                                            "é",
                                            "\xf0\x9f\x98\x80",
                                            "\xc2\xa0",
                                            "?",
                                            "&a ",
                                            "*a",
                                            "!!str ",
                                            "|\n  x\n",
                                            "colophon.timeout: 3s\n",
                                            "(*)"};

  std::mt19937 random_;
};

TEST(RobustnessTest, NothingCrashesAndErrorsHaveTheirPlace) {
  constexpr int kRounds = 20'000;
  const std::map<std::string, std::string> kPartials = {{"p", "P{{x}}\n{{y}}"},
                                                        {"q", "[{{> @partial-block}}]"}};
  render::Input input;
  input.variables = Object(
      R"({"a":"x","b":{"c":[1,2]},"d":{"e":null},"docs":[{"title":"t"},{"title":"u"}],"x":[{"y":1}],
          "photo":"http://p","question":"q?","tone":"kind","raw":true,"z":{"10":1,"9":2}})");
  render::Limits limits;
  limits.steps = 10'000;
  limits.output_bytes = 100'000;
  Mutator mutator(20'260'101);
  int rendered = 0;
  int refused = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = mutator.Next();
    const Loaded loaded = LoadPrompt(text, kPartials);
    if (!loaded.closure) {
      ++refused;
      ASSERT_FALSE(loaded.diagnostics.empty()) << text;
      for (const v1::Diagnostic& diagnostic : loaded.diagnostics) {
        ASSERT_TRUE(IsUtf8(diagnostic.message())) << text;
        ASSERT_FALSE(diagnostic.code().empty()) << text;
        ASSERT_GE(diagnostic.line(), 1) << text << "\n" << FormatDiagnostic(diagnostic);
      }
      continue;
    }
    const auto once = render::Render(*loaded.closure, input, limits);
    const auto again = render::Render(*loaded.closure, input, limits);
    ASSERT_EQ(once.ok(), again.ok()) << text;
    if (!once.ok()) {
      ASSERT_NE(ReasonOf(once.status()), "BUG") << text;
      continue;
    }
    ++rendered;
    ASSERT_EQ(render::CanonicalRendered(*once), render::CanonicalRendered(*again)) << text;
    ASSERT_TRUE(IsUtf8(render::CanonicalRendered(*once))) << text;
  }
  // Else the mutations test nothing.
  EXPECT_GT(rendered, kRounds / 20);
  EXPECT_GT(refused, kRounds / 20);
}

// Where a character of each warning stands, and that what is called unused makes
// no difference to what is sent.
TEST(RobustnessTest, LintIsRightOnRandomTemplates) {
  constexpr int kRounds = 10'000;
  constexpr char kInput[] =
      "---\ninput: {default: {a: 1, b: {c: 2}, d: 3, docs: [4], x: 5, y: 6, z: 7, tone: 8}}\n---\n";
  const std::map<std::string, std::string> kPartials = {
      {"p", "P{{x}}\n{{#with d}}{{../y}}{{/with}}"}, {"q", "[{{> @partial-block}}]{{z.a}}"}};
  const json::object kVariables = Object(
      R"({"a":"x","b":{"c":[1,2]},"d":{"e":null},"docs":[{"title":"t"},{"title":"u"}],"x":[{"y":1}],
          "y":true,"photo":"http://p","question":"q?","raw":true,"z":{"10":1,"9":2}})");
  render::Limits limits;
  limits.steps = 10'000;
  limits.output_bytes = 100'000;
  Mutator mutator(20'261'124);
  int unused = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string body = mutator.Next();
    const std::string text = body.starts_with("---") ? body : kInput + body;
    const Loaded loaded = LoadPrompt(text, kPartials);
    if (!loaded.closure) continue;
    render::Input input;
    input.variables = kVariables;
    const auto all = render::Render(*loaded.closure, input, limits);
    std::vector<v1::Diagnostic> found;
    lint::Lint(*loaded.closure, &found);
    for (const v1::Diagnostic& warning : found) {
      const bool refuses = warning.code() == "IGNORED_BLOCK" || warning.code() == "BAD_PARAMETER";
      ASSERT_EQ(warning.severity(),
                refuses ? v1::Diagnostic::SEVERITY_ERROR : v1::Diagnostic::SEVERITY_WARNING)
          << text;
      ASSERT_TRUE(IsUtf8(warning.message())) << text;
      ASSERT_GE(warning.line(), 1) << text << "\n" << FormatDiagnostic(warning);
      if (warning.code() != "UNUSED_VARIABLE" || !all.ok()) continue;
      const size_t quote = warning.message().find('"') + 1;
      const std::string name =
          warning.message().substr(quote, warning.message().find('"', quote) - quote);
      for (const json::value& other : {json::value(), json::value("other"), json::value(false)}) {
        input.variables[name] = other;
        const auto without = render::Render(*loaded.closure, input, limits);
        ASSERT_TRUE(without.ok()) << name << "\n" << text << without.status();
        ASSERT_EQ(render::CanonicalRendered(*all), render::CanonicalRendered(*without))
            << name << "\n"
            << text;
      }
      input.variables = kVariables;
      ++unused;
    }
  }
  // Else it compares nothing.
  EXPECT_GT(unused, kRounds / 20);
}

}  // namespace
}  // namespace colophon
