#include "client/cli/import/importers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/import/import_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

absl::StatusOr<ImportResult> Import(const std::string& text, VariableStyle style) {
  return ImportText({{"team/a.txt", text}}, {.variables = style});
}

TEST(TextTest, KeepsEveryByte) {
  for (const char* text :
       {"Hello {{name}}, {x}\n", "---\na: b\n---\n", "\\{{", " \n", "a\r\nb\r\n"}) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(text, VariableStyle::kNone));
    ASSERT_THAT(result.prompts, SizeIs(1));
    EXPECT_EQ(result.prompts[0].path, "team/a");
    if (std::string(text) == " \n") continue;  // Blank: no message at all.
    EXPECT_THAT(RenderVersion(result.prompts[0].versions.at(0)),
                ElementsAre(std::string("user|") + text));
  }
}

TEST(TextTest, FindsVariables) {
  const struct {
    VariableStyle style;
    const char* text;
    const char* meant;
  } cases[] = {
      {VariableStyle::kDouble, "{{x}} {x} {{ y.z }}\n", "X {x} Z\n"},
      {VariableStyle::kDouble, "{{{x}}} {{x y}}", "{X} {{x y}}"},
      {VariableStyle::kSingle, "{x} {{x}} {{{x}}} {y.z}\n", "X {x} {X} Z\n"},
      {VariableStyle::kSingle, "{\"a\": 1} {} }", "{\"a\": 1} {} }"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(c.text, c.style));
    ASSERT_THAT(result.prompts, SizeIs(1)) << c.text;
    json::object variables{{"x", "X"}};
    if (std::string_view(c.text).find("y.z") != std::string_view::npos) {
      variables["y"] = json::object{{"z", "Z"}};
    }
    EXPECT_THAT(RenderVersion(result.prompts[0].versions.at(0), variables),
                ElementsAre(std::string("user|") + c.meant));
  }
}

TEST(TextTest, TellsWhatItLeaves) {
  ASSERT_OK_AND_ASSIGN(const ImportResult marked,
                       Import("\xef\xbb\xbf{{#if x}}", VariableStyle::kDouble));
  EXPECT_THAT(NotCarriedOf(marked),
              ElementsAre(HasSubstr("byte order mark"), HasSubstr("{{#if x}}")));
  ASSERT_OK_AND_ASSIGN(const ImportResult format, Import("{0} {x!r}", VariableStyle::kSingle));
  EXPECT_THAT(NotCarriedOf(format), ElementsAre(HasSubstr("{0}"), HasSubstr("{x!r}")));
}

TEST(TextTest, ReadsManyBracesInOneGo) {
  const size_t many = 40'000;
  for (const VariableStyle style : {VariableStyle::kDouble, VariableStyle::kSingle}) {
    for (const std::string& part : {std::string("{"), std::string("{a"), std::string("{{ ")}) {
      std::string text;
      while (text.size() < many) text += part;
      ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(text + "}}", style));
      EXPECT_THAT(result.prompts, SizeIs(1));
    }
  }
}

TEST(TextTest, RefusesWhatIsNoText) {
  for (const std::string& text :
       {std::string("\xff"), std::string("a\0b", 3), std::string(2 << 20, 'x')}) {
    ASSERT_OK_AND_ASSIGN(const ImportResult result, Import(text, VariableStyle::kNone));
    EXPECT_THAT(result.prompts, IsEmpty());
    EXPECT_THAT(FailuresOf(result), SizeIs(1));
  }
}

TEST(GuessTest, KnowsWhereFilesComeFrom) {
  const struct {
    LocalFile file;
    const char* store;
  } cases[] = {
      {{"a.prompty", ""}, "prompty"},
      {{"a.txt", "{}"}, "text"},
      {{"a.json", R"([{"name":"a","prompt":"x"}])"}, "langfuse"},
      {{"a.json", R"({"data":[{"name":"a","versions":[1]}]})"}, "langfuse"},
      {{"a.jsonl", R"({"name":"a","version":1,"prompt":[]})"}, "langfuse"},
      {{"a.json", R"({"id":"pmpt_1","instructions":"x"})"}, "openai"},
      {{"a.json", R"({"object":"response","prompt":{"id":"pmpt_1"}})"}, "openai"},
      {{"a.json", R"([{"prompt_id":"pmpt_1","prompt":"x"}])"}, "openai"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const std::string store, GuessStore({c.file}));
    EXPECT_EQ(store, c.store) << c.file.content;
  }
  EXPECT_THAT(GuessStore({{"a.json", R"({"x":1})"}}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "UNKNOWN_STORE", HasSubstr("--from")));
  EXPECT_THAT(GuessStore({{"a.prompty", ""}, {"b.txt", ""}}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "UNKNOWN_STORE",
                      AllOf(HasSubstr("a.prompty"), HasSubstr("b.txt"))));
}

}  // namespace
}  // namespace colophon
