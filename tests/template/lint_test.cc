// Warnings about text: characters, keys, white space, roles, branches and size.

#include "service/template/lint/lint.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/template/lint/model_window.h"
#include "tests/template/lint_testing.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A prompt, and what is said of it.
using Cases = std::vector<std::pair<std::string, std::string>>;

void ExpectWarnings(const Cases& cases) {
  for (const auto& [text, warnings] : cases) EXPECT_EQ(LintPrompt(text), warnings) << text;
}

TEST(LintTest, MarksOfOtherLanguages) {
  ExpectWarnings({
      {"Sort {mail} by {mail} and ${day}.", "1:6 SINGLE_BRACE\n1:27 SINGLE_BRACE"},
      {"{% if vip %}Be quick.{% endif %}", "1:1 SINGLE_BRACE\n1:22 SINGLE_BRACE"},
      // Code, formulas and JSON have braces of their own.
      {"\\frac{a}{b} {\"a\": 1} f{x} {} { a } {1}", ""},
  });
  EXPECT_EQ(LintMessages({{"p.prompt", "Sort {mail}"}}),
            "{mail} is text and is sent as it stands; for a variable write {{mail}}\n");
}

TEST(LintTest, BlocksAndCommentsThatDoNotDoWhatTheyLookLike) {
  ExpectWarnings({
      {"{{#role \"user\"}}Hi{{/role}}x", "1:4 IGNORED_BLOCK"},
      {"{{! as {{tone}} says }}x", "1:1 COMMENT_ENDS_INSIDE"},
      {"{{!-- as {{tone}} says --}}x", ""},
  });
}

TEST(LintTest, ModelParameters) {
  ExpectWarnings({
      {"---\nconfig: {temperature: hot}\n---\nx", "2:10 BAD_PARAMETER"},
      {"---\nconfig: {maxOutputTokens: 1.5, topP: 2}\n---\nx",
       "2:10 BAD_PARAMETER\n2:32 BAD_PARAMETER"},
      {"---\nconfig: {max_tokens: 100}\n---\nx", "2:10 PARAMETER_NAME"},
      {"---\nconfig: {temperature: 0.3, stopSequences: [END], other: x}\n---\nx", ""},
  });
}

TEST(LintTest, JsonHasToBeNamed) {
  ExpectWarnings({
      {"---\nmodel: a/b\noutput:\n  format: json\n---\nList rivers.", "4:3 JSON_WORD"},
      {"---\nmodel: a/b\noutput:\n  format: json\n---\nList rivers as Json.", ""},
      {"---\nmodel: anthropic/b\noutput:\n  format: json\n---\nList rivers.", ""},
  });
}

TEST(LintTest, InvisibleCharacters) {
  ExpectWarnings({
      {"Hello\nto\u200bmorrow", "2:3 INVISIBLE_CHARACTER"},
      {"---\nmodel: a/b\ndescription: so\u00adft\n---\nx", "3:16 INVISIBLE_CHARACTER"},
      {"a\u2060b\u2061c\u2062d\u2063e\u2064f",
       "1:2 INVISIBLE_CHARACTER\n1:4 INVISIBLE_CHARACTER\n1:6 INVISIBLE_CHARACTER\n"
       "1:8 INVISIBLE_CHARACTER\n1:10 INVISIBLE_CHARACTER"},
      {"a\ufeff b", "1:2 INVISIBLE_CHARACTER"},
      {"a\u200b\u200c\u200db", "1:2 INVISIBLE_CHARACTER"},
      {"{{!-- \u200b --}}x", "1:7 INVISIBLE_CHARACTER"},
      {"tab\there\r\nbell\x07", "2:5 INVISIBLE_CHARACTER"},
      {"a\u0085b\x7f", "1:2 INVISIBLE_CHARACTER\n1:4 INVISIBLE_CHARACTER"},
      {"x\U000e0068\U000e0069 y\U000e0001", "1:2 INVISIBLE_CHARACTER\n1:6 INVISIBLE_CHARACTER"},
      // Joiners between Latin letters join nothing.
      {"a\u200db\u200cc", "1:2 INVISIBLE_CHARACTER\n1:4 INVISIBLE_CHARACTER"},
      // Persian, Hindi, Thai; a family, a health worker, a pirate flag.
      {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0915\u094d\u200d\u0937 "
       "\u0e20\u0e32\u200b\u0e29\u0e32",
       ""},
      {"\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f9d1\U0001f3fd\u200d\u2695\ufe0f "
       "\U0001f3f4\u200d\u2620\ufe0f \u2764\ufe0f\u200d\U0001f525",
       ""},
      // Scotland; and a flag that hides more than a country has letters.
      {"\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", ""},
      {"\U0001f3f4\U000e0049\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065",
       "1:2 INVISIBLE_CHARACTER"},
      {"caf\u00e9 \u6771\u4eac \U0001f600 \u00a0 \u2003", ""},
  });
  EXPECT_EQ(LintMessages({{"p.prompt", "x\U000e0048\U000e0069"}}),
            "U+E0048, TAG LATIN CAPITAL LETTER H, stands here, the first of 2 such characters in a "
            "row: nobody sees it and the model reads it as \"Hi\"; remove it\n");
  EXPECT_EQ(LintMessages({{"p.prompt", "x\u200by"}}),
            "U+200B, ZERO WIDTH SPACE, stands here: nobody sees it and the model reads it; remove "
            "it\n");
}

TEST(LintTest, CharactersThatChangeTheDirectionOfText) {
  ExpectWarnings({
      {"ok\nuser\u202e nimda", "2:5 BIDI_CHARACTER"},
      {"\u2066a\u2069", "1:1 BIDI_CHARACTER\n1:3 BIDI_CHARACTER"},
      {"---\nmodel: a/b\nx.y: \u202aq\n---\nx", "3:6 BIDI_CHARACTER"},
      {"a\u200eb\u200fc\u061cd", "1:2 BIDI_CHARACTER\n1:4 BIDI_CHARACTER\n1:6 BIDI_CHARACTER"},
      // Marks belong to right-to-left text, on its own line; overrides don't.
      {"\u05e9\u05dc\u05d5\u05dd C++\u200f!\nC++\u200f", "2:4 BIDI_CHARACTER"},
      {"\u05e9\u05dc\u05d5\u05dd \u202ex", "1:6 BIDI_CHARACTER"},
  });
  EXPECT_THAT(LintMessages({{"p.prompt", "\u202e"}}),
              HasSubstr("U+202E, RIGHT-TO-LEFT OVERRIDE, stands here"));
}

// Made up, of the right form. In pieces, so that nothing takes this file for a
// leak.
const std::string kAnthropic = std::string("sk-ant-") + "api03-9fQ2mT7xLw4ZrB8vKc1NpY6sHd3JgE5a";
const std::string kOpenAi = std::string("sk-") + "proj-7Yb2kQ9mWx4TzR1vLc8NpD3sHf6JgE5aUo0i";
const std::string kAws = std::string("AKIA") + "Q3ZK7XW5MT2LB9VN";
const std::string kGitHub = std::string("ghp_") + "a8Kd03jfLq92mZx7VbN1cR5tYw6uPoEi4GhS";
const std::string kSlack = std::string("xoxb-") + "2048291734-7730154862-h4Kq9ZtWm2";
const std::string kGoogle = std::string("AIza") + "SyD8f3kQ7xWm2Lp9VbN4cR1tYzH6uJgE5ao";
const std::string kPrivateKey =
    std::string("-----BEGIN RSA ") + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq0k3Zs9XfYwPqLmN2v\n";

TEST(LintTest, Secrets) {
  ExpectWarnings({
      {"Use " + kAnthropic + ".", "1:5 SECRET"},
      {"a\n  \"" + kOpenAi + "\"", "2:4 SECRET"},
      {kAws, "1:1 SECRET"},
      {"x=" + kGitHub, "1:3 SECRET"},
      {"{{!-- " + kSlack + " --}}x", "1:7 SECRET"},
      {"---\nmodel: a/b\nteam.key: " + kGoogle + "\n---\nx", "3:11 SECRET"},
      {kPrivateKey, "1:1 SECRET"},
      {"{\"key\": \"" + kPrivateKey.substr(0, 31) + "\\n" + kPrivateKey.substr(32), "1:10 SECRET"},
      {kAws + " " + kAws, "1:1 SECRET\n1:22 SECRET"},
      // Of the form, but no keys: words, placeholders, examples, parts of others.
      {"sk-some-quite-long-name-of-a-style-sheet-class-2", ""},
      {"sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""},
      {"AKIAIOSFODNN7EXAMPLE", ""},
      {"AKIA and ghp_ and sk-ant- and xoxb-… begin keys", ""},
      {"task" + kOpenAi, ""},
      {kAws + "Q", ""},
      {"Find \"-----BEGIN PRIVATE KEY-----\" in the file and say where.", ""},
  });
  const std::string message = LintMessages({{"p.prompt", kAnthropic}});
  EXPECT_THAT(message, AllOf(HasSubstr("an Anthropic API key"), HasSubstr("(sk-ant-…, 45 ch"),
                             Not(HasSubstr(kAnthropic.substr(0, 12)))));
}

TEST(LintTest, FilesThatAPromptNamesAreLookedAtToo) {
  EXPECT_EQ(
      LintTree({{"p.prompt", "---\nmodel: a/b\ntools: [t]\ninput: {schema: s}\n---\n{{> q}}"},
                {"t.tool.json", "{\"name\": \"t\",\n\"description\": \"hi\u200bdden\"}"},
                {"s.schema.json", "{\"description\": \"\u202e\"}"},
                {"_q.prompt", "one  \n" + kAws + "\n"},
                {"_unrelated.prompt", "\u200b"}}),
      "_q.prompt:1:4 TRAILING_SPACE\n_q.prompt:2:1 SECRET\ns.schema.json:1:18 BIDI_CHARACTER\n"
      "t.tool.json:2:19 INVISIBLE_CHARACTER");
}

TEST(LintTest, TrailingSpaces) {
  ExpectWarnings({
      {"one \ntwo\t\r\nthree", "1:4 TRAILING_SPACE\n2:4 TRAILING_SPACE"},
      {"a {{x}}  \nb", "1:8 TRAILING_SPACE"},
      {"a\n   \nb", "2:1 TRAILING_SPACE"},
      {"{{#if x}}\n  y {{!c}} \nz\n{{/if}}", "2:11 TRAILING_SPACE"},
      {"{{#if x}}\n{{#if y}}\n  q  \n{{/if}}\n{{/if}}", "3:4 TRAILING_SPACE"},
      {"caf\u00e9 \nx", "1:5 TRAILING_SPACE"},
      {"{{{{raw}}}}a \n{{{{/raw}}}}", "1:13 TRAILING_SPACE"},
      {"a {{~x}}\nb{{~!c~}}  \nc", ""},
      // Of the tag's line, of the end of the body, of a line without its break.
      {"{{#if x}}  \na\n{{/if}}\t\nb", ""},
      {"---\nmodel: a/b \n---\n  a \nb  \n  ", "4:4 TRAILING_SPACE"},
      {"a  {{x}}\nb  ", ""},
      // Between two markers white space is no part of a message.
      {"{{role \"system\"}}  \n{{role \"user\"}}x", ""},
      {"{{role \"system\"}}a  \n{{role \"user\"}}x", "1:19 TRAILING_SPACE"},
      {"  \n{{role \"system\"}}x", ""},
      // What isn't rendered.
      {"{{! a  \nb }}x", ""},
  });
}

TEST(LintTest, TextBeforeARoleOnItsLine) {
  ExpectWarnings({
      {"Be brief. {{role \"user\"}}{{q}}", "1:11 TEXT_BEFORE_ROLE"},
      {"{{role \"system\"}}\nBe brief. {{role \"user\"}}{{q}}", "2:11 TEXT_BEFORE_ROLE"},
      {"{{role \"system\"}}\nBe brief.\nUse {{tone}}. {{~role \"user\"}}", "3:15 TEXT_BEFORE_ROLE"},
      {"{{x}} {{role \"model\"}}y", "1:7 TEXT_BEFORE_ROLE"},
      {"a{{!c}}{{role \"model\"}}y", "1:8 TEXT_BEFORE_ROLE"},
      // On a line of its own, whatever is stripped.
      {"Be brief.\n{{role \"user\"}}{{q}}", ""},
      {"Be brief.\n\n  {{~role \"user\"~}}\n{{q}}", ""},
      {"{{x}}\n{{~role \"user\"}}", ""},
      // Where a role begins the line it is plain whose text it is.
      {"{{role \"system\"}}Be brief.{{role \"user\"}}{{q}}", ""},
      {"{{history}}And now:{{role \"user\"}}{{q}}", ""},
      {"{{#if x}}a{{/if}}{{role \"user\"}}{{q}}", ""},
      {"{{log x}}{{role \"user\"}}{{q}}", ""},
  });
}

TEST(LintTest, BranchesThatNothingLeadsTo) {
  ExpectWarnings({
      {"{{#if true}}a{{else}}b{{/if}}", "1:14 UNREACHABLE_BRANCH"},
      {"x\n{{#if false}}a{{/if}}", "2:1 UNREACHABLE_BRANCH"},
      {"{{#if false}}a{{else}}b{{/if}}", "1:1 UNREACHABLE_BRANCH"},
      {"{{#unless 0}}a{{else}}b{{/unless}}", "1:15 UNREACHABLE_BRANCH"},
      {"{{#unless 1}}a{{/unless}}", "1:1 UNREACHABLE_BRANCH"},
      {"{{#if \"\"}}a{{/if}}{{#if null}}b{{/if}}{{#if undefined}}c{{/if}}",
       "1:1 UNREACHABLE_BRANCH\n1:19 UNREACHABLE_BRANCH\n1:39 UNREACHABLE_BRANCH"},
      {"{{#if 0 includeZero=true}}a{{else}}b{{/if}}", "1:28 UNREACHABLE_BRANCH"},
      {"{{#ifEquals 1 \"1\"}}a{{else}}b{{/ifEquals}}", "1:1 UNREACHABLE_BRANCH"},
      {"{{#unlessEquals \"a\" \"a\"}}a{{/unlessEquals}}", "1:1 UNREACHABLE_BRANCH"},
      {"{{^if true}}a{{/if}}", "1:1 UNREACHABLE_BRANCH"},
      {"{{^if false}}a{{else}}b{{/if}}", "1:15 UNREACHABLE_BRANCH"},
      {"{{#if x}}a{{else if true}}b{{else}}c{{/if}}", "1:28 UNREACHABLE_BRANCH"},
      // Asked before.
      {"{{#if x}}a{{else if x}}b{{/if}}", "1:11 UNREACHABLE_BRANCH"},
      {"{{#if x}}a\n{{else if y}}b\n{{else if x}}c{{else}}d{{/if}}", "3:1 UNREACHABLE_BRANCH"},
      {"{{#if x}}a{{else unless x}}b{{else}}c{{/if}}", "1:29 UNREACHABLE_BRANCH"},
      {"{{#if x}}{{#unless x}}a{{/unless}}{{/if}}", "1:10 UNREACHABLE_BRANCH"},
      {"{{#ifEquals x \"a\"}}1{{else ifEquals \"a\" x}}2{{/ifEquals}}", "1:21 UNREACHABLE_BRANCH"},
      {"{{#if (lookup x \"y\")}}a{{else if (lookup x \"y\")}}b{{/if}}", "1:24 UNREACHABLE_BRANCH"},
      {"{{#if @first}}a{{else if @first}}b{{/if}}", "1:16 UNREACHABLE_BRANCH"},
      // A branch in a branch that is never rendered isn't told as well.
      {"{{#if false}}{{#if false}}a{{/if}}{{/if}}", "1:1 UNREACHABLE_BRANCH"},
  });
}

TEST(LintTest, BranchesThatSomethingLeadsTo) {
  ExpectWarnings({
      {"{{#if true}}a{{/if}}{{#if 1}}b{{else}}{{/if}}", ""},
      {"{{#if x}}a{{else if y}}b{{else}}c{{/if}}", ""},
      {"{{#if x}}a{{/if}}{{#if x}}b{{else}}c{{/if}}", ""},
      {"{{#if x}}a{{else if x.y}}b{{else if x includeZero=true}}c{{/if}}", ""},
      {"{{#if a.[b.c]}}a{{else if a.b.c}}b{{/if}}", ""},
      {"{{#if 0 includeZero=x}}a{{else}}b{{/if}}", ""},
      {"{{#ifEquals x \"1\"}}a{{else ifEquals x 1}}b{{else ifEquals y x}}c{{/ifEquals}}", ""},
      // Another context, another element, another parameter.
      {"{{#if x}}{{#each l}}{{#unless x}}a{{/unless}}{{/each}}{{/if}}", ""},
      {"{{#if x}}{{#with l}}{{#unless x}}a{{/unless}}{{/with}}{{/if}}", ""},
      {"{{#if x}}{{#l}}{{#unless x}}a{{/unless}}{{/l}}{{/if}}", ""},
      {"{{#each l}}{{#if @first}}{{#each ../m}}{{#unless @first}}a{{/unless}}{{/each}}{{/if}}"
       "{{/each}}",
       ""},
      {"{{#each l as |x|}}{{#if x}}{{#each m as |x|}}{{#unless x}}a{{/unless}}{{/each}}{{/if}}"
       "{{/each}}",
       ""},
      {"{{#if true as |x|}}{{#if x}}a{{else}}b{{/if}}{{/if}}", ""},
  });
}

TEST(LintTest, TextThatIsMoreThanItsModelTakes) {
  const std::string five(5'000, 'x');  // About 1,250 tokens.
  std::string forty;
  for (int i = 0; i < 8; ++i) forty += five;
  const auto prompt = [](std::string_view model, std::string_view body) {
    return fmt::format("---\ndescription: d\nmodel: {}\n---\n{}", model, body);
  };
  ExpectWarnings({
      {prompt("openai/gpt-4", forty), "3:1 CONTEXT_EXCEEDED"},
      {prompt("openai/gpt-4-0613", forty), "3:1 CONTEXT_EXCEEDED"},
      {prompt("azure/eu/gpt-4", forty), "3:1 CONTEXT_EXCEEDED"},
      {prompt("openai/gpt-4o\ncolophon.fallbacks: [openai/o3, openai/gpt-4]", forty),
       "4:33 CONTEXT_EXCEEDED"},
      {prompt("openai/gpt-4", five), ""},
      {prompt("openai/gpt-4-turbo", forty), ""},
      {prompt("openai/gpt-4.1", forty), ""},
      {prompt("openai/gpt-40", forty), ""},
      {prompt("echo/echo", forty), ""},
      // What may not be sent doesn't count; of two branches the shorter does.
      {prompt("openai/gpt-4", "{{#if x}}" + forty + "{{/if}}"), ""},
      {prompt("openai/gpt-4", "{{#if x}}" + forty + "{{else}}" + five + "{{/if}}"), ""},
      {prompt("openai/gpt-4", "{{#if x}}" + forty + "{{else}}" + forty + "{{/if}}"),
       "3:1 CONTEXT_EXCEEDED"},
      {prompt("openai/gpt-4", "{{#each x}}" + forty + "{{/each}}"), ""},
      {prompt("openai/gpt-4", "x{{!" + forty + "}}"), ""},
  });
  EXPECT_EQ(LintTree({{"p.prompt", prompt("openai/gpt-4", "{{> q}}{{> q}}{{> q}}{{> q}}")},
                      {"_q.prompt", "{{> r}}{{> r}}"},
                      {"_r.prompt", five}}),
            "3:1 CONTEXT_EXCEEDED");
  EXPECT_EQ(LintTree({{"p.prompt", prompt("openai/gpt-4", "{{> q}}")},
                      {"_q.prompt", forty + "{{#*inline \"q\"}}{{/inline}}"}}),
            "");
  EXPECT_THAT(LintMessages({{"p.prompt", prompt("openai/gpt-4", forty)}}),
              HasSubstr("has 40000 bytes before any variable, about 10000 tokens; openai/gpt-4 "
                        "takes 8192"));
}

TEST(LintTest, TheLongestNameOfAModelCounts) {
  EXPECT_EQ(lint::ModelWindow("openai/gpt-4"), 8'192);
  EXPECT_EQ(lint::ModelWindow("openai/gpt-4-turbo-2024-04-09"), 128'000);
  EXPECT_EQ(lint::ModelWindow("gpt-4.1-mini"), 1'047'576);
  EXPECT_EQ(lint::ModelWindow("anthropic/claude-haiku-4-5"), 200'000);
  EXPECT_EQ(lint::ModelWindow("anthropic/claude-sonnet-4-5-20250929"), 1'000'000);
  EXPECT_EQ(lint::ModelWindow("google/gemini-2.5-flash-lite"), 1'048'576);
  EXPECT_EQ(lint::ModelWindow("openai/gpt-5.9"), 0);
  EXPECT_EQ(lint::ModelWindow("anthropic/claude-opus-4-9"), 0);
  EXPECT_EQ(lint::ModelWindow(""), 0);
}

TEST(LintTest, APartialAlone) {
  const std::string text = "a \n{{#if false}}b{{/if}}\u200b" + kAws + "{{anything}}\n";
  std::vector<v1::Diagnostic> found;
  const auto partial = prompt::PromptFile::Parse("x/_t.prompt", text, &found);
  ASSERT_NE(partial, nullptr);
  lint::LintPartial(*partial, text, &found);
  std::string codes;
  for (const auto& warning : found) {
    EXPECT_EQ(warning.path(), "x/_t.prompt");
    codes += fmt::format("{}:{} {}\n", warning.line(), warning.column(), warning.code());
  }
  EXPECT_EQ(codes,
            "1:2 TRAILING_SPACE\n2:1 UNREACHABLE_BRANCH\n2:22 INVISIBLE_CHARACTER\n2:23 SECRET\n");
}

// Any number of them in any file is told as often as helps.
TEST(LintTest, WarningsAreBounded) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "a\u200bb \n{{#if 0}}x{{/if}}\u202e " + kAws + "\n";
  const Loaded loaded = LoadPrompt(text);
  ASSERT_NE(loaded.closure, nullptr);
  std::vector<v1::Diagnostic> found;
  lint::Lint(*loaded.closure, &found);
  EXPECT_GE(found.size(), 100u);
  EXPECT_LE(found.size(), 200u);
}

// By path, with front matter.
std::string WarningsOfFile(const std::string& path, const std::string& matter) {
  const Loaded loaded = LoadTree(path, {{path, "---\n" + matter + "\n---\nx"}});
  EXPECT_NE(loaded.closure, nullptr) << loaded.Text();
  std::vector<v1::Diagnostic> found;
  if (loaded.closure != nullptr) lint::Lint(*loaded.closure, &found);
  std::string text;
  for (const v1::Diagnostic& warning : found) {
    text += fmt::format("{}:{} {}: {}\n", warning.line(), warning.column(), warning.code(),
                        warning.message());
  }
  return text;
}

TEST(LintTest, NamesAndVariants) {
  const std::string path = "support/triage.short.prompt";
  for (const char* matter :
       {"name: triage\nvariant: short", "name: support/triage", "name: triage.short",
        "name: support/triage.short", "variant: short", "variant: ''", "description: x"}) {
    EXPECT_EQ(WarningsOfFile(path, matter), "") << matter;
  }
  EXPECT_EQ(WarningsOfFile("triage.prompt", "name: triage"), "");
  EXPECT_EQ(WarningsOfFile("prompts/support/triage.prompt", "name: support/triage"), "");
  EXPECT_THAT(WarningsOfFile("retriage.prompt", "name: triage"), HasSubstr("NAME_MISMATCH"));
  EXPECT_EQ(WarningsOfFile(path, "name: billing\nvariant: long"),
            "2:1 NAME_MISMATCH: the file's path says that this is \"support/triage.short\": the "
            "name \"billing\" has no effect\n"
            "3:1 NAME_MISMATCH: the file's name says the variant (\"short\"), so \"long\" has no "
            "effect: name the file \"triage.long.prompt\" if it is that variant\n");
  EXPECT_THAT(WarningsOfFile("triage.prompt", "variant: long"), HasSubstr("the variant (none)"));
}

// Every call of it is refused, and its author isn't told.
TEST(LintTest, APromptWithoutTextIsToldOf) {
  for (const char* text :
       {"", " \n", "{{! later }}", "---\nmodel: a/b\n---\n", "{{#*inline \"x\"}}a{{/inline}}\n"}) {
    EXPECT_EQ(LintPrompt(text), "1:1 EMPTY_PROMPT") << text;
  }
  for (const char* text : {"x", "{{x}}", "{{history}}", "{{> @partial-block}}"}) {
    EXPECT_EQ(LintTree({{"p.prompt", "{{> q}}"}, {"_q.prompt", text}}), "") << text;
  }
}

}  // namespace
}  // namespace colophon
