#include "client/cli/import/jinja.h"

#include "client/cli/import/prompt_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/import/import_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

const json::object& Variables() {
  static const auto* const kVariables = new json::object{
      {"x", "X"},
      {"n", 2},
      {"yes", true},
      {"no", false},
      {"empty", ""},
      {"list", {"a", "b"}},
      {"nothing", json::array()},
      {"history", "H"},
      {"user", {{"name", "Ada"}, {"a b", "C"}, {"tags", {{{"t", "1"}}, {{"t", "2"}}}}}},
  };
  return *kVariables;
}

std::vector<std::string> Render(const std::string& text, bool roles, bool with_history = false) {
  JinjaOptions options;
  options.roles = roles;
  auto result = ConvertJinja(text, options);
  if (!result.ok()) return {"error: " + MessageOf(result.status())};
  ImportedVersion version;
  version.files.push_back({"a.prompt", PromptText({{"model", "echo/any"}}, result->body)});
  return RenderVersion(version, Variables(), with_history);
}

TEST(JinjaTest, RendersWhatJinjaRenders) {
  // What jinja2 with its own settings makes of each; one line break at the end goes.
  const struct {
    const char* source;
    const char* meant;
  } cases[] = {
      {"{{x}} {{ x }}{{- x -}} .", "X XX."},
      {"{{ user.name }} {{ user['a b'] }} {{ user[\"name\"] }} {{ list[1] }}", "Ada C Ada b"},
      {"{{ x | safe }} {{ '{{' }} {{ \"}}\" }} {{ 42 }}", "X {{ }} 42"},
      {"{{ missing }}.", "."},
      {"{{ history }}", "H"},
      {"{% if yes %}A{% endif %}{% if no %}B{% endif %}", "A"},
      {"{% if empty %}A{% elif n == 2 %}B{% else %}C{% endif %}", "B"},
      {"{% if x == \"X\" %}A{% else %}B{% endif %}{% if x != 'X' %}C{% endif %}", "A"},
      {"{% if not no %}A{% else %}B{% endif %}{% if not x == 'X' %}C{% endif %}", "A"},
      {"{% if yes == true %}A{% endif %}{% if no == True %}B{% endif %}", "A"},
      {"a\n{% if yes %}\nb\n{% endif %}\nc", "a\n\nb\n\nc"},
      {"a\n  {% if yes %}\n  b\n  {% else %}\n  c\n  {% endif %}\nd", "a\n  \n  b\n  \nd"},
      {"a\n{%- if yes %}\nb\n{%- endif %}\nc", "a\nb\nc"},
      {"a\n{% if yes -%}\n  b\n{%- endif %}\nc", "a\nb\nc"},
      {"{% for i in list %}{{ i }}{{ loop.index0 }}{% if loop.last %}.{% else %},{% endif %}"
       "{% endfor %}",
       "a0,b1."},
      {"{% for i in list %}\n- {{ i }} {{ x }} {{ user.name }}\n{% endfor %}\nend",
       "\n- a X Ada\n\n- b X Ada\n\nend"},
      {"{% for i in nothing %}A{% else %}{{ x }}{% endfor %}{% for i in missing %}B{% endfor %}",
       "X"},
      {"{% for t in user.tags %}{{ t.t }}{% for i in list %}{{ t.t }}{{ i }}{% endfor %}"
       "{% endfor %}",
       "11a1b22a2b"},
      {"{% for i in list %}{{ history }}{{ i }}{% endfor %}", "HaHb"},
      {"a {# not said #}b\n{# nor this #}\nc", "a b\n\nc"},
      {"{% raw %}{{ x }} {% if %} \\{{{% endraw %}{{ x }}", "{{ x }} {% if %} \\{{X"},
      {"{%- raw -%}  {{ x }}  {%- endraw -%} .", "{{ x }}."},
      {"{ {{x}} } {{x}}}", "{ X } X}"},
      {"\\{{ x }} \\\\{{ x }}", "\\X \\\\X"},
      {"{{'{'}}{{ x }}{{'}'}}", "{X}"},
      {"a\n", "a"},
      {"a\n\n", "a\n"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(Render(c.source, /*roles=*/false), ElementsAre(std::string("user|") + c.meant))
        << c.source;
  }
}

TEST(JinjaTest, SplitsAChatAsPromptyDoes) {
  const struct {
    const char* source;
    std::vector<std::string> meant;
  } cases[] = {
      {"system:\nBe kind.\n\nuser:\n{{x}}\n", {"system|Be kind.\n", "user|X"}},
      {"Be kind.\nuser:\n{{x}}", {"system|Be kind.", "user|X"}},
      {"\n\n# System:\n  a\n\n Assistant : \nb\n", {"system|  a\n", "model|b"}},
      {"system:\nuser: not a role\nA user:\nuser:\nb",
       {"system|user: not a role\nA user:", "user|b"}},
      {"system:\na\n{% if yes %}\nuser:\nb\n{% endif %}\n", {"system|a\n", "user|b\n"}},
      {"system:\na\n{% if no %}\nuser:\nb\n{% endif %}\n", {"system|a\n"}},
      {"system:\na\nsystem:\nb", {"system|a", "system|b"}},
      {"{# c #}\nsystem:\na", {"system|a"}},
      {"{{x}} is first", {"system|X is first"}},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(Render(c.source, /*roles=*/true), ElementsAreArray(c.meant)) << c.source;
  }
}

TEST(JinjaTest, KnowsTheHistory) {
  // A loop's own line break before each role is what ends the text before it.
  const struct {
    const char* source;
    const char* before;
  } cases[] = {
      {"{% for item in chat_history %}\n{{item.role}}:\n{{item.content}}\n{% endfor %}\n",
       "system|Be kind.\n"},
      {"{%- for m in messages -%}\n{{ m['role'] }}:\n{{ m[\"content\"] }}\n{%- endfor %}\n",
       "system|Be kind."},
      {"![thread]\n", "system|Be kind."},
  };
  for (const auto& c : cases) {
    const std::string text = std::string("system:\nBe kind.\n") + c.source + "\nuser:\n{{x}}";
    EXPECT_THAT(Render(text, true, true), ElementsAre(c.before, "model|H1", "user|H2", "user|X"))
        << c.source;
  }
  JinjaOptions options;
  options.history_inputs = {"conversation"};
  ASSERT_OK_AND_ASSIGN(const JinjaResult result,
                       ConvertJinja("system:\na\n\n{{conversation}}\n\nuser:\nb", options));
  EXPECT_THAT(result.history, ElementsAre("conversation"));
  EXPECT_THAT(result.body.variables(), IsEmpty());
}

TEST(JinjaTest, SaysHowVariablesAreUsed) {
  ASSERT_OK_AND_ASSIGN(
      const JinjaResult result,
      ConvertJinja("{{a}}{{b.c}}{% if d %}{% for e in f %}{{e}}{{g}}{% endfor %}{% endif %}", {}));
  EXPECT_THAT(result.printed, ElementsAre("a", "g"));
  EXPECT_THAT(result.tested, ElementsAre("d", "f"));
  EXPECT_THAT(result.body.variables(), ElementsAre("a", "b", "d", "f", "g"));
}

TEST(JinjaTest, RefusesWhatItCantConvert) {
  const struct {
    const char* source;
    const char* why;
  } cases[] = {
      {"a\n{{ x | upper }}", "line 7: {{ x | upper }} has the filter upper"},
      {"{{ x | default('y') }}", "filter default"},
      {"{{ x.upper() }}", "calls a function"},
      {"{{ x + 1 }}", "has + after a path"},
      {"{{ x[1:2] }}", "has [ after a path"},
      {"{{ }}", "is no path of names"},
      {"{{ none }}", "has none where a variable should be"},
      {"{% if a and b %}{% endif %}", "has \"and\""},
      {"{% if a is defined %}{% endif %}", "has \"is\""},
      {"{% if a == b %}{% endif %}", "compares with"},
      {"{% if a > 1 %}{% endif %}", "has > after a path"},
      {"{% for k, v in x.items() %}{% endfor %}", "is no loop that can be converted"},
      {"{% for each in x %}{% endfor %}", "names its variable each"},
      {"{% for i in x %}{{ loop.index }}{% endfor %}", "asks the loop"},
      {"{% set a = 1 %}", "can't be converted"},
      {"{% include 'x' %}", "can't be converted"},
      {"{% macro a() %}{% endmacro %}", "can't be converted"},
      {"{% if x %}", "{% if %} is never closed"},
      {"{% endif %}", "closes no if"},
      {"{% for i in x %}{% endif %}", "closes no if"},
      {"{% else %}", "has no if before it"},
      {"{{ x", "{{ is never closed"},
      {"{% raw %}", "{% raw %} is never closed"},
      {"{# x", "{# is never closed"},
      {"{% if x %}user:\na{% endif %}", "share a line"},
      {"tools:\na", "role \"tools\""},
      {"![thread]\nmore", "follows the history"},
  };
  for (const auto& c : cases) {
    JinjaOptions options;
    options.first_line = 6;
    EXPECT_THAT(ConvertJinja(c.source, options),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JINJA", HasSubstr(c.why)))
        << c.source;
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{% if x %}";
  EXPECT_THAT(ConvertJinja(deep, {}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JINJA", HasSubstr("too deep")));
}

}  // namespace
}  // namespace colophon
