#include "service/registry/git_format.h"

#include <algorithm>
#include <map>
#include <random>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "service/registry/tree.h"
#include "service/store/git_object.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;

// No objects.
class Nothing : public ObjectReader {
 public:
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override {
    return NotFound("OBJECT_NOT_FOUND", id.hex());
  }
};

TEST(GitFormatTest, IdsAreGits) {
  // git hash-object -t tree /dev/null; printf 'hi\n' | git hash-object --stdin
  EXPECT_EQ(HashObject(ObjectType::kTree, "").hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  EXPECT_EQ(HashObject(ObjectType::kBlob, "hi\n").hex(),
            "45b983be36b73c0788dc9cbcb76cbb80fc7bb057");
}

TEST(GitFormatTest, ReadsTheCommitItWrites) {
  CommitFields commit;
  commit.tree = HashObject(ObjectType::kTree, "");
  commit.parents = {HashObject(ObjectType::kBlob, "a"), HashObject(ObjectType::kBlob, "b")};
  commit.author = "Ada Lovelace <ada@example.com>";
  commit.committer = "Colophon";
  commit.time = absl::FromUnixSeconds(1'800'000'000);
  commit.message = "Why\n\nBecause.";
  const auto read = ParseCommit(WriteCommit(commit));
  ASSERT_OK(read);
  EXPECT_EQ(read->tree, commit.tree);
  EXPECT_EQ(read->parents, commit.parents);
  EXPECT_EQ(read->author, commit.author);
  EXPECT_EQ(read->committer, commit.committer);
  EXPECT_EQ(read->time, commit.time);
  EXPECT_EQ(read->message, commit.message);
}

TEST(GitFormatTest, ReadsHeadersItDoesNotKnow) {
  const std::string id(40, 'a');
  const auto read =
      ParseCommit("tree " + id +
                  "\nauthor A <a@b> 5 +0100\ncommitter C <c@d> 7 +0000\n"
                  "gpgsig -----BEGIN\n more\n\n-----END\nencoding UTF-8\n\nmessage\n");
  EXPECT_EQ(read->author, "A <a@b>");
  for (const std::string& bad : {std::string(), "tree " + id + "\n", std::string("tree x\n\nm"),
                                 "tree " + id + "\nauthor A <a@b> 5 +0100\n\nm",
                                 "tree " + id + "\nauthor A\ncommitter B\n\n"}) {
    EXPECT_THAT(ParseCommit(bad), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_COMMIT")) << bad;
  }
}

TEST(GitFormatTest, DamagedTreesAreRefused) {
  const std::string id(20, 'x');
  const std::string good = std::string("100644 a") + '\0' + id;
  EXPECT_OK(ParseTree(good));
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), std::string("x a") + '\0' + id,
        std::string("100644 ") + '\0' + id, std::string("100644"), good + "1"}) {
    EXPECT_THAT(ParseTree(bad), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_TREE"));
  }
}

TEST(GitFormatTest, AuthorsAreCheckedForGit) {
  for (const char* good : {"Ada <ada@example.com>", "Ada", "key:ci-bot", "Ада <a@b>"}) {
    EXPECT_OK(CheckAuthor(good)) << good;
  }
  const std::string cases[] = {"",       " Ada",        "Ada ",      "<a@b>",
                               " <a@b>", "Ada <a@b",    "Ada a@b>",  "Ada <a b>",
                               "Ada <>", "Ada <a@b> x", "Ada<a@b>",  "A\nb",
                               "A\x7f",  "\xff",        "Ada <a<b>", std::string(257, 'a')};
  for (const std::string& bad : cases) {
    EXPECT_THAT(CheckAuthor(bad), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_AUTHOR")) << bad;
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

  Nothing nothing_;
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
    EXPECT_TRUE(found->has_value()) << path;
    EXPECT_FALSE(finder.Find(root, path + "-not")->has_value());
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
  const auto paths = DiffTrees(stage_, first, second);
  ASSERT_OK(paths);
  EXPECT_THAT(*paths, ElementsAre("a/x", "b", "b/e"));
  EXPECT_EQ(DiffTrees(stage_, {}, first)->size(), 4u);
  EXPECT_TRUE(DiffTrees(stage_, first, first)->empty());
}

}  // namespace
}  // namespace colophon
