#include "service/store/git_object.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/store/history.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

const std::string kHex(40, 'a');
const std::string kOther(40, 'b');
const std::string kRaw(20, '\xaa');

std::vector<std::string> Describe(const std::vector<ObjectLink>& links) {
  std::vector<std::string> texts;
  for (const ObjectLink& link : links) {
    texts.push_back(std::string(ObjectTypeName(link.type)) + " " + link.id.hex().substr(0, 2) +
                    " " + link.name);
  }
  return texts;
}

TEST(GitObjectTest, HashesAsGitDoes) {
  TempDir directory;
  WriteFile(directory / "f", "The ticket's text.\n");
  const ShellResult git = Shell("git hash-object " + (directory / "f"));
  ASSERT_EQ(git.exit_code, 0) << git.output;
  EXPECT_EQ(HashObject(ObjectType::kBlob, "The ticket's text.\n").hex() + "\n", git.output);
}

TEST(GitObjectTest, ReadsWhatAnObjectNames) {
  const struct {
    ObjectType type;
    std::string data;
    std::vector<std::string> expected;
  } cases[] = {
      {ObjectType::kBlob, "anything", {}},
      {ObjectType::kTree, "", {}},
      {ObjectType::kTree,
       std::string("100644 a.prompt\0", 16) + kRaw + std::string("40000 support\0", 14) + kRaw +
           std::string("160000 module\0", 14) + kRaw + std::string("120000 link\0", 12) + kRaw,
       {"blob aa a.prompt", "tree aa support", "blob aa link"}},
      {ObjectType::kCommit, "tree " + kHex + "\nauthor A <a> 0 +0000\n", {"tree aa tree"}},
      {ObjectType::kCommit,
       "tree " + kHex + "\nparent " + kOther + "\nparent " + kHex + "\nauthor A\n",
       {"tree aa tree", "commit bb parent", "commit aa parent"}},
      {ObjectType::kTag, "object " + kHex + "\ntype commit\ntag v1\n", {"commit aa object"}},
  };
  for (const auto& c : cases) {
    const auto links = LinksOf({.type = c.type, .data = c.data});
    ASSERT_TRUE(links.has_value()) << c.data;
    EXPECT_EQ(Describe(*links), c.expected);
  }
}

TEST(GitObjectTest, RefusesMalformedObjects) {
  const struct {
    ObjectType type;
    std::string data;
  } cases[] = {
      {ObjectType::kCommit, ""},
      {ObjectType::kCommit, "tree " + kHex},
      {ObjectType::kCommit, "tree " + kHex + "\n"},
      {ObjectType::kCommit, "tree " + kHex.substr(1) + "\nauthor A\n"},
      {ObjectType::kCommit, "tree " + kHex + "\nparent x\nauthor A\n"},
      {ObjectType::kCommit, "parent " + kHex + "\nauthor A\n"},
      {ObjectType::kTag, "object " + kHex + "\ntype nothing\n"},
      {ObjectType::kTag, "object " + kHex + "\ntype commit"},
      {ObjectType::kTree, "100644"},
      {ObjectType::kTree, std::string("100644 a\0", 9)},
      {ObjectType::kTree, std::string("100644 a\0", 9) + kRaw.substr(1)},
      {ObjectType::kTree, std::string("100644 a\0", 9) + kRaw + "x"},
      {ObjectType::kTree, std::string(" a\0", 3) + kRaw},
      {ObjectType::kTree, std::string("100644 \0", 8) + kRaw},
      {ObjectType::kTree, std::string("100644\0a ", 9) + kRaw},
  };
  for (const auto& c : cases) {
    EXPECT_FALSE(LinksOf({.type = c.type, .data = c.data}).has_value()) << c.data;
  }
}

}  // namespace
}  // namespace colophon
