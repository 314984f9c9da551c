// The store's repositories as programs read them: by git itself.

#include "service/git/mirrors.h"

#include <filesystem>

#include "fmt/format.h"
#include "service/git/git_program.h"
#include "service/git/received_pack.h"
#include "tests/git/git_folder.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class MirrorsTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    OpenMirrors();
  }
  void OpenMirrors() {
    auto opened = Mirrors::Open(store_.get(), directory_ / "mirrors");
    EXPECT_OK(opened);
    mirrors_ = *std::move(opened);
  }
  std::shared_ptr<const Mirror> Get() {
    auto mirror = mirrors_->Get("acme");
    EXPECT_OK(mirror);
    return mirror.ok() ? *mirror : nullptr;
  }
  static std::string Git(const Mirror& mirror, const std::string& arguments) {
    const ShellResult result = Shell(fmt::format("git -c safe.directory='*' --git-dir='{}' {} 2>&1",
                                                 mirror.directory(), arguments));
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
    return result.output;
  }
  int CountOf(const std::string& folder) {
    return static_cast<int>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  std::unique_ptr<Mirrors> mirrors_;
};

TEST_F(MirrorsTest, AMirrorFollowsTheStore) {
  const auto empty = Get();
  EXPECT_EQ(Git(*empty, "show-ref || true"), "");
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Write("b/c.prompt", "1")));
  const std::string first = Git(*Get(), "show-ref");
  EXPECT_EQ(first, Git(*Get(), "show-ref"));
  EXPECT_THAT(first, HasSubstr(" refs/heads/main\n"));
  EXPECT_THAT(first, HasSubstr(" refs/tags/a/v1\n"));
  EXPECT_THAT(first, HasSubstr(" refs/tags/b/c/v1\n"));
  ASSERT_OK(Publish(Edit().Write("a.prompt", "2")));
  ASSERT_OK(Publish(Edit().Write("a.prompt", "3").Branch("shorter")));
  EXPECT_EQ(
      Git(*Get(), "for-each-ref --format='%(refname)'"),
      "refs/heads/main\nrefs/heads/shorter\nrefs/tags/a/v1\nrefs/tags/a/v2\nrefs/tags/b/c/v1\n");
  EXPECT_EQ(Git(*Get(), "show a/v1:a.prompt"), "1");
  EXPECT_EQ(Git(*Get(), "show shorter:a.prompt"), "3");
  v1::DeleteDraftRequest drop;
  drop.set_repository("acme");
  drop.set_branch("shorter");
  ASSERT_OK(DeleteDraft(drop));
  EXPECT_EQ(Git(*Get(), "branch --format='%(refname)'"), "refs/heads/main\n");
  EXPECT_EQ(Get(), empty) << "one mirror all the while";
  EXPECT_THAT(Git(*Get(), "fsck --strict --full --no-dangling"), IsEmpty());
}

// Each change adds a pack: at some time it is made anew, and who reads the old one reads on.
TEST_F(MirrorsTest, ManyPacksBecomeOne) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "0")));
  const auto first = Get();
  std::shared_ptr<const Mirror> last;
  for (int i = 1; i <= 40; ++i) {
    ASSERT_OK(Publish(Edit().Write("a.prompt", fmt::format("{}", i))));
    last = Get();
    EXPECT_LE(CountOf(last->directory() + "/objects/pack"), 2 * 32) << "a pack and its index";
  }
  EXPECT_NE(last, first);
  EXPECT_EQ(Git(*last, "rev-list --count main"), "41\n");
  EXPECT_THAT(Git(*first, "show main:a.prompt"), testing::Not(IsEmpty()));
  EXPECT_EQ(CountOf(directory_ / "mirrors"), 2);
}

TEST_F(MirrorsTest, WhatGitCantNameIsLeftOut) {
  ASSERT_OK(
      Publish(Edit().Write("a.prompt", "1").Write("a/v1.prompt", "1").Write("a/v1x.prompt", "1")));
  EXPECT_EQ(Git(*Get(), "tag -l"), "a/v1\na/v1x/v1\n");
  const std::string clone = directory_ / "clone";
  const ShellResult cloned = Shell(fmt::format(
      "git -c safe.directory='*' clone -q --no-local '{}' '{}' 2>&1", Get()->directory(), clone));
  EXPECT_EQ(cloned.exit_code, 0) << cloned.output;
}

TEST_F(MirrorsTest, AMirrorIsNeverBelieved) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1")));
  const std::string old = Get()->directory();
  // Another process's, or one that something happened to.
  OpenMirrors();
  EXPECT_FALSE(fs::exists(old));
  const auto damaged = Get();
  fs::remove_all(damaged->directory() + "/objects/pack");
  mirrors_->Discard("acme", damaged);
  const auto anew = Get();
  EXPECT_NE(anew, damaged);
  EXPECT_EQ(Git(*anew, "show a/v1:a.prompt"), "1");
  // The one that was discarded is not the one that there is now.
  mirrors_->Discard("acme", damaged);
  EXPECT_EQ(Get(), anew);
  EXPECT_THAT(mirrors_->Get("nowhere"),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
}

// --- Packs that were pushed.

class ReceivedPackTest : public MirrorsTest {
 protected:
  // What `git pack-objects` makes of it.
  std::string Pack(const std::string& revisions, const std::string& options = "") {
    WriteFile(directory_ / "revisions", revisions);
    folder_.Git(
        fmt::format("pack-objects -q --stdout --revs {} < ../revisions > ../pack", options));
    return ReadFileOrDie(directory_ / "pack");
  }
  absl::StatusOr<std::vector<SharedObject>> Read(std::string_view pack,
                                                 size_t max_bytes = 1 << 20) {
    auto folder = mirrors_->MakeFolder("push");
    EXPECT_OK(folder);
    return ReadReceivedPack(*Get(), *folder, pack, max_bytes, nullptr);
  }
  void ExpectBad(const std::string& what, std::string_view pack) {
    EXPECT_THAT(Read(pack), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PACK")) << what;
  }

  const GitFolder folder_{directory_ / "folder"};
};

TEST_F(ReceivedPackTest, ItsObjectsAreRead) {
  folder_.Write("a.prompt", std::string(3'000, 'a') + "1");
  folder_.Commit("first");
  folder_.Write("a.prompt", std::string(3'000, 'a') + "2");
  folder_.Commit("second");
  ASSERT_OK_AND_ASSIGN(const auto objects, Read(Pack("main\n")));
  EXPECT_EQ(objects.size(), 6u);
  ASSERT_OK(Push({"acme", folder_.IdOf("main"), objects}));
  // On top of what is here: a pack may have differences from it.
  folder_.Write("a.prompt", std::string(3'000, 'a') + "3");
  folder_.Commit("third");
  ASSERT_OK_AND_ASSIGN(const auto more,
                       Read(Pack("main\n^main~1\n", "--thin --delta-base-offset")));
  ASSERT_OK(Push({"acme", folder_.IdOf("main"), more}));
  EXPECT_EQ(Resolve("acme/a@latest").value(), "acme/a@v3");
  EXPECT_THAT(Read(Pack("main\n"), 5'000),
              ErrorIs(absl::StatusCode::kInvalidArgument, "PUSH_TOO_LARGE", HasSubstr("5000")));
  // A branch that is here already: nothing comes with it.
  ASSERT_OK_AND_ASSIGN(const auto none, Read(Pack("^main\n")));
  EXPECT_THAT(none, IsEmpty());
}

TEST_F(ReceivedPackTest, WhatIsNoGoodPackIsRefusedWithGitsWords) {
  folder_.Write("a.prompt", "1");
  folder_.Commit("first");
  const std::string pack = Pack("main\n");
  for (size_t cut : {pack.size() - 1, pack.size() - 21, pack.size() / 2, size_t{30}, size_t{12}}) {
    ExpectBad(fmt::format("cut at {}", cut), pack.substr(0, cut));
  }
  for (size_t at = 4; at < pack.size(); at += 7) {
    std::string flipped = pack;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    const auto read = Read(flipped);
    EXPECT_FALSE(read.ok()) << "flipped at " << at;
  }
  ExpectBad("text", "PACK of wolves, not one of objects");
  ExpectBad("nothing but a head", std::string("PACK\0\0\0\2\0\0\0\1", 12));
  ExpectBad("two billion objects",
            std::string("PACK\0\0\0\2\x7f\xff\xff\xff", 12) + pack.substr(12));
  ExpectBad("version 9", std::string("PACK\0\0\0\11\0\0\0\1", 12) + pack.substr(12));
  // A pack that leaves out what its commits name.
  folder_.Write("a.prompt", "2");
  folder_.Commit("second");
  WriteFile(directory_ / "ids", folder_.Git("rev-parse main"));
  folder_.Git("pack-objects -q --stdout < ../ids > ../pack");
  ExpectBad("a commit without its tree", ReadFileOrDie(directory_ / "pack"));
}

// One that unpacks to a thousand times its size is read no further than is allowed.
TEST_F(ReceivedPackTest, ABombIsRefused) {
  folder_.Write("bomb", std::string(64 << 20, '\0'));
  folder_.Commit("bomb");
  const std::string pack = Pack("main\n", "--window=0");
  EXPECT_LT(pack.size(), 200'000u);
  EXPECT_THAT(Read(pack), ErrorIs(absl::StatusCode::kInvalidArgument, "PUSH_TOO_LARGE"));
}

}  // namespace
}  // namespace colophon
