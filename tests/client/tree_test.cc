#include "client/cli/tree.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TreeTest : public testing::Test {
 protected:
  TreeTest() {
    for (const char* path : {"prompts/support/triage.prompt", "prompts/support/triage.labels.yaml",
                             "prompts/support/_tone.prompt", "prompts/ticket.schema.json",
                             "prompts/tools/get_order.tool.json", "prompts/README.md",
                             "prompts/.git/x.prompt", "prompts/.hidden.prompt", "other/x.prompt"}) {
      WriteFile(dir_ / path, path);
    }
    std::filesystem::create_directories(dir_ / "empty");
  }

  std::vector<std::string> Paths(const std::vector<std::string>& paths, TreeOptions options = {}) {
    const auto tree = ReadTree(paths, options);
    if (!tree.ok()) return {MessageOf(tree.status())};
    std::vector<std::string> names;
    for (const LocalFile& file : *tree) names.push_back(file.path);
    return names;
  }

  TempDir dir_;
};

TEST_F(TreeTest, TakesWhatAPromptIsMadeOfFromAFolder) {
  EXPECT_THAT(
      Paths({dir_ / "prompts"}),
      ElementsAre("support/_tone.prompt", "support/triage.labels.yaml", "support/triage.prompt",
                  "ticket.schema.json", "tools/get_order.tool.json"));
}

TEST_F(TreeTest, ReadsTheContent) {
  ASSERT_OK_AND_ASSIGN(const auto tree, ReadTree({dir_ / "other"}, {}));
  ASSERT_EQ(tree.size(), 1u);
  EXPECT_EQ(tree[0].content, "other/x.prompt");
}

TEST_F(TreeTest, NamesAFileByItsOwnFolderWhenItIsElsewhere) {
  EXPECT_THAT(Paths({dir_ / "prompts/support/triage.prompt"}), ElementsAre("triage.prompt"));
}

TEST_F(TreeTest, NamesAFileByTheCurrentFolderWhenItIsBelow) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir_ / "prompts");
  EXPECT_THAT(Paths({"support/triage.prompt"}), ElementsAre("support/triage.prompt"));
  EXPECT_THAT(Paths({"./support/../support/triage.prompt"}), ElementsAre("support/triage.prompt"));
  EXPECT_THAT(Paths({"support"}),
              ElementsAre("_tone.prompt", "triage.labels.yaml", "triage.prompt"));
  std::filesystem::current_path(before);
}

TEST_F(TreeTest, ObeysRootAndPrefix) {
  EXPECT_THAT(Paths({dir_ / "other"}, {.root = dir_.path()}), ElementsAre("other/x.prompt"));
  EXPECT_THAT(Paths({dir_ / "other"}, {.prefix = "a/b/"}), ElementsAre("a/b/x.prompt"));
  EXPECT_THAT(Paths({dir_ / "other/x.prompt"}, {.root = dir_ / "prompts"}),
              ElementsAre(HasSubstr("is not below the root")));
}

TEST_F(TreeTest, TakesAFileOnce) {
  EXPECT_THAT(Paths({dir_ / "other", dir_ / "other/x.prompt"}), ElementsAre("x.prompt"));
}

TEST_F(TreeTest, RefusesTwoFilesOfOneName) {
  WriteFile(dir_ / "more/x.prompt", "");
  EXPECT_THAT(ReadTree({dir_ / "other", dir_ / "more"}, {}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "TWO_FILES", HasSubstr("x.prompt")));
}

TEST_F(TreeTest, RefusesWhatIsNotThere) {
  EXPECT_THAT(ReadTree({dir_ / "none"}, {}),
              ErrorIs(absl::StatusCode::kNotFound, "NO_FILE", HasSubstr("none")));
  EXPECT_THAT(ReadTree({dir_ / "empty"}, {}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "NO_FILES", HasSubstr("empty")));
}

TEST_F(TreeTest, KnowsWhatIsAPrompt) {
  EXPECT_EQ(PromptOfFile("support/triage.prompt"), "support/triage");
  EXPECT_EQ(PromptOfFile("triage.prompt"), "triage");
  EXPECT_EQ(PromptOfFile("support/_tone.prompt"), "");
  EXPECT_EQ(PromptOfFile("_tone.prompt"), "");
  EXPECT_EQ(PromptOfFile("a/.prompt"), "");
  EXPECT_EQ(PromptOfFile("support/triage.labels.yaml"), "");
}

}  // namespace
}  // namespace colophon
