// Expected texts are what Handlebars.js 4.7 prints with noEscape.

#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(ExpressionTest, IsHandlebars) {
  const HandlebarsCase kCases[] = {
      {"{{a.b}}|{{a/b}}|{{a.[b c]}}|{{[a].[b]}}", R"({"a":{"b":1,"b c":2}})", "1|1|2|1"},
      {"{{l.[1]}}|{{l.1.x}}|{{l.length}}|{{s.length}}|{{s.[1]}}",
       R"({"l":["p",{"x":"q"}],"s":"hé😀"})", "[object Object]|q|2|4|é"},
      {"{{#with a}}{{b}}{{../c}}{{../../c}}|{{@root.c}}{{/with}}", R"({"a":{"b":1},"c":2})",
       "12|2"},
      {"{{this}}|{{.}}|{{this.a}}|{{./a}}", R"({"a":3})", "[object Object]|[object Object]|3|3"},
      {"{{#each l}}{{@index}}{{@key}}{{@first}}{{@last}}={{this}};{{/each}}", R"({"l":["x","y"]})",
       "00truefalse=x;11falsetrue=y;"},
      {"{{#each o}}{{@key}}{{@index}}{{@first}}{{@last}}={{this}};{{/each}}",
       R"({"o":{"9":"n","10":"t","b":"x","a":"y"}})",
       "90truefalse=n;101falsefalse=t;b2falsefalse=x;a3falsetrue=y;"},
      {"{{#each l}}{{#each this}}{{@../index}}{{@index}}{{../this}};{{/each}}{{/each}}",
       R"({"l":[["x"],["y","z"]]})", "00[object Object];10y,z;11y,z;"},
      {"{{#each l}}x{{else}}none{{/each}}|{{#each s}}x{{else}}none{{/each}}|{{#each "
       "nope}}x{{else}}none{{/each}}",
       R"({"l":[],"s":"abc"})", "none|none|none"},
      {"{{#each l as |v k|}}{{k}}:{{v.a}}{{#with v as |w|}}{{w.a}}{{k}}{{/with}};{{/each}}",
       R"({"l":[{"a":1},{"a":2}]})", "0:110;1:221;"},
      {"{{#each o as |v k|}}{{k}}={{v}};{{/each}}", R"({"o":{"x":1}})", "x=1;"},
      {"{{#each l as |if|}}{{if}}{{/each}}", R"({"l":["a"]})", "a"},
      {"{{#with a as |b|}}{{b.c}}{{./b}}{{/with}}", R"({"a":{"b":2,"c":1}})", "12"},
      {"{{@auth.email}}|{{@zero.x}}|{{@nope.x}}|{{#each l}}{{@auth.email}}{{/each}}",
       R"({"l":[1]})", "a@b|0||a@b"},
      {"{{true}}|{{null}}|{{12}}|{{\"a b\"}}|{{undefined}}",
       R"({"12":"twelve","true":"T","null":"N","a b":"ab"})", "T|N|twelve|ab|"},
      {"{{a}}|{{b}}|{{c}}|{{d}}|{{e}}|{{f}}|{{g}}",
       R"({"a":true,"b":false,"c":null,"d":0,"e":[1,[2,null],{}],"f":{},"g":""})",
       "true|false||0|1,2,,[object Object]|[object Object]|"},
      {"{{a}} {{b}} {{c}} {{d}} {{e}}", R"({"a":1.0,"b":1e21,"c":-0,"d":0.1,"e":1e-7})",
       "1 1e+21 0 0.1 1e-7"},
      {"{{json 1.50}} {{json -0}} {{json \"x\"}} {{json null}} {{json true}} {{json nope}}",
       R"({})", "1.5 0 \"x\" null true undefined"},
      {"{{json a}}", R"({"a":{"9":2,"10":1,"b":[1,{"c":null}],"s":"\"\n\u0001é/"}})",
       "{\"9\":2,\"10\":1,\"b\":[1,{\"c\":null}],\"s\":\"\\\"\\n\\u0001é/\"}"},
      {"{{json a indent=2}}", R"({"a":{"b":[1],"c":{},"d":[]}})",
       "{\n  \"b\": [\n    1\n  ],\n  \"c\": {},\n  \"d\": []\n}"},
      {"{{json a indent=\"--\"}}{{json a indent=0}}{{json a indent=true}}{{json a indent=20}}",
       R"({"a":[1]})", "[\n--1\n][1][1][\n          1\n]"},
      {"{{#if (json a)}}y{{/if}}|{{#with (json a)}}{{string}}{{/with}}|{{json (json a)}}",
       R"({"a":0})", "y|0|{\"string\":\"0\"}"},
      {"{{#json a}}never{{/json}}", R"({"a":1})", "1"},
      // The text of nothing is itself, so {{#if}} is no step for "../", and no other.
      {"{{#with (json no)}}{{#if yes}}{{else}}[{{#../..}}x{{/../..}}]{{/if}}{{/with}}",
       R"({"a":1})", "[]"},
      {"{{#with (json a)}}{{#each this}}{{@key}}={{this}}{{/each}}{{/with}}", R"({"a":1})",
       "string=1"},
      {"{{#ifEquals (json no) (json no)}}same{{else}}not{{/ifEquals}}", R"({})", "not"},
      {"{{#if a}}t{{else}}f{{/if}}{{#if b}}t{{else}}f{{/if}}{{#if c}}t{{else}}f{{/if}}{{#if "
       "d}}t{{else}}f{{/if}}{{#if e}}t{{else}}f{{/if}}{{#if f}}t{{else}}f{{/if}}{{#if "
       "g}}t{{else}}f{{/if}}",
       R"({"a":"","b":0,"c":[],"d":{},"e":"0","f":[0],"g":null})", "ffftttf"},
      {"{{#if a includeZero=true}}t{{else}}f{{/if}}{{#unless a "
       "includeZero=true}}t{{else}}f{{/unless}}{{#if b includeZero=true}}t{{else}}f{{/if}}",
       R"({"a":0,"b":""})", "tff"},
      {"{{#unless a}}t{{else}}f{{/unless}}{{#unless b}}t{{else}}f{{/unless}}", R"({"a":1})", "ft"},
      {"{{^if a}}t{{else}}f{{/if}}{{^a}}no{{/a}}", R"({})", "tno"},
      {"{{#with a}}{{this}}{{else}}e{{/with}}|{{#with z}}{{this}}{{else}}e{{/with}}|{{#with "
       "l}}{{this}}{{else}}e{{/with}}|{{#with o}}{{this}}{{else}}e{{/with}}",
       R"({"a":null,"z":0,"l":[],"o":{}})", "e|0|e|[object Object]"},
      {"{{#a}}[{{this}}]{{/a}}{{#b}}[{{x}}]{{/b}}{{#c}}[{{this}}]{{/"
       "c}}{{#d}}[{{this}}{{@index}}]{{/d}}{{#e}}{{else}}E{{/e}}{{^f}}F{{/f}}{{#g}}{{else}}G{{/g}}",
       R"({"a":0,"b":{"x":1},"c":true,"d":["p","q"],"f":false,"g":[]})",
       "[0][1][[object Object]][p0][q1]EFG"},
      {"{{#each l}}{{#if @first}}{{this}}{{/if}}{{/each}}", R"({"l":[null]})", "[object Object]"},
      {"{{#with \"x\"}}{{#if ../a}}{{../a}}{{/if}}{{/with}}", R"({"a":1})", "1"},
      {"{{#each l}}{{#with this}}{{../../a}}|{{/with}}{{/each}}", R"({"a":"A","l":["x"]})", "|"},
      {"{{lookup l 1}}{{lookup o \"k\"}}{{lookup o k}}{{lookup z \"x\"}}{{lookup nope "
       "\"x\"}}{{lookup (lookup o \"m\") \"n\"}}",
       R"({"l":["a","b"],"o":{"k":"K","x":"X","m":{"n":"N"}},"k":"x","z":0})", "bKX0N"},
      {"{{#ifEquals a 1}}t{{else}}f{{/ifEquals}}{{#ifEquals a "
       "\"1\"}}t{{else}}f{{/ifEquals}}{{#ifEquals n null}}t{{else}}f{{/ifEquals}}{{#ifEquals u "
       "null}}t{{else}}f{{/ifEquals}}{{#ifEquals u undefined}}t{{else}}f{{/ifEquals}}{{#ifEquals o "
       "o}}t{{else}}f{{/ifEquals}}{{#unlessEquals a 1}}t{{else}}f{{/unlessEquals}}",
       R"({"a":1,"n":null,"o":{}})", "tftfttf"},

      {"{{log \"x\" a level=\"error\"}}|{{#log}}x{{/log}}|", R"({})", "||"},
      {"\\{{a}}|\\\\{{a}}|\\\\\\{{a}}|\\a", R"({"a":1})", "{{a}}|\\1|\\\\1|\\a"},
      {"{{{a}}}|{{&a}}|{{{{a}}}}{{b}}{{{{/a}}}}", R"({"a":"<&>"})", "<&>|<&>|{{b}}"},
      {"{{!-- }} --}}a{{!b}}c{{!}}d{{!----}}", R"({})", "acd"},
      {"{{#if a}}A{{else if b}}B{{else unless c}}C{{else}}D{{/if}}", R"({"c":1})", "D"},
      {"{{#if a}}A{{else if b}}B{{else unless c}}C{{else}}D{{/if}}", R"({})", "C"},
      {"{{lookup o 'a\\'b'}}{{lookup o \"c\\\"d\"}}", R"({"o":{"a'b":1,"c\"d":2}})", "12"},
      {"{{\"\"}}|{{a.[]}}|{{[]}}", R"({"a":{"":1}})", "[object Object]|1|[object Object]"},
      {"{{dothis}}{{this-x}}", R"({"dothis":1,"this-x":2})", "12"},
      {"{{json.a}}|{{./json}}|{{this.if}}", R"({"json":{"a":1},"if":2})", "1|[object Object]|2"},
      {"{{constructor}}{{__proto__}}{{a.constructor}}{{toString}}", R"({"a":1})", ""},
      {"{{#each .}}{{@key}}{{/each}}", R"({"b":1,"a":2})", "ba"},
      {"{{a.[x\\]y]}}", R"({"a":{"x]y":1}})", "1"},
      {"{{#each l}}{{.}}{{#unless @last}}, {{/unless}}{{/each}}", R"({"l":["a","b"]})", "a, b"},
  };
  for (const HandlebarsCase& test : kCases) CheckHandlebars(test);
}

// Here we differ from Handlebars.js on purpose.
TEST(ExpressionTest, DiffersFromHandlebarsWhereItSays) {
  // A digit after a dot is a path there too, but a syntax error.
  EXPECT_EQ(Output("{{l.0}}{{o.true}}", R"({"l":["a"],"o":{"true":"b"}})"), "ab");
  // Handlebars.js adds what stands side by side when it is numbers.
  EXPECT_EQ(Output("{{a}}{{b}}", R"({"a":1,"b":2})"), "12");
  // It has half a character.
  EXPECT_EQ(Output("{{lookup s 0}}{{s.[1]}}", R"({"s":"😀"})"), "\xef\xbf\xbd\xef\xbf\xbd");
  // It throws where a block parameter isn't filled.
  EXPECT_EQ(Output("{{#a as |x|}}[{{x}}]{{/a}}", R"({"a":true})"), "[]");
  EXPECT_EQ(Output("{{#each l as |b|}}{{#*inline \"i\"}}[{{#with b}}{{this}}{{/with}}]{{/inline}}"
                   "{{> i}}{{/each}}",
                   R"({"l":["x","y"]})"),
            "[][]");
}

}  // namespace
}  // namespace colophon
