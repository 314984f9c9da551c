#include "client/cli/import/names.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(NamesTest, MapsNamesToThePathsThatThereAre) {
  const ImportOptions options{.renames = {{"Old", "new/name"}}};
  const struct {
    const char* name;
    const char* path;
  } cases[] = {
      {"support/triage", "support/triage"},
      {"Support Triage", "support-triage"},
      {"Team / Tone", "team/tone"},
      {"a..b", "a.b"},
      {"_draft", "draft"},
      {"x.lock", "x"},
      {"x.prompt.lock", "x"},
      {"pmpt_68e6be", "pmpt_68e6be"},
      {"trailing.", "trailing"},
      {"Caf\xc3\xa9 2", "caf-2"},
      {"Old", "new/name"},
      {"a  &  b", "a-b"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const std::string path, PromptPathOf(c.name, options));
    EXPECT_EQ(path, c.path);
  }
}

TEST(NamesTest, PutsThemInAFolder) {
  ASSERT_OK_AND_ASSIGN(const std::string path, PromptPathOf("X", {.prefix = "from/Langfuse"}));
  EXPECT_EQ(path, "from/langfuse/x");
}

TEST(NamesTest, RefusesWhatHasNoName) {
  for (const std::string& name : {std::string("\xd0\xbf\xd1\x80"), std::string(""),
                                  std::string("a//b"), std::string("/"), std::string(300, 'a')}) {
    EXPECT_THAT(PromptPathOf(name, {}),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_NAME", HasSubstr("--rename")));
  }
}

TEST(NamesTest, KnowsWhatIsALabel) {
  ASSERT_OK_AND_ASSIGN(const std::string label, LabelOf("Prod EU"));
  EXPECT_EQ(label, "prod-eu");
  for (const char* name : {"v3", "deadbeef", "latest", "", "\xc3\xa9",
                           "a-label-that-is-longer-than-thirty-six-bytes"}) {
    EXPECT_THAT(LabelOf(name), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_LABEL"));
  }
}

TEST(NamesTest, NamesBothThatCollide) {
  ImportResult result;
  result.prompts = {{"Tone", "tone", {}}, {"tone", "tone", {}}};
  EXPECT_THAT(CheckCollisions(result),
              ErrorIs(absl::StatusCode::kInvalidArgument, "NAME_COLLISION",
                      AllOf(HasSubstr("\"Tone\""), HasSubstr("\"tone\""))));
}

}  // namespace
}  // namespace colophon
