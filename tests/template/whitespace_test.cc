// Expected texts are what Handlebars.js 4.7 prints with noEscape.

#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(WhitespaceTest, IsHandlebars) {
  const HandlebarsCase kCases[] = {
      {"a\n{{#if x}}\nb\n{{/if}}\nc", R"({"x":1})", "a\nb\nc"},
      {"a\n  {{#if x}}  \n  b\n  {{/if}}  \nc", R"({"x":1})", "a\n  b\nc"},
      {"{{#if x}}\nb\n{{/if}}", R"({"x":1})", "b\n"},
      {"a {{#if x}}\nb\n{{/if}}\nc", R"({"x":1})", "a \nb\nc"},
      {"{{#if x}}\n1\n{{else}}\n2\n{{/if}}\n", R"({})", "2\n"},
      {"{{#if x}}\n1\n{{else if y}}\n2\n{{else}}\n3\n{{/if}}\n", R"({"y":1})", "2\n"},
      {"{{#if x}}1{{else}}\n2\n{{/if}}", R"({})", "\n2\n"},
      {"{{! c }}\na", R"({})", "a"},
      {"a\n{{! c }}\nb", R"({})", "a\nb"},
      {"a {{! c }}\nb", R"({})", "a \nb"},
      {"  {{!-- c --}}  \nb", R"({})", "b"},
      {"{{#each l}}\n- {{this}}\n{{/each}}\n", R"({"l":[1,2]})", "- 1\n- 2\n"},
      {"{{#each l}}\n\n- {{this}}\n\n{{/each}}\n", R"({"l":[1,2]})", "\n- 1\n\n\n- 2\n\n"},
      {"a  {{~x~}}  b", R"({"x":1})", "a1b"},
      {"a  {{~#if x~}}  b  {{~/if~}}  c", R"({"x":1})", "abc"},
      {"a \n {{~#if x}} b {{else~}} c {{/if}} d", R"({})", "ac  d"},
      {"a  {{~! c ~}}  b", R"({})", "ab"},
      {"a  {{~{x}~}}  b", R"({"x":1})", "a1b"},
      {"a \n{{~x}}", R"({"x":1})", "a1"},
      {"a\r\n{{#if x}}\r\nb\r\n{{/if}}\r\nc", R"({"x":1})", "a\r\nb\r\nc"},
      {"\n\n{{#if x}}\nb\n{{/if}}\n\nc", R"({"x":1})", "\n\nb\n\nc"},
      {"{{#if x}}\n{{#if x}}\nb\n{{/if}}\n{{/if}}\nc", R"({"x":1})", "b\nc"},
      {"{{#if x}} {{/if}}\nc", R"({"x":1})", " \nc"},
      {"a\n{{^x}}\nb\n{{/x}}\nc", R"({})", "a\nb\nc"},
      {"{{{{raw}}}}\n {{x}} \n{{{{/raw}}}}\n", R"({"raw":1})", " {{x}} \n"},
      {"a\n  {{> p}}\nb", R"({})", "a\n  1\n  2\nb", {{"p", "1\n2\n"}}},
      {"a\n  {{> p}} b", R"({})", "a\n  1\n2\n b", {{"p", "1\n2\n"}}},
      {"a\n\t{{> p}}\nb", R"({})", "a\n\t1\n\t\n\t2b", {{"p", "1\n\n2"}}},
      {"  {{> p}}\n", R"({})", "", {{"p", ""}}},
      {"a\n  {{> p}}\nb",
       R"({})",
       "a\n    1\n    2\n  .b",
       {{"p", "  {{> q}}\n."}, {"q", "1\n2\n"}}},
      {"{{> p}}\n\nb", R"({})", "1\nb", {{"p", "1"}}},
      {"a\n  {{#> p}}\n  x\n  {{/p}}\nb",
       R"({})",
       "a\n[\n  x\n]b",
       {{"p", "[\n{{> @partial-block}}\n]"}}},
      {"{{#*inline \"i\"}}\n I\n{{/inline}}\na\n  {{> i}}\n", R"({})", "a\n   I\n"},
      {"{{x}}\n{{#if x}}{{/if}}\n{{x}}", R"({"x":1})", "1\n\n1"},
      {"{{#if x~}}\n a\n{{~else~}}\n b\n{{~/if}}\nc", R"({})", "bc"},
  };
  for (const HandlebarsCase& test : kCases) CheckHandlebars(test);
}

}  // namespace
}  // namespace colophon
