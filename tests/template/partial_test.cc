// Expected texts are what Handlebars.js 4.7 prints with noEscape.

#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(PartialTest, IsHandlebars) {
  const HandlebarsCase kCases[] = {
      {"{{> p}}", R"({"a":1})", "11", {{"p", "{{a}}{{@root.a}}"}}},
      {"{{> p b}}", R"({"a":1,"b":{"a":2}})", "2", {{"p", "{{a}}{{../a}}"}}},
      {"{{> p x=a y=\"z\"}}",
       R"({"a":1})",
       "11zayx",
       {{"p", "{{a}}{{x}}{{y}}{{#each this}}{{@key}}{{/each}}"}}},
      {"{{> p b a=9}}",
       R"({"b":{"a":1,"c":2}})",
       "92{\"a\":9,\"c\":2}",
       {{"p", "{{a}}{{c}}{{json this}}"}}},
      {"{{> p x=undefined}}{{> p x=null}}", R"({"x":1})", "[1][]", {{"p", "[{{x}}]"}}},
      {"{{> p s x=1}}",
       R"({"s":"ab"})",
       "{\"0\":\"a\",\"1\":\"b\",\"x\":1}",
       {{"p", "{{json this}}"}}},
      {"{{> p l x=1}}",
       R"({"l":["a"]})",
       "{\"0\":\"a\",\"x\":1}a",
       {{"p", "{{json this}}{{[0]}}{{length}}"}}},
      {"{{> p (json a) x=1}}{{> p (json no) x=1}}",
       R"({"a":2})",
       "{\"string\":\"2\",\"x\":1}2string,x,{\"x\":1}string,x,",
       {{"p", "{{json this}}{{string}}{{#each this}}{{@key}},{{/each}}"}}},
      {"{{#each l}}{{> p}}{{/each}}",
       R"({"l":[1,2]})",
       "10;21;",
       {{"p", "{{this}}{{@index}}{{../x}};"}}},
      {"{{#each l as |v|}}{{> p}}{{/each}}", R"({"l":[1],"v":"V"})", "|", {{"p", "{{v}}|"}}},
      {"{{#if a}}{{> p}}{{/if}}", R"({"a":1})", "1", {{"p", "{{> q}}"}, {"q", "{{a}}"}}},
      {"{{#> p}}body{{/p}}", R"({})", "[body]", {{"p", "[{{> @partial-block}}]"}}},
      {"{{#> nope}}fallback{{/nope}}", R"({})", "fallback"},
      {"{{#> p}}{{a}}{{/p}}",
       R"({"a":1,"b":{"a":2}})",
       "123",
       {{"p", "{{> @partial-block}}{{> @partial-block b}}{{> @partial-block a=3}}"}}},
      {"{{#> p}}{{#> q}}in{{/q}}{{/p}}",
       R"({})",
       "p(q(in))",
       {{"p", "p({{> @partial-block}})"}, {"q", "q({{> @partial-block}})"}}},
      {"{{#> p}}x{{/p}}",
       R"({})",
       "q(<x>)",
       {{"p", "{{#> q}}<{{> @partial-block}}>{{/q}}"}, {"q", "q({{> @partial-block}})"}}},
      {"{{#*inline \"i\"}}{{x}}{{/inline}}{{> i x=1}}{{> i x=2}}", R"({})", "12"},
      {"{{> i}}{{#*inline \"i\"}}I{{/inline}}", R"({})", "I"},
      {"{{#> p}}{{#*inline \"nav\"}}N{{a}}{{/inline}}{{/p}}",
       R"({"a":1})",
       "[N1d]",
       {{"p", "[{{> nav}}{{#> other}}d{{/other}}]"}}},
      {"{{#*inline \"i\"}}outer{{/inline}}{{#if a}}{{#*inline \"i\"}}inner{{/inline}}{{> "
       "i}}{{/if}}{{> i}}",
       R"({"a":1})", "innerouter"},
      {"{{#*inline \"i\"}}{{../a}}|{{a}}{{/inline}}{{#with b}}{{> i}}{{/with}}",
       R"({"a":1,"b":{"a":2}})", "|2"},
      {"{{> \"a\"}}{{> [a]}}", "{}", "11", {{"a", "1"}}},
      {"{{> p x=1 x=2}}{{json a indent=0 indent=2}}", R"({"a":[1]})", "1[1]", {{"p", "{{x}}"}}},
      {"{{> p (lookup o \"k\")}}", R"({"o":{"k":{"a":5}}})", "5", {{"p", "{{a}}"}}},
      {"{{#each l}}{{#> p}}{{this}}{{@index}}{{/p}}{{/each}}",
       R"({"l":["a","b"]})",
       "<a0><b1>",
       {{"p", "<{{> @partial-block}}>"}}},
  };
  for (const HandlebarsCase& test : kCases) CheckHandlebars(test);
}

TEST(PartialTest, AskingForABlockThatIsNotThereIsAnError) {
  EXPECT_THAT(RenderText("{{> p}}", "{}", {{"p", "{{> @partial-block}}"}}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "MISSING_PARTIAL",
                      testing::HasSubstr("_p.prompt:1:1")));
  EXPECT_EQ(Output("a{{> p}}", "{}", {{"p", "{{#if @partial-block}}x{{> @partial-block}}{{/if}}"}}),
            "a");
}

}  // namespace
}  // namespace colophon
