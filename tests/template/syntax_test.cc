#include "service/template/prompt/prompt_file.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

struct Case {
  const char* text;
  const char* codes;    // "line:column CODE"
  const char* message;  // Part of it.
};

TEST(SyntaxTest, SaysWhereAndWhatIsWrong) {
  const Case kCases[] = {
      {"a\nb {{#if x}}", "2:3 SYNTAX", "{{#if}} is never closed: add {{/if}}"},
      {"{{#if x}}\n{{/each}}", "2:1 SYNTAX", "{{/each}} doesn't match {{#if}} of line 1"},
      {"{{/if}}", "1:1 SYNTAX", "closed here that was never opened"},
      {"{{else}}", "1:1 SYNTAX", "{{else}} stands outside of a block"},
      {"{{#if a}}{{else}}{{else}}{{/if}}", "1:18 SYNTAX", "stands where {{/if}} should"},
      {"{{", "1:1 SYNTAX", "{{ is never closed"},
      {"{{a", "1:1 SYNTAX", "{{ is never closed"},
      {"{{a {{b}}", "1:5 SYNTAX", "the tag before this {{ is never closed"},
      {"{{role}}", "1:3 WRONG_ARGUMENTS", "for a variable of that name write {{this.role}}"},
      {"---\nconfig:\n\ttemperature: 1\n---\nx", "3:1 BAD_YAML", "a tab stands"},
      {"{\"a\": {{a}}}", "1:10 SYNTAX", "}}} closes only {{{"},
      {"{{{a}}", "1:5 SYNTAX", "\"}}\" stands where }}} should"},
      {"{{!-- x", "1:1 SYNTAX", "the comment is never closed: add --}}"},
      {"{{! x", "1:1 SYNTAX", "the comment is never closed: add }}"},
      {"{{a b=}}", "1:7 SYNTAX", "stands where an argument should"},
      {"{{if a=1 b}}", "1:10 SYNTAX", "b comes after a="},
      {"{{a.this}}", "1:3 SYNTAX", "\"this\" may only stand at its beginning"},
      {"{{a/}}", "1:5 SYNTAX", "stands where a name after a/ should"},
      {"{{@}}", "1:4 SYNTAX", "a name after @"},
      {"{{(json a)}}", "1:3 SYNTAX", "\"(\" stands where a variable or a helper"},
      {"{{json (lookup a b}}", "1:19 SYNTAX", "stands where ) should"},
      {"{{json \"a}}", "1:8 SYNTAX", ""},
      {"{{{{a}}}} b", "1:1 SYNTAX", "is never closed: add {{{{/a}}}}"},
      {"{{{{a}}}}{{{{/b}}}}", "1:10 SYNTAX", "{{{{/b}}}} doesn't match {{{{a}}}}"},
      {"{{#each l as ||}}{{/each}}", "1:15 SYNTAX", "the name of a block parameter"},
      {"{{> (lookup a b)}}", "1:5 DYNAMIC_PARTIAL", "has to be written out"},
      {"{{> @x}}", "1:1 DYNAMIC_PARTIAL", "only @partial-block begins with @"},
      {"{{#*inline x}}{{/inline}}", "1:1 DYNAMIC_PARTIAL", "needs its name in quotes"},
      {"{{#*other \"x\"}}{{/other}}", "1:1 UNKNOWN_DECORATOR", "\"other\""},
      {"{{*inline}}", "1:1 SYNTAX", "is a decorator"},
      {"{{foo bar}}", "1:3 UNKNOWN_HELPER", "unknown helper \"foo\": there are each,"},
      {"{{#foo bar}}{{/foo}}", "1:4 UNKNOWN_HELPER", "\"foo\""},
      {"{{json (foo)}}", "1:9 UNKNOWN_HELPER", "\"foo\""},
      {"{{a.json x}}", "1:3 UNKNOWN_HELPER", "\"a.json\""},
      {"{{@role}}", "1:3 AMBIGUOUS_NAME", "@role is the name of a helper"},
      {"{{#each l as |v|}}{{v 1}}{{/each}}", "1:21 UNKNOWN_HELPER", "a block parameter"},
      {"{{if a}}", "1:3 MISPLACED_HELPER", "\"if\" needs a block"},
      {"{{json (ifEquals a b)}}", "1:9 MISPLACED_HELPER", "\"ifEquals\" needs a block"},
      {"{{json (role \"user\")}}", "1:9 MISPLACED_HELPER", "{{role}}"},
      {"{{#if}}{{/if}}", "1:4 WRONG_ARGUMENTS", "\"if\" takes 1 argument, not 0"},
      {"{{#if a b}}{{/if}}", "1:4 WRONG_ARGUMENTS", "\"if\" takes 1 argument, not 2"},
      {"{{lookup a}}", "1:3 WRONG_ARGUMENTS", "\"lookup\" takes 2 arguments, not 1"},
      {"{{json}}", "1:3 WRONG_ARGUMENTS", ""},
      {"{{> p a b}}", "1:9 WRONG_ARGUMENTS", "is given 2 arguments without a name"},
      {"{{media}}", "1:3 WRONG_ARGUMENTS", "\"media\" has no url"},
      {"{{media url=1}}", "1:13 WRONG_ARGUMENTS", "has to be text"},
      {"{{role \"assistant\"}}", "1:8 UNKNOWN_ROLE", "\"model\" (for what an assistant said)"},
      {"{{role 1}}", "1:8 UNKNOWN_ROLE", "\"1\""},
      {"{{role \"User\"}}", "1:8 UNKNOWN_ROLE", "\"User\""},
      {"{{> nope}}", "1:1 MISSING_PARTIAL", "there is no file _nope.prompt beside p.prompt"},
      {"{{> _tone}}", "1:1 MISSING_PARTIAL",
       "_tone.prompt is named without its _: write {{> tone}}"},
      {"{{> ../p}}", "1:1 MISSING_PARTIAL", "\"../p\" can't be the name of a partial"},
      {"{{@partial-block}}", "1:3 UNKNOWN_HELPER", "write {{> @partial-block}}"},
      {"é😀{{foo 1}}", "1:5 UNKNOWN_HELPER", ""},
      {"a\r\nb\rc\n{{foo 1}}", "4:3 UNKNOWN_HELPER", ""},
  };
  for (const Case& test : kCases) {
    const Loaded loaded = LoadPrompt(test.text, {{"p", ""}});
    EXPECT_EQ(loaded.closure, nullptr) << test.text;
    EXPECT_EQ(loaded.Codes(), test.codes) << test.text << "\n" << loaded.Text();
    EXPECT_THAT(loaded.Text(), HasSubstr(test.message)) << test.text;
  }
}

TEST(SyntaxTest, WarnsWhereItRenders) {
  const Case kCases[] = {
      {"a{{#json x}}b{{/json}}", "1:5 BLOCK_IGNORED", "what stands between"},
      {"a{{json x indnt=2}}", "1:11 UNKNOWN_ARGUMENT", "there are indent="},
      {"{{#> nope}}a{{/nope}}", "1:1 MISSING_PARTIAL", "its block stands in"},
  };
  for (const Case& test : kCases) {
    const Loaded loaded = LoadPrompt(test.text);
    EXPECT_NE(loaded.closure, nullptr) << test.text;
    EXPECT_EQ(loaded.Codes(), test.codes) << test.text;
    EXPECT_THAT(loaded.Text(), HasSubstr("warning: ")) << test.text;
    EXPECT_THAT(loaded.Text(), HasSubstr(test.message)) << test.text;
  }
}

TEST(SyntaxTest, ReportsAllProblemsOfAFile) {
  const Loaded loaded =
      LoadPrompt("---\nmodel: 1\ncolophon.timeot: 30s\n---\n{{foo 1}}\n{{> nope}}{{role \"x\"}}\n");
  EXPECT_EQ(loaded.closure, nullptr);
  EXPECT_EQ(loaded.Codes(),
            "2:1 BAD_FRONT_MATTER\n3:1 UNKNOWN_KEY\n5:3 UNKNOWN_HELPER\n6:18 UNKNOWN_ROLE");
  EXPECT_THAT(DiagnosticsToStatus(loaded.diagnostics),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILE",
                      HasSubstr("p.prompt:5:3: error: unknown helper \"foo\"")));
}

TEST(SyntaxTest, RefusesBytesThatAreNoText) {
  EXPECT_EQ(LoadPrompt("ab\ncé\xff").Codes(), "2:3 NOT_UTF8");
  EXPECT_EQ(LoadPrompt("\xed\xa0\x80").Codes(), "1:1 NOT_UTF8");
  EXPECT_EQ(LoadPrompt(std::string_view("a\0b", 3)).Codes(), "1:2 BAD_CHARACTER");
  EXPECT_EQ(LoadPrompt("\xef\xbb\xbf---\na: 1\n---\n").Codes(), "1:1 BAD_CHARACTER");
  EXPECT_EQ(LoadPrompt(std::string(prompt::PromptFile::kMaxBytes + 1, 'a')).Codes(),
            "0:0 TOO_LARGE");
  EXPECT_EQ(LoadPrompt(std::string(prompt::PromptFile::kMaxBytes, 'a')).Codes(), "");
}

TEST(SyntaxTest, TellsThePlaceOnlyWhereThereIsOne) {
  v1::Diagnostic diagnostic;
  diagnostic.set_path("a.prompt");
  diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
  diagnostic.set_code("X");
  diagnostic.set_message("m");
  EXPECT_EQ(FormatDiagnostic(diagnostic), "a.prompt: error: m (X)");
  diagnostic.set_line(3);
  EXPECT_EQ(FormatDiagnostic(diagnostic), "a.prompt:3: error: m (X)");
  diagnostic.set_column(7);
  diagnostic.set_severity(v1::Diagnostic::SEVERITY_WARNING);
  EXPECT_EQ(FormatDiagnostic(diagnostic), "a.prompt:3:7: warning: m (X)");
}

TEST(SyntaxTest, PartialsOfAFileAreListedOnce) {
  std::vector<v1::Diagnostic> diagnostics;
  const auto file = prompt::PromptFile::Parse(
      "p.prompt", "{{> b}}{{> a}}{{> b}}{{#*inline \"i\"}}{{/inline}}{{> i}}{{#> c}}{{/c}}",
      &diagnostics);
  ASSERT_NE(file, nullptr);
  EXPECT_THAT(file->partial_names(), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(file->inline_names(), testing::ElementsAre("i"));
}

}  // namespace
}  // namespace colophon
