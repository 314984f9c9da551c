#include "service/git/tree.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "service/git/file_finder.h"
#include "service/git/tree_diff.h"
#include "service/git/tree_edit.h"
#include "service/store/git_object.h"
#include "tests/git/git_folder.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;

TEST(TreeFormatTest, IdsAreGits) {
  // git hash-object -t tree /dev/null; printf 'hi\n' | git hash-object --stdin
  EXPECT_EQ(HashObject(ObjectType::kTree, "").hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  EXPECT_EQ(HashObject(ObjectType::kBlob, "hi\n").hex(),
            "45b983be36b73c0788dc9cbcb76cbb80fc7bb057");
}

TEST(TreeFormatTest, DamagedTreesAreRefused) {
  const std::string id(20, 'x');
  const std::string good = std::string("100644 a") + '\0' + id;
  EXPECT_OK(ParseTree(good));
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), std::string("x a") + '\0' + id,
        std::string("100644 ") + '\0' + id, std::string("100644"), good + "1"}) {
    EXPECT_THAT(ParseTree(bad), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_TREE"));
  }
}

class TreeTest : public testing::Test {
 protected:
  ObjectId Edit(const ObjectId& root, const std::map<std::string, const char*>& files) {
    TreeEdits edits;
    for (const auto& [path, content] : files) {
      edits[path] =
          content == nullptr ? std::nullopt : std::optional(stage_.Put(ObjectType::kBlob, content));
    }
    const auto edited = EditTree(stage_, root, edits);
    EXPECT_OK(edited);
    return *edited;
  }
  std::string Read(const ObjectId& root, const std::string& path) {
    const auto content = FileFinder(&stage_).Read(root, path);
    EXPECT_OK(content);
    return content->value_or("(none)");
  }

  NoObjects nothing_;
  ObjectStage stage_{&nothing_};
};

TEST_F(TreeTest, EditsOnlyWhatIsNamed) {
  const ObjectId first = Edit({}, {{"a/x", "1"}, {"a/y", "2"}, {"a-b", "3"}, {"b", "4"}});
  const ObjectId second = Edit(first, {{"a/x", "9"}, {"a/z/deep", "5"}, {"b", nullptr}});
  EXPECT_EQ(Read(second, "a/x"), "9");
  EXPECT_EQ(Read(second, "a/y"), "2");
  EXPECT_EQ(Read(second, "a/z/deep"), "5");
  EXPECT_EQ(Read(second, "a-b"), "3");
  EXPECT_EQ(Read(second, "b"), "(none)");
  EXPECT_EQ(Read(second, "a"), "(none)");
  EXPECT_EQ(Read(second, "a/x/y"), "(none)");
  EXPECT_EQ(Read(first, "a/x"), "1");
  EXPECT_EQ(Edit(second, {{"a/x", "1"}, {"a/z/deep", nullptr}, {"b", "4"}}), first);
  EXPECT_EQ(Edit(first, {{"a/x", nullptr}, {"a/y", nullptr}, {"a-b", nullptr}, {"b", nullptr}}),
            HashObject(ObjectType::kTree, ""));
  EXPECT_EQ(Edit(HashObject(ObjectType::kTree, ""), {{"b", "4"}}), Edit({}, {{"b", "4"}}));
}

// Counts what is read.
class CountingReader : public ObjectReader {
 public:
  explicit CountingReader(ObjectReader* below) : below_(*below) {}
  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override {
    ++count;
    return below_.Get(id);
  }
  int count = 0;

 private:
  ObjectReader& below_;
};

// Work per file of a folder must not grow with the folder: looking up each of n
// files walked n entries, so a partial of 30,000 prompts took 37 s.
TEST_F(TreeTest, AFolderIsReadOnceForAllItsFiles) {
  std::map<std::string, const char*> files;
  for (int i = 0; i < 1000; ++i) files[fmt::format("a/b/f{}", i)] = "x";
  files["a/b.txt"] = files["a/b-c"] = "y";  // Around "b/" in the tree's order.
  const ObjectId root = Edit({}, files);
  CountingReader reader(&stage_);
  FileFinder finder(&reader);
  for (const auto& [path, content] : files) {
    const auto found = finder.Find(root, path);
    ASSERT_OK(found);
    EXPECT_TRUE(found->exists()) << path;
    EXPECT_FALSE(finder.Find(root, path + "-not")->exists());
  }
  EXPECT_EQ(reader.count, 3);
}

// The same of edits: each moved the entries of the whole folder twice.
TEST_F(TreeTest, ManyEditsMakeTheTreeThatOneByOneMakes) {
  const char* const contents[] = {"0", "1", "2", nullptr};
  std::mt19937 random(1);
  const auto pick = [&](int count) { return static_cast<int>(random() % count); };
  const std::vector<std::string> names = {"a", "a-b", "a.b", "aa", "b", "b0", "b/", "a/"};
  ObjectId root;
  for (int round = 0; round < 300; ++round) {
    std::map<std::string, const char*> edits;
    for (int i = pick(20); i >= 0; --i) {
      // A name is a file's or a folder's for good.
      const std::string& name = names[pick(static_cast<int>(names.size()))];
      const std::string path = name.ends_with('/') ? fmt::format("d{}{}", name, pick(9))
                                                   : name + std::to_string(pick(9));
      edits[path] = contents[pick(4)];
    }
    ObjectId one_by_one = root;
    for (const auto& edit : edits) one_by_one = Edit(one_by_one, {edit});
    root = Edit(root, edits);
    ASSERT_EQ(root.hex(), one_by_one.hex()) << round;
    const auto entries = ParseTree((*stage_.Get(root, ObjectType::kTree))->data);
    ASSERT_TRUE(std::is_sorted(entries->begin(), entries->end(), PrecedesInTree));
  }
}

TEST_F(TreeTest, DifferencesArePaths) {
  const ObjectId first = Edit({}, {{"a/x", "1"}, {"a/y", "2"}, {"b", "3"}, {"c/d", "4"}});
  const ObjectId second = Edit(first, {{"a/x", "9"}, {"b", nullptr}, {"b/e", "5"}});
  const auto differences = DiffTrees(stage_, first, second);
  ASSERT_OK(differences);
  std::vector<std::string> paths;
  for (const TreeDifference& difference : *differences) paths.push_back(difference.path);
  EXPECT_THAT(paths, ElementsAre("a/x", "b", "b/e"));
  EXPECT_EQ((*differences)[0].before.mode, kFileMode);
  EXPECT_NE((*differences)[0].before.id, (*differences)[0].after.id);
  EXPECT_FALSE((*differences)[1].after.exists());
  EXPECT_FALSE((*differences)[2].before.exists());
  EXPECT_EQ(DiffTrees(stage_, {}, first)->size(), 4u);
  EXPECT_TRUE(DiffTrees(stage_, first, first)->empty());
}

// Trees as the git program makes them, with entries that Colophon doesn't publish.
class RealTreeTest : public TreeTest {
 protected:
  void SetUp() override {
    folder_.Write("a/x.prompt", "1");
    folder_.Write("a/run.sh", "2");
    folder_.Git("add -A");
    folder_.Git("update-index --chmod=+x a/run.sh");
    folder_.AddEntry("120000", folder_.WriteBlob("a/x.prompt"), "a/link");
    folder_.AddEntry("160000", std::string(40, '7'), "a/module");
    folder_.Git("commit -q -m first");
    root_ = folder_.IdOf("HEAD^{tree}");
    // git's index doesn't keep such a mode, its trees do.
    const std::string entries = folder_.Git("ls-tree HEAD:a");
    const std::string shared = "100664 blob " + folder_.WriteBlob("3") + "\tshared.md\n";
    folder_tree_ = folder_.MakeTree(entries + shared);
    root_ = folder_.IdOfText(folder_.MakeTree("040000 tree " + folder_tree_ + "\ta\n"));
    for (const SharedObject& object : folder_.Objects()) stage_.Put(object);
  }

  // The tree of folder "a".
  std::string BytesOf(const ObjectId& root) {
    const SharedObject top = stage_.Get(root, ObjectType::kTree).value();
    return (*stage_.Get(ParseTree(top->data)->at(0).id, ObjectType::kTree))->data;
  }

  TempDir directory_;
  GitFolder folder_{directory_ / "folder"};
  std::string folder_tree_;
  ObjectId root_;
};

TEST_F(RealTreeTest, KeepsWhatItDoesNotPublishByteForByte) {
  const ObjectId edited = Edit(root_, {{"a/x.prompt", "new"}, {"a/sub/y.prompt", "4"}});
  const std::string after = BytesOf(edited);
  for (const char* kept : {"120000 link", "160000 module", "100755 run.sh", "100664 shared.md"}) {
    // With the id behind it. (git's own ls-tree shows the group's mode as 100644.)
    const std::string before = BytesOf(root_);
    const size_t begin = before.find(kept);
    ASSERT_NE(begin, std::string::npos) << kept;
    EXPECT_THAT(after, testing::HasSubstr(before.substr(begin, std::strlen(kept) + 21)));
  }
  EXPECT_EQ(Edit(edited, {{"a/x.prompt", "1"}, {"a/sub/y.prompt", nullptr}}), root_);
  folder_.Take(stage_.objects());
  EXPECT_THAT(folder_.Git("fsck --no-dangling"), testing::Not(testing::HasSubstr("error")));
}

TEST_F(RealTreeTest, AnEditReplacesOrDeletesWhateverStandsThere) {
  const ObjectId edited = Edit(root_, {{"a/link", "a file"}, {"a/run.sh", nullptr}});
  EXPECT_EQ(Read(edited, "a/link"), "a file");
  EXPECT_EQ(Read(edited, "a/run.sh"), "(none)");
  // A submodule is no folder to write into.
  TreeEdits below;
  below["a/module/x"] = stage_.Put(ObjectType::kBlob, "5");
  EXPECT_THAT(EditTree(stage_, root_, below),
              ErrorIs(absl::StatusCode::kInvalidArgument, "PATH_CONFLICT"));
  // What isn't below it can't be deleted, and it stays.
  below["a/module/x"] = std::nullopt;
  EXPECT_EQ(EditTree(stage_, root_, below).value(), root_);
}

TEST_F(RealTreeTest, ReadsOrdinaryFilesOnly) {
  FileFinder finder(&stage_);
  EXPECT_EQ(Read(root_, "a/x.prompt"), "1");
  EXPECT_EQ(Read(root_, "a/module/x"), "(none)");
  const struct {
    const char* path;
    const char* mode;
  } cases[] = {{"a/link", "120000, a symbolic link"},
               {"a/module", "160000, a submodule"},
               {"a/run.sh", "100755, an executable"},
               {"a/shared.md", "100664, a file that its group may write"}};
  for (const auto& c : cases) {
    EXPECT_TRUE(finder.Find(root_, c.path)->exists());
    EXPECT_THAT(
        finder.Read(root_, c.path),
        ErrorIs(absl::StatusCode::kFailedPrecondition, "FILE_MODE",
                testing::HasSubstr(fmt::format("\"{}\" has git's mode {}", c.path, c.mode))));
  }
}

// Written by programs older than git 1.5, and kept by all since.
TEST_F(RealTreeTest, KeepsAModeThatBeginsWithAZero) {
  const ObjectId blob = stage_.Put(ObjectType::kBlob, "1");
  const auto entry = [](const std::string& mode_and_name, const ObjectId& id) {
    return mode_and_name + '\0' + std::string(id.bytes());
  };
  const std::string old = entry("0100644 a", blob);
  const ObjectId root = stage_.Put(ObjectType::kTree, old + entry("100644 b", blob));
  EXPECT_EQ(Read(root, "a"), "1");
  const ObjectId edited = Edit(root, {{"b", "2"}});
  EXPECT_THAT((*stage_.Get(edited, ObjectType::kTree))->data, testing::StartsWith(old));
}

}  // namespace
}  // namespace colophon
