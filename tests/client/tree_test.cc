#include "client/cli/tree.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "client/cli/local_file.h"
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

// Kind: a file that isn't what its name in the folder says.
TEST_F(TreeTest, NothingOutsideTheFolderIsRead) {
  namespace fs = std::filesystem;
  WriteFile(dir_ / "secret", "root:x:0:0");
  fs::create_symlink(dir_ / "secret", dir_ / "prompts/stolen.prompt");
  const auto outside = ErrorIs(absl::StatusCode::kInvalidArgument, "LINK_OUTSIDE",
                               testing::AllOf(HasSubstr("stolen.prompt"), HasSubstr("secret")));
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), outside);
  fs::remove(dir_ / "prompts/stolen.prompt");
  fs::create_symlink("../secret", dir_ / "prompts/stolen.prompt");
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), outside);
  fs::remove(dir_ / "prompts/stolen.prompt");
  // Through a folder that leads out: it isn't followed at all.
  fs::create_directory_symlink(dir_ / "other", dir_ / "prompts/linked");
  EXPECT_EQ(Paths({dir_ / "prompts"}).size(), 5u);
  fs::create_symlink("linked/x.prompt", dir_ / "prompts/stolen.prompt");
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "LINK_OUTSIDE"));
}

TEST_F(TreeTest, LinksThatStayInsideAreFollowed) {
  namespace fs = std::filesystem;
  fs::create_symlink("triage.prompt", dir_ / "prompts/support/same.prompt");
  fs::create_symlink(dir_ / "prompts/ticket.schema.json", dir_ / "prompts/support/t.schema.json");
  ASSERT_OK_AND_ASSIGN(const auto tree, ReadTree({dir_ / "prompts"}, {}));
  ASSERT_EQ(tree.size(), 7u);
  EXPECT_EQ(tree[1].path, "support/same.prompt");
  EXPECT_EQ(tree[1].content, "prompts/support/triage.prompt");
  EXPECT_EQ(tree[2].path, "support/t.schema.json");
  EXPECT_EQ(tree[2].content, "prompts/ticket.schema.json");
}

TEST_F(TreeTest, ALinkThatIsNamedItselfKeepsItsName) {
  namespace fs = std::filesystem;
  WriteFile(dir_ / "elsewhere/text", "Hello");
  fs::create_symlink(dir_ / "elsewhere/text", dir_ / "prompts/x.prompt");
  ASSERT_OK_AND_ASSIGN(const auto tree, ReadTree({dir_ / "prompts/x.prompt"}, {}));
  ASSERT_EQ(tree.size(), 1u);
  EXPECT_EQ(tree[0].path, "x.prompt");
  EXPECT_EQ(tree[0].content, "Hello");
  // The same of a folder: its own name doesn't matter.
  fs::create_directory_symlink(dir_ / "other", dir_ / "link");
  EXPECT_THAT(Paths({dir_ / "link"}), ElementsAre("x.prompt"));
}

TEST_F(TreeTest, WhatIsNoFileIsToldAndNeverWaitedFor) {
  namespace fs = std::filesystem;
  const std::string path = dir_ / "prompts/x.prompt";
  const auto no_file = [](const char* kind) {
    return ErrorIs(absl::StatusCode::kInvalidArgument, "NOT_A_FILE",
                   testing::AllOf(HasSubstr("x.prompt"), HasSubstr(kind)));
  };
  const auto expect = [&](const char* kind) {
    EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), no_file(kind));
    EXPECT_THAT(ReadTree({path}, {}), no_file(kind));
    fs::remove_all(path);
  };
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect("pipe");

  const int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() < sizeof(address.sun_path)) {
    path.copy(address.sun_path, path.size());
    ASSERT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    expect("socket");
  }
  close(socket_fd);

  fs::create_symlink("/dev/zero", path);
  EXPECT_THAT(ReadTree({path}, {}), no_file("device"));
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}),
              ErrorIs(absl::StatusCode::kInvalidArgument, "LINK_OUTSIDE"));
  fs::remove(path);

  fs::create_directory(path);
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), no_file("folder"));
  fs::remove(path);

  fs::create_symlink("nowhere", path);
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), ErrorIs(absl::StatusCode::kNotFound, "NO_FILE"));
  EXPECT_THAT(ReadTree({path}, {}), ErrorIs(absl::StatusCode::kNotFound, "NO_FILE"));
  fs::remove(path);

  fs::create_symlink("x.prompt", path);  // To itself.
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}), ErrorIs(absl::StatusCode::kNotFound, "NO_FILE"));
  fs::remove(path);

  WriteFile(path, std::string((1 << 20) + 1, 'x'));
  for (const std::string& where : {path, dir_ / "prompts"}) {
    EXPECT_THAT(ReadTree({where}, {}), ErrorIs(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                                               HasSubstr("more than 1048576 bytes")));
  }
  WriteFile(path, std::string(1 << 20, 'x'));
  EXPECT_OK(ReadTree({path}, {}));
}

// Somebody puts a link where a file was, between the look and the read. Whatever it
// comes to, it is never the content of the other file.
TEST_F(TreeTest, AFileThatIsExchangedWhileItIsReadIsNeverAnother) {
  namespace fs = std::filesystem;
  WriteFile(dir_ / "secret", "secret");
  WriteFile(dir_ / "race/a/x.prompt", "mine");
  WriteFile(dir_ / "trap/x.prompt", "secret");
  std::atomic<bool> done{false};
  std::thread exchanger([&] {
    while (!done) {
      std::error_code error;
      fs::rename(dir_ / "race/a", dir_ / "race/b", error);
      fs::create_directory_symlink(dir_ / "trap", dir_ / "race/a", error);
      fs::remove(dir_ / "race/a", error);
      fs::rename(dir_ / "race/b", dir_ / "race/a", error);
    }
  });
  int read = 0;
  // On a busy machine the exchanger can be stopped, for long, while the file is away.
  for (int i = 0; i < 2'000 || (read == 0 && i < 2'000'000); ++i) {
    const auto content = ReadFileBelow(dir_ / "race", dir_ / "race/a/x.prompt", kMaxTreeFileBytes);
    if (!content.ok()) continue;
    EXPECT_EQ(*content, "mine");
    ++read;
  }
  done = true;
  exchanger.join();
  EXPECT_GT(read, 0);
}

TEST_F(TreeTest, WhatMayNotBeReadIsToldWithWhy) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  WriteFile(dir_ / "prompts/x.prompt", "x");
  std::filesystem::permissions(dir_ / "prompts/x.prompt", std::filesystem::perms::none);
  EXPECT_THAT(ReadTree({dir_ / "prompts"}, {}),
              ErrorIs(absl::StatusCode::kNotFound, "NO_FILE", HasSubstr("Permission denied")));
}

TEST_F(TreeTest, AWriteFollowsNoLink) {
  WriteFile(dir_ / "victim", "keep");
  std::filesystem::create_symlink(dir_ / "victim", dir_ / "out.prompt");
  EXPECT_THAT(WriteLocalFile(dir_ / "out.prompt", "new"),
              ErrorIs(absl::StatusCode::kUnknown, "OUTPUT", HasSubstr("link")));
  EXPECT_EQ(ReadFileOrDie(dir_ / "victim"), "keep");
  ASSERT_OK(WriteLocalFile(dir_ / "victim", "n"));
  EXPECT_EQ(ReadFileOrDie(dir_ / "victim"), "n");
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
