// Warnings about variables.

#include <algorithm>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/template/lint_testing.h"

namespace colophon {
namespace {

using testing::HasSubstr;

// A body, and what is said of it.
using Cases = std::vector<std::pair<std::string, std::string>>;

// `input` is on line 2, a map in braces; the body begins on line 4.
std::string With(std::string_view input, std::string_view body) {
  return fmt::format("---\ninput: {}\n---\n{}", input, body);
}

void ExpectWarnings(std::string_view input, const Cases& cases) {
  for (const auto& [body, warnings] : cases) {
    EXPECT_EQ(LintPrompt(With(input, body)), warnings) << input << "\n" << body;
  }
}

constexpr char kUnused[] = "2:18 UNUSED_VARIABLE";

TEST(LintVariablesTest, AVariableThatNothingReads) {
  ExpectWarnings("{schema: {name?: string}}",
                 {
                     {"Hello", kUnused},
                     {"{{! name }}Hello", kUnused},
                     {"{{@name}}", kUnused},
                     {"{{#*inline \"i\"}}{{name}}{{/inline}}x", kUnused},
                     {"x{{\"na\"}}", "2:18 UNUSED_VARIABLE\n4:4 UNDECLARED_VARIABLE"},
                     // Every way to read it.
                     {"{{name}}", ""},
                     {"{{{name}}}{{&name}}", ""},
                     {"{{this.name}}", ""},
                     {"{{./name}}", ""},
                     {"{{@root.name}}", ""},
                     {"{{[name]}}", ""},
                     {"{{\"name\"}}", ""},
                     {"{{name.length}}", ""},
                     {"{{#if name}}x{{/if}}", ""},
                     {"{{#unless name}}x{{/unless}}", ""},
                     {"{{^name}}x{{/name}}", ""},
                     {"{{#each name}}x{{/each}}", ""},
                     {"{{#with name}}x{{/with}}", ""},
                     {"{{#ifEquals \"a\" name}}x{{/ifEquals}}", ""},
                     {"{{json name}}", ""},
                     {"{{log name}}x", ""},
                     {"{{lookup this \"name\"}}", ""},
                     {"{{#if (lookup . \"name\")}}x{{/if}}", ""},
                     {"{{lookup @root.l name}}", "4:10 UNDECLARED_VARIABLE"},
                     {"{{media url=name}}", ""},
                     {"{{role name}}x", ""},
                     {"{{#if x}}{{/if}}{{#if false}}{{name}}{{/if}}",
                      "4:7 UNDECLARED_VARIABLE\n4:17 UNREACHABLE_BRANCH"},
                     {"{{#with @root}}{{name}}{{/with}}", ""},
                     {"{{#with @root as |r|}}{{r.name}}{{/with}}", ""},
                     // What reads everything.
                     {"{{json this}}", ""},
                     {"{{json @root}}", ""},
                     {"{{#each this}}{{this}}{{/each}}", ""},
                     {"{{lookup this @key}}", ""},
                     {"{{#with this}}{{json .}}{{/with}}", ""},
                 });
  EXPECT_THAT(LintMessages({{"p.prompt", With("{schema: {name?: string}}", "x")}}),
              HasSubstr("reads the variable \"name\""));
}

TEST(LintVariablesTest, ANameInAnotherContextIsAnotherName) {
  ExpectWarnings(
      "{schema: {name: string, items(array): any}}",
      {
          {"{{#each items}}{{name}}{{/each}}", kUnused},
          {"{{#each items}}{{this.name}}{{/each}}", kUnused},
          {"{{#with items}}{{name}}{{/with}}", kUnused},
          {"{{#each items}}{{../name}}{{/each}}", ""},
          {"{{#each items}}{{#if x}}{{../name}}{{/if}}{{/each}}", ""},
          {"{{#each items}}{{#each x}}{{../../name}}{{/each}}{{/each}}", ""},
          // Two equal strings are one step, so this may well mean it.
          {"{{#each items}}{{#each x}}{{../name}}{{/each}}{{/each}}", ""},
          {"{{#each items}}{{@root.name}}{{@index}}{{@key}}{{@first}}{{@last}}{{/each}}", ""},
          {"{{#each items as |name|}}{{name}}{{/each}}", kUnused},
          {"{{#each items as |item i|}}{{item.x}}{{i}}{{../name}}{{/each}}", ""},
          {"{{#each items}}{{else}}{{name}}{{/each}}", ""},
          {"{{#items}}{{name}}{{/items}}", kUnused},
          {"{{#items}}{{else}}{{name}}{{/items}}", ""},
          {"{{../name}}{{items}}", kUnused},
      });
  // A block of a variable that may be true keeps its context.
  ExpectWarnings("{schema: {name: string, user: any}}", {{"{{#user}}{{name}}{{/user}}", ""}});
  ExpectWarnings("{schema: {name: string, user: boolean}}", {{"{{#user}}{{name}}{{/user}}", ""}});
}

TEST(LintVariablesTest, WhatIsUnusedIsToldWhereItStands) {
  EXPECT_EQ(LintPrompt("---\ninput:\n  schema:\n    a: string\n    b?(array, of b): string\n"
                       "    c(object):\n      d: string\n  default:\n    e: 1\n    a: x\n---\nx"),
            "4:5 UNUSED_VARIABLE\n5:5 UNUSED_VARIABLE\n6:5 UNUSED_VARIABLE\n9:5 "
            "UNUSED_VARIABLE\n9:5 BAD_DEFAULT");
  EXPECT_EQ(LintPrompt("---\ninput:\n  schema:\n    type: object\n    properties:\n"
                       "      a/b: {type: string}\n      c: {}\n---\n{{c}}"),
            "6:7 UNUSED_VARIABLE");
  EXPECT_EQ(LintPrompt(With("{default: {a: 1, b: 2}}", "{{b}}")), "2:19 UNUSED_VARIABLE");
  // The schema's file may serve other prompts.
  EXPECT_EQ(LintTree({{"p.prompt", With("{schema: s}", "{{a}}")},
                      {"s.schema.json", R"({"type":"object","properties":{"a":{},"b":{}}})"}}),
            "");
}

TEST(LintVariablesTest, AVariableThatTheSchemaHasNoPlaceFor) {
  ExpectWarnings(
      "{schema: {name: string, user?(object): {first: string}, l(array): {id: string}}}",
      {
          {"{{name}}{{user}}{{l}}\n {{nmae}}", "5:4 UNDECLARED_VARIABLE"},
          {"{{json this}}{{@root.nmae}}", "4:16 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#if nmae}}{{/if}}", "4:20 UNDECLARED_VARIABLE"},
          {"{{json this}}{{lookup this \"nmae\"}}", "4:28 UNDECLARED_VARIABLE"},
          {"{{json this}}{{json (lookup l nmae)}}", "4:31 UNDECLARED_VARIABLE"},
          {"{{json this}}{{media url=nmae}}", "4:26 UNDECLARED_VARIABLE"},
          {"{{json this}}{{nmae.x.y}}", "4:16 UNDECLARED_VARIABLE"},
          // Members of what the schema describes.
          {"{{json this}}{{user.frist}}", "4:16 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#with user}}{{frist}}{{/with}}", "4:30 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#user}}{{name}}{{/user}}", "4:25 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#each l}}{{name}}{{/each}}", "4:27 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#each l as |x|}}{{x.name}}{{/each}}", "4:34 UNDECLARED_VARIABLE"},
          {"{{json this}}{{#each l}}{{../nmae}}{{/each}}", "4:27 UNDECLARED_VARIABLE"},
          {"{{json this}}{{l.0.name}}", "4:16 UNDECLARED_VARIABLE"},
          {"{{json this}}{{user.first}}{{#with user}}{{first}}{{../name}}{{/with}}", ""},
          {"{{json this}}{{#each l}}{{id}}{{@index}}{{@anything}}{{/each}}{{l.length}}{{l.0.id}}",
           ""},
          {"{{json this}}{{name.length}}{{name.anything}}", ""},
          {"{{json this}}{{@metadata.prompt.model}}{{@state.x}}", ""},
      });
  const auto message = [](std::string_view schema, std::string_view body) {
    return LintMessages({{"p.prompt", With(fmt::format("{{schema: {}}}", schema), body)}});
  };
  EXPECT_EQ(message("{userName: any}", "{{user_name}}{{userName}}"),
            "the input schema has no variable \"user_name\": is \"userName\" meant?\n");
  EXPECT_EQ(message("{message: any}", "{{mesage}}{{message}}"),
            "the input schema has no variable \"mesage\": is \"message\" meant?\n");
  EXPECT_EQ(message("{message: any}", "{{other}}{{message}}"),
            "the input schema has no variable \"other\": declare it in input.schema, or remove "
            "it\n");
  EXPECT_EQ(message("{u(object): {a: any}}", "{{u.b}}"),
            "the input schema has no \"b\" in \"u\": declare it there, or write a name that it "
            "has\n");
}

TEST(LintVariablesTest, WhereTheSchemaLeavesRoomNothingIsUndeclared) {
  for (const char* input : {
           "{}",
           "{default: {a: 1}}",
           "{schema: {}}",
           "{schema: any}",
           "{schema: nobody-knows}",
           "{schema: {a: any, (*): any}}",
           "{schema: {type: object, properties: {a: {}}}}",
           "{schema: {type: object, properties: {a: {}}, additionalProperties: true}}",
           "{schema: {type: object, properties: {a: {}}, additionalProperties: {type: string}}}",
           "{schema: {type: object, properties: {a: {}}, patternProperties: {'^x': {}}, "
           "additionalProperties: false}}",
           "{schema: {type: object, $ref: '#/$defs/x', $defs: {x: {}}, properties: {a: {}}, "
           "additionalProperties: false}}",
       }) {
    EXPECT_EQ(LintPrompt(With(input, "{{a}}{{other}}")), "") << input;
  }
  ExpectWarnings("{schema: {type: object, properties: {a: {}}, additionalProperties: false}}",
                 {{"{{a}}{{other}}", "4:8 UNDECLARED_VARIABLE"}});
  // What has a default is declared, though the schema refuses it.
  ExpectWarnings("{schema: {a: any}, default: {b: 1}}", {{"{{a}}{{b}}", "2:37 BAD_DEFAULT"}});
  ExpectWarnings("{schema: {a(object): {x: any}}, default: {a: {y: 1}}}",
                 {{"{{a.y}}", "2:50 BAD_DEFAULT\n2:54 BAD_DEFAULT"}});
  EXPECT_EQ(LintTree({{"p.prompt", With("{schema: s}", "{{a}}{{b}}")},
                      {"s.schema.json",
                       R"({"type":"object","properties":{"a":{}},"additionalProperties":false})"}}),
            "4:8 UNDECLARED_VARIABLE");
  EXPECT_EQ(LintTree({{"p.prompt", With("{schema: {t: ticket}}", "{{t.id}}{{t.ide}}")},
                      {"ticket.schema.json", R"({"type":"object","properties":{"id":{}}})"}}),
            "");
}

TEST(LintVariablesTest, DefaultsThatTheSchemaRefuses) {
  ExpectWarnings("{schema: {a: string, b?: integer}, default: {b: 1}}", {{"{{a}}{{b}}", ""}});
  ExpectWarnings("{schema: {a: string, b?: integer}, default: {b: one}}",
                 {{"{{a}}{{b}}", "2:53 BAD_DEFAULT"}});
  ExpectWarnings("{schema: {c(enum): [RED, BLUE]}, default: {c: red}}",
                 {{"{{c}}", "2:51 BAD_DEFAULT"}});
  ExpectWarnings("{schema: {u(object): {name: string}}, default: {u: {}}}",
                 {{"{{u.name}}", "2:56 BAD_DEFAULT"}});
  EXPECT_EQ(
      LintMessages({{"p.prompt", With("{schema: {b: integer}, default: {b: one}}", "{{b}}")}}),
      "a call that leaves it out is refused: by input.schema, /b: \"one\" is a string, not an "
      "integer\n");
}

// `partials` by name.
void ExpectPartialWarnings(std::string_view input, std::string_view body,
                           const std::map<std::string, std::string>& partials,
                           std::string_view warnings) {
  Tree tree = {{"p.prompt", With(input, body)}};
  for (const auto& [name, text] : partials) tree["_" + name + ".prompt"] = text;
  EXPECT_EQ(LintTree(tree), warnings) << input << "\n" << body << "\n" << partials.begin()->second;
}

TEST(LintVariablesTest, PartialsReadVariablesToo) {
  constexpr char kName[] = "{schema: {name?: string}}";
  struct {
    const char* body;
    const char* partial;
    const char* warnings;
  } const cases[] = {
      {"{{> q}}", "{{name}}", ""},
      {"{{> q}}", "{{> q2}}", ""},
      {"{{> q this}}", "{{name}}", ""},
      {"{{> q x=name}}", "{{x}}", ""},
      {"{{> q x=this}}", "{{x.name}}", ""},
      {"{{> q x=1}}", "{{name}}", ""},
      {"{{#> q}}{{name}}{{/q}}", "{{> @partial-block}}", ""},
      {"{{#> q}}{{#*inline \"i\"}}{{name}}{{/inline}}{{/q}}", "{{> i}}", ""},
      {"{{#*inline \"i\"}}{{name}}{{/inline}}{{> q}}", "{{> i}}", ""},
      {"{{#*inline \"i\"}}{{#if name}}{{> i}}{{/if}}{{/inline}}{{> i}}", "", ""},
      {"{{#> nothing}}{{name}}{{/nothing}}", "", ""},
      // Another context, an argument of that name, a block that isn't asked for.
      {"{{> q l}}{{name}}", "{{name}}", "4:7 UNDECLARED_VARIABLE"},
      {"{{> q name=1}}", "{{name}}", kUnused},
      {"{{#> q}}{{name}}{{/q}}", "x", kUnused},
      {"{{> q}}{{name}}", "{{../name}}", ""},
      // A warning in a partial is one of the partial's.
      {"{{name}}{{> q}}", "a\n {{other}}", "_q.prompt:2:4 UNDECLARED_VARIABLE"},
      {"{{name}}{{> q x=1}}", "{{x}}{{y}}", "_q.prompt:1:8 UNDECLARED_VARIABLE"},
      {"{{name}}{{> q x=1}}{{> q y=1}}", "{{x}}{{y}}", ""},
      // What it asks for may be missing: other prompts have it.
      {"{{name}}{{> q}}", "{{#if other}}{{other}}{{/if}}", ""},
      {"{{name}}{{> q}}", "{{#each others}}{{x}}{{/each}}{{^others}}none{{/others}}", ""},
  };
  for (const auto& c : cases) {
    ExpectPartialWarnings(kName, c.body, {{"q", c.partial}, {"q2", "{{name}}"}}, c.warnings);
  }
  EXPECT_THAT(
      LintMessages({{"p.prompt", With(kName, "{{name}}{{> q}}")}, {"_q.prompt", "{{b}}"}}),
      HasSubstr("the input schema of p.prompt, which includes this, has no variable \"b\""));
}

TEST(LintVariablesTest, TwoSpellings) {
  for (const auto& [text, warnings] : Cases{
           {"{{userName}}\n{{user_name}}", "2:3 SIMILAR_VARIABLES"},
           {"{{userName}}\n{{user_name}}{{user_name}}", "1:3 SIMILAR_VARIABLES"},
           {"{{Name}} {{name}} {{NAME}}", "1:12 SIMILAR_VARIABLES\n1:21 SIMILAR_VARIABLES"},
           {"{{#each l}}{{../user-name}}{{/each}}{{userName}}", "1:39 SIMILAR_VARIABLES"},
           {"{{name}}{{names}}{{x}}{{X}}", ""},
           {"{{name}}{{#each l}}{{Name}}{{/each}}{{@Name}}{{a.Name}}", ""},
       }) {
    EXPECT_EQ(LintPrompt(text), warnings) << text;
  }
  // What is declared is the right one, and two that are both declared are meant.
  ExpectWarnings("{schema: {userName: any, (*): any}}",
                 {{"{{user_name}}{{user_name}}{{userName}}", "4:3 SIMILAR_VARIABLES"}});
  ExpectWarnings("{default: {userName: any}}",
                 {{"{{user_name}}", "2:19 UNUSED_VARIABLE\n4:3 SIMILAR_VARIABLES"}});
  ExpectWarnings("{schema: {userName: any, user_name: any, (*): any}}",
                 {{"{{user_name}}{{userName}}", ""}});
  EXPECT_EQ(LintTree({{"p.prompt", "{{userName}}{{> q}}"}, {"_q.prompt", "{{user_name}}"}}),
            "_q.prompt:1:3 SIMILAR_VARIABLES");
  EXPECT_EQ(
      LintMessages({{"p.prompt", "{{userName}}\n{{user_name}}"}}),
      "\"user_name\" and \"userName\" are two variables: if one is meant, write \"userName\", "
      "as p.prompt:1:3 has it\n");
}

TEST(LintVariablesTest, WhatTheSchemaRulesOut) {
  ExpectWarnings(
      "{schema: {color(enum): [red, blue], n: integer, s?: string, b: boolean, a: any, l(array): "
      "{kind(enum): [x, y]}}}",
      {
          {"{{json this}}{{#ifEquals color \"blu\"}}x{{/ifEquals}}", "4:14 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals \"blu\" color}}x{{/ifEquals}}", "4:14 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#unlessEquals color \"blu\"}}x{{else}}y{{/unlessEquals}}",
           "4:44 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals color \"red\"}}x{{else ifEquals color "
           "\"green\"}}y{{/ifEquals}}",
           "4:40 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#each l}}{{#ifEquals kind \"z\"}}x{{/ifEquals}}{{/each}}",
           "4:25 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals n \"1\"}}x{{/ifEquals}}", "4:14 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals s 1}}x{{/ifEquals}}", "4:14 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals b \"true\"}}x{{/ifEquals}}", "4:14 UNREACHABLE_BRANCH"},
          {"{{json this}}{{#ifEquals color \"blue\"}}x{{/ifEquals}}{{#ifEquals n 1}}x{{/ifEquals}}"
           "{{#ifEquals s \"1\"}}x{{/ifEquals}}{{#ifEquals b true}}x{{/ifEquals}}"
           "{{#ifEquals a 1}}x{{/ifEquals}}{{#ifEquals s null}}x{{/ifEquals}}"
           "{{#ifEquals color s}}x{{/ifEquals}}",
           ""},
          {"{{json this}}{{#unlessEquals color \"blu\"}}x{{/unlessEquals}}", ""},
      });
  // A call that leaves it out is refused; which branch it would take is no question.
  ExpectWarnings("{schema: {color(enum): [red, blue]}, default: {color: none}}",
                 {{"{{#ifEquals color \"none\"}}x{{/ifEquals}}", "2:55 BAD_DEFAULT"}});
  // Another prompt may have that colour.
  ExpectPartialWarnings("{schema: {color(enum): [red, blue]}}", "{{> q}}",
                        {{"q", "{{#ifEquals color \"green\"}}x{{/ifEquals}}"}}, "");
  // An inline partial is run with several contexts.
  ExpectPartialWarnings(
      "{schema: {color(enum): [red], l(array): {color(enum): [green]}}}",
      "{{#*inline \"i\"}}{{#ifEquals color \"green\"}}x{{/ifEquals}}{{/inline}}{{> i}}{{#each "
      "l}}{{> i}}{{/each}}",
      {{"q", ""}}, "");
}

// What would take for ever to walk is left, and nothing is said of variables.
TEST(LintVariablesTest, ManySlipsAreToldOnlyInPart) {
  std::string schema = R"({"type":"object","additionalProperties":false,"properties":{"a":{})";
  for (int i = 0; i < 5000; ++i) schema += fmt::format(R"(,"name{:05}":{{}})", i);
  std::string body;
  for (int i = 0; i < 5000; ++i) body += fmt::format("{{{{zq{:05}}}}}", i);
  const std::string warnings = LintTree(
      {{"p.prompt", With("{schema: s}", body + "{{a}}")}, {"s.schema.json", schema + "}}"}});
  EXPECT_EQ(std::count(warnings.begin(), warnings.end(), '\n'), 49) << warnings;
}

TEST(LintVariablesTest, HostileTemplatesEnd) {
  Tree tree = {{"p.prompt", With("{schema: {a: any}}", "{{> q0}}{{b}}")}};
  for (int i = 0; i < 30; ++i) {
    tree[fmt::format("_q{}.prompt", i)] =
        fmt::format("{{{{> q{0} x=this y=this}}}}{{{{> q{0} x=x y=y}}}}{{{{json this}}}}", i + 1);
  }
  tree["_q30.prompt"] = "{{c}}";
  EXPECT_EQ(LintTree(tree), "");

  // One that is only deep is walked to its end.
  Tree deep = {{"p.prompt", With("{schema: {a: any}}", "{{> q0}}{{b}}")}};
  for (int i = 0; i < 30; ++i) {
    deep[fmt::format("_q{}.prompt", i)] =
        fmt::format("{{{{> q{} x=this y=this}}}}{{{{json this}}}}", i + 1);
  }
  deep["_q30.prompt"] = "{{x.a}}";
  EXPECT_EQ(LintTree(deep), "4:11 UNDECLARED_VARIABLE");

  // Blocks of variables that may be true or not: each is walked both ways.
  std::string blocks, ends;
  for (int i = 0; i < 40; ++i) {
    blocks += "{{#v}}";
    ends += "{{/v}}";
  }
  EXPECT_EQ(LintPrompt(With("{default: {unused: 1}}", blocks + "x" + ends)), "");

  std::string many = "{{log";
  for (int i = 0; i < 15'000; ++i) many += " a.b";
  EXPECT_EQ(LintPrompt(With("{default: {unused: 1}}", many + "}}{{b}}")), "2:19 UNUSED_VARIABLE");

  EXPECT_EQ(LintPrompt(With("{schema: {unused: any, a: any}}",
                            "{{#*inline \"i\"}}{{#if a}}{{> i x=1}}{{> i y=2}}{{/if}}"
                            "{{/inline}}{{> i}}")),
            "2:18 UNUSED_VARIABLE");
}

}  // namespace
}  // namespace colophon
