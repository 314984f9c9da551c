#include "service/git/commit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/git/git_folder.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

class CommitTest : public testing::Test {
 protected:
  // Reads a commit of these bytes.
  absl::StatusOr<CommitFields> Read(const std::string& text) {
    return ReadCommit(stage_, stage_.Put(ObjectType::kCommit, text));
  }

  NoObjects nothing_;
  ObjectStage stage_{&nothing_};
};

TEST_F(CommitTest, ReadsTheCommitItWrites) {
  CommitFields commit;
  commit.tree = stage_.Put(ObjectType::kTree, "");
  commit.parents = {stage_.Put(ObjectType::kBlob, "a"), stage_.Put(ObjectType::kBlob, "b")};
  commit.author = "Ada Lovelace, F. R. S. <ada@example.com>";
  commit.committer = "Colophon.";
  commit.time = absl::FromUnixSeconds(1'800'000'000);
  commit.message = "Why\n\nBecause.";
  const auto id = WriteCommit(stage_, commit);
  ASSERT_OK(id);
  EXPECT_EQ((*stage_.Get(*id, ObjectType::kCommit))->data,
            "tree " + commit.tree.hex() + "\nparent " + commit.parents[0].hex() + "\nparent " +
                commit.parents[1].hex() +
                "\nauthor Ada Lovelace, F. R. S. <ada@example.com> 1800000000 +0000\n"
                "committer Colophon. <> 1800000000 +0000\n\nWhy\n\nBecause.\n");
  const auto read = ReadCommit(stage_, *id);
  ASSERT_OK(read);
  EXPECT_EQ(read->tree, commit.tree);
  EXPECT_EQ(read->parents, commit.parents);
  EXPECT_EQ(read->author, commit.author);
  EXPECT_EQ(read->committer, commit.committer);
  EXPECT_EQ(read->time, commit.time);
  EXPECT_EQ(read->message, commit.message);
}

TEST_F(CommitTest, ReadsHeadersItDoesNotKnow) {
  const std::string id(40, 'a');
  const auto read = Read("tree " + id +
                         "\nauthor A <a@b> 5 +0100\ncommitter C <c@d> 7 +0000\n"
                         "gpgsig -----BEGIN\n more\n \n -----END\nencoding UTF-8\n\nmessage\n");
  ASSERT_OK(read);
  EXPECT_EQ(read->author, "A <a@b>");
  EXPECT_EQ(read->time, absl::FromUnixSeconds(7));
  EXPECT_EQ(read->message, "message");
}

TEST_F(CommitTest, DamagedCommitsAreRefused) {
  const std::string id(40, 'a');
  for (const std::string& bad : {std::string(), "tree " + id + "\n", std::string("tree x\n\nm"),
                                 "tree " + id + "\nauthor A <a@b> 5 +0100\n\nm",
                                 "tree " + id + "\nauthor A\ncommitter B\n\n"}) {
    EXPECT_THAT(Read(bad), ErrorIs(kDataLoss, "CORRUPT_COMMIT")) << bad;
  }
  EXPECT_THAT(ReadCommit(stage_, stage_.Put(ObjectType::kBlob, "x")),
              ErrorIs(kDataLoss, "CORRUPT_OBJECT"));
  EXPECT_THAT(ReadCommit(stage_, ObjectId()),
              ErrorIs(absl::StatusCode::kNotFound, "OBJECT_NOT_FOUND"));
}

TEST_F(CommitTest, ReadsWhatGitWrote) {
  TempDir directory;
  const GitFolder folder(directory / "folder");
  folder.Write("a", "1");
  const ObjectId id = folder.Commit("Why\n\nBecause.\n");
  for (const SharedObject& object : folder.Objects()) stage_.Put(object);
  const auto read = ReadCommit(stage_, id);
  ASSERT_OK(read);
  EXPECT_EQ(read->tree, folder.IdOf("HEAD^{tree}"));
  EXPECT_EQ(read->author, "Ada Lovelace <ada@example.com>");
  EXPECT_EQ(read->committer, "Grace Hopper <grace@example.com>");
  EXPECT_EQ(read->time, absl::FromUnixSeconds(1'700'000'060));
  EXPECT_EQ(read->message, "Why\n\nBecause.");
}

TEST_F(CommitTest, AuthorsAreCheckedForGit) {
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

}  // namespace
}  // namespace colophon
