// The git program against the real server: what a team does that has its prompts in git.

#include <atomic>
#include <filesystem>
#include <thread>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/git/git_folder.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class GitE2eTest : public E2eTest {
 protected:
  GitE2eTest() {
    server().set_serves_http(true);
    Serve();
    v1::CreateRepositoryRequest create;
    create.set_repository("acme");
    EXPECT_OK(client().CreateRepository(create));
  }

  std::string url(const std::string& repository = "acme") const {
    return fmt::format("http://{}/{}.git", server().http_address(), repository);
  }
  // What `git ARGUMENTS` says in this folder, and how it ends.
  ShellResult Git(const std::string& folder, const std::string& arguments) {
    return Shell(
        fmt::format("cd '{}' && no_proxy='*' GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null "
                    "GIT_TERMINAL_PROMPT=0 GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com "
                    "GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com git {} 2>&1",
                    dir() / folder, arguments));
  }
  std::string GitOk(const std::string& folder, const std::string& arguments) {
    const ShellResult result = Git(folder, arguments);
    EXPECT_EQ(result.exit_code, 0) << "git " << arguments << "\n" << result.output;
    return result.output;
  }
  // It says this, and ends with an error.
  void ExpectRefused(const std::string& folder, const std::string& arguments,
                     const testing::Matcher<std::string>& says) {
    const ShellResult result = Git(folder, arguments);
    EXPECT_NE(result.exit_code, 0) << arguments;
    EXPECT_THAT(result.output, says) << arguments;
  }
  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(dir() / path).parent_path());
    WriteFile(dir() / path, content);
  }
  void Commit(const std::string& folder, const std::string& message) {
    GitOk(folder, "add -A");
    GitOk(folder, fmt::format("commit -q -m '{}'", message));
  }
  void Clone(const std::string& folder, const std::string& options = "") {
    GitOk(".", fmt::format("clone -q {} {} {}", options, url(), folder));
  }
  // Of a push that is being looked at: 0: there is none, 1: no index of its pack yet.
  int IncomingFiles() const {
    int stage = 0;
    std::error_code ignored;
    for (std::filesystem::recursive_directory_iterator file(data() + "/mirrors", ignored), end;
         file != end; file.increment(ignored)) {
      const std::string path = file->path().string();
      if (path.find("/push-") == std::string::npos) continue;
      stage = std::max(stage, path.ends_with(".idx") ? 2 : 1);
    }
    return stage;
  }
  int64_t Sequence() {
    v1::ListRepositoriesRequest list;
    return client().ListRepositories(list)->repositories(0).sequence();
  }
  void ExpectSound() {
    ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
    EXPECT_THAT(store.problems(), testing::IsEmpty()) << store.DebugString();
  }
};

TEST_F(GitE2eTest, ATeamClonesPushesAndFetches) {
  Clone("ada");
  Write("ada/support/triage.prompt", "---\nmodel: echo/any\n---\n{{> tone}} Hello {{x}}");
  Write("ada/support/_tone.prompt", "Kind.");
  Commit("ada", "Greet");
  Write("ada/support/triage.labels.yaml", "production: v1\n");
  Commit("ada", "Roll out");
  GitOk("ada", "push -q origin HEAD:main");
  EXPECT_EQ(Sequence(), 2);
  EXPECT_EQ(client().Complete(CallOf("acme/support/triage", "y"))->version(),
            "acme/support/triage@v1");

  Clone("bob");
  EXPECT_EQ(GitOk("bob", "tag -l"), "support/triage/v1\n");
  Write("bob/support/_tone.prompt", "Curt.");
  Commit("bob", "Be curt");
  EXPECT_THAT(GitOk("bob", "push"), AllOf(HasSubstr("remote: acme is at change 3"),
                                          HasSubstr("remote: published acme/support/triage@v2")));
  ASSERT_OK(client().Publish(PublishOf("note.prompt", "By gRPC.")));
  EXPECT_THAT(GitOk("ada", "pull -q --rebase && git log --oneline"),
              AllOf(HasSubstr("Be curt"), HasSubstr("Greet")));
  EXPECT_EQ(GitOk("ada", "show support/triage/v1:support/_tone.prompt"), "Kind.");
  EXPECT_EQ(GitOk("ada", "show support/triage/v2:support/_tone.prompt"), "Curt.");
  EXPECT_EQ(GitOk("ada", "show note/v1:note.prompt"), "By gRPC.");
  for (const char* folder : {"ada", "bob"}) GitOk(folder, "fsck --strict --full --no-dangling");
  ExpectSound();

  // The mirror is rebuilt from the store.
  StopServing();
  Serve();
  Clone("again");
  EXPECT_EQ(GitOk("again", "rev-parse HEAD"), GitOk("ada", "rev-parse HEAD"));
  GitOk("again", "fsck --strict --full --no-dangling");
}

TEST_F(GitE2eTest, CloningInEachWay) {
  Clone("ada");
  for (int i = 1; i <= 3; ++i) {
    Write("ada/a.prompt", fmt::format("Version {}.", i));
    Commit("ada", fmt::format("Change {}", i));
  }
  GitOk("ada", "push -q origin HEAD:main");
  GitOk("ada", "switch -q -c shorter");
  Write("ada/a.prompt", "V.");
  Commit("ada", "Shorter");
  GitOk("ada", "push -q origin shorter");

  for (const char* protocol : {"0", "1", "2"}) {
    const std::string folder = fmt::format("v{}", protocol);
    GitOk(".", fmt::format("-c protocol.version={} clone -q {} {}", protocol, url(), folder));
    EXPECT_EQ(GitOk(folder, "rev-list --all --count"), "4\n");
    EXPECT_EQ(GitOk(folder, "rev-parse --abbrev-ref HEAD"), "main\n");
  }
  Clone("shallow", "--depth 1");
  EXPECT_EQ(GitOk("shallow", "rev-list --count HEAD"), "1\n");
  GitOk("shallow", "fetch -q --unshallow");
  EXPECT_EQ(GitOk("shallow", "rev-list --count HEAD"), "3\n");
  // Blobs come when they are looked at.
  Clone("partial", "--filter=blob:none");
  EXPECT_EQ(GitOk("partial", "show a/v1:a.prompt"), "Version 1.");
  Clone("single", "--single-branch --no-tags -b shorter");
  EXPECT_EQ(GitOk("single", "show HEAD:a.prompt"), "V.");
  EXPECT_EQ(GitOk("single", "branch -r"), "  origin/shorter\n");
  // What a shallow clone commits can be pushed.
  Clone("shallow2", "--depth 1");
  Write("shallow2/a.prompt", "Version 4.");
  Commit("shallow2", "From the edge");
  GitOk("shallow2", "push -q");
  EXPECT_EQ(Sequence(), 4);
}

TEST_F(GitE2eTest, ARefusalIsReadInThePushersTerminalAndLeavesNothing) {
  Clone("ada");
  Write("ada/a.prompt", "Hello {{x}}");
  Commit("ada", "Fine");
  GitOk("ada", "push -q origin HEAD:main");
  const auto expect_refused = [&](const std::string& what,
                                  const testing::Matcher<std::string>& says) {
    Commit("ada", "Bad");
    ExpectRefused("ada", "push", AllOf(says, HasSubstr("[remote rejected] main -> main")));
    EXPECT_EQ(Sequence(), 1) << what;
    GitOk("ada", "reset -q --hard origin/main");
  };
  // The first of them alone would be fine.
  Write("ada/b.prompt", "Fine");
  Commit("ada", "Good");
  Write("ada/c.prompt", "Line one\nHello {{x");
  expect_refused("syntax", HasSubstr("remote: c.prompt:2:7: error: {{ is never closed"));
  Write("ada/a.labels.yaml", "production: v9\n");
  expect_refused("a label", HasSubstr("v9"));
  Write("ada/Bad Name.prompt", "x");
  expect_refused("a name", HasSubstr("Bad Name.prompt"));
  std::filesystem::create_symlink("/etc/passwd", dir() / "ada/link.prompt");
  expect_refused("a link", HasSubstr("link.prompt"));
  Write("ada/a.prompt", std::string(2 << 20, 'x'));
  expect_refused("a size", HasSubstr("a.prompt"));
  ExpectSound();
}

TEST_F(GitE2eTest, WhatMayNotBePushedIsToldByName) {
  Clone("ada");
  Write("ada/a.prompt", "1");
  Commit("ada", "one");
  Write("ada/a.prompt", "2");
  Commit("ada", "two");
  GitOk("ada", "push -q origin HEAD:main");
  GitOk("ada", "fetch -q");
  GitOk("ada", "reset -q --hard HEAD~1");
  Write("ada/a.prompt", "3");
  Commit("ada", "three");
  ExpectRefused("ada", "push", HasSubstr("non-fast-forward"));
  ExpectRefused("ada", "push --force", HasSubstr("`git pull --rebase` and push again"));
  ExpectRefused("ada", "push origin :main", HasSubstr("main can't be deleted"));
  GitOk("ada", "tag mine");
  ExpectRefused("ada", "push origin mine", HasSubstr("tags are versions"));
  GitOk("ada", "push -q origin a/v1");  // As it is here already.
  ExpectRefused("ada", "push origin HEAD:refs/notes/x", HasSubstr("neither main nor a draft"));
  ExpectRefused("ada", "push origin 'HEAD:refs/heads/-x'", HasSubstr("bad branch \"-x\""));
  ExpectRefused("ada", "push --atomic origin HEAD:refs/heads/x HEAD:refs/heads/y",
                HasSubstr("as one change"));
  ExpectRefused(".", "ls-remote " + url("nowhere"), HasSubstr("no repository \"nowhere\""));
  ExpectRefused(".", fmt::format("clone http://{}/acme/.git x", server().http_address()),
                HasSubstr("not found"));
  EXPECT_EQ(Sequence(), 2);
  ExpectSound();
}

TEST_F(GitE2eTest, DraftsArePushedRewrittenAndDropped) {
  Clone("ada");
  Write("ada/a.prompt", "---\nmodel: echo/any\n---\nLong {{text}}");
  Write("ada/a.labels.yaml", "production: v1\n");
  Commit("ada", "Long");
  GitOk("ada", "push -q origin HEAD:main");
  GitOk("ada", "switch -q -c shorter");
  Write("ada/a.prompt", "---\nmodel: echo/any\n---\nShort {{text}}");
  Write("ada/a.labels.yaml", "production: v2\n");  // Has its effect on main.
  Commit("ada", "Shorter");
  EXPECT_THAT(GitOk("ada", "push -u origin shorter"), HasSubstr("remote: published acme/a@"));
  EXPECT_EQ(TextOf(client().Complete(CallOf("acme/a@heads/shorter", "x"))->completion()),
            "Short x");
  EXPECT_EQ(TextOf(client().Complete(CallOf("acme/a", "x"))->completion()), "Long x");

  GitOk("ada", "commit -q --amend -m 'Shorter, said better'");
  ExpectRefused("ada", "push", HasSubstr("non-fast-forward"));
  GitOk("ada", "push -q --force-with-lease");
  // Who has seen the old one only may not take the new one away.
  ExpectRefused("ada", "push --force-with-lease=shorter:HEAD~1 origin main:shorter",
                HasSubstr("stale info"));
  Write("ada/a.prompt", "{{x");
  Commit("ada", "Broken");
  ExpectRefused("ada", "push", HasSubstr("remote: a.prompt:1:1: error"));
  GitOk("ada", "reset -q --hard HEAD~1");

  // It comes to main, where its label moves.
  GitOk("ada", "switch -q main && git merge -q --ff-only shorter && git push -q");
  EXPECT_EQ(client().Complete(CallOf("acme/a", "x"))->version(), "acme/a@v2");
  GitOk("ada", "push -q origin :shorter");
  EXPECT_EQ(client()
                .ListDrafts([] {
                  v1::ListDraftsRequest request;
                  request.set_repository("acme");
                  return request;
                }())
                ->drafts_size(),
            0);
  // A branch without commits of its own.
  GitOk("ada", "push -q origin main:refs/heads/same");
  EXPECT_THAT(GitOk("ada", "ls-remote origin"), HasSubstr("refs/heads/same"));
  ExpectSound();
}

TEST_F(GitE2eTest, AThousandCommitsAreAThousandChanges) {
  constexpr int kCommits = 1'000;
  std::string stream;
  for (int i = 1; i <= kCommits; ++i) {
    const std::string text = fmt::format("Version {} of it.", i);
    stream += fmt::format(
        "commit refs/heads/main\ncommitter Ada <ada@example.com> {} +0000\ndata 6\nchange\n"
        "M 100644 inline p{}.prompt\ndata {}\n{}\n",
        1'700'000'000 + i, i % 7, text.size(), text);
  }
  WriteFile(dir() / "stream", stream);
  GitOk(".", "init -q -b main ada");
  GitOk("ada", "fast-import --quiet < ../stream");
  GitOk("ada", fmt::format("push -q {} main", url()));
  EXPECT_EQ(Sequence(), kCommits);
  Clone("again");
  EXPECT_EQ(GitOk("again", "rev-parse main"), GitOk("ada", "rev-parse main"));
  EXPECT_EQ(GitOk("again", "tag -l | wc -l"), fmt::format("{}\n", kCommits));
  GitOk("again", "fsck --strict --full --no-dangling");
  ExpectSound();
}

// Sequences without holes, one order for all; whoever lost fetches and pushes again.
TEST_F(GitE2eTest, PushersAndPublishersRace) {
  constexpr int kRounds = 8;
  Clone("ada");
  Write("ada/ada.prompt", "0");
  Commit("ada", "begin");
  GitOk("ada", "push -q origin HEAD:main");
  Clone("bob");
  const auto push = [&](const std::string& who) {
    for (int i = 1; i <= kRounds; ++i) {
      Write(fmt::format("{}/{}.prompt", who, who), fmt::format("{} {}", who, i));
      Commit(who, fmt::format("{} {}", who, i));
      int tries = 0;
      while (Git(who, "push -q").exit_code != 0 && ++tries < 100) GitOk(who, "pull -q --rebase");
      EXPECT_LT(tries, 100);
    }
  };
  std::thread ada(push, "ada"), bob(push, "bob");
  for (int i = 1; i <= kRounds; ++i) {
    EXPECT_OK(client().Publish(PublishOf("carol.prompt", fmt::format("carol {}", i))));
  }
  ada.join();
  bob.join();
  EXPECT_EQ(Sequence(), 1 + 3 * kRounds);
  Clone("end");
  EXPECT_EQ(GitOk("end", "rev-list --count main"), fmt::format("{}\n", 1 + 3 * kRounds));
  for (const char* who : {"ada", "bob", "carol"}) {
    EXPECT_EQ(GitOk("end", fmt::format("show HEAD:{}.prompt", who)),
              fmt::format("{} {}", who, kRounds));
  }
  ExpectSound();
}

// What was acknowledged is there, and nothing is there in half.
TEST_F(GitE2eTest, APushThatTheServerDiesInIsThereWholeOrNotAtAll) {
  Clone("ada");
  int acknowledged = 0;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 5; ++i) {
      Write("ada/a.prompt", fmt::format("{} {}", round, i));
      Commit("ada", fmt::format("{} {}", round, i));
    }
    // While the pack comes, while git has looked at it, when the changes are made, or a
    // moment after all of it.
    std::atomic<bool> is_over{false};
    std::thread killer([&, round] {
      const int stage = round % 3 == 0 ? 1 : 2;
      EXPECT_TRUE(Eventually([&] { return is_over || IncomingFiles() >= stage; }));
      if (round % 3 == 2) {
        EXPECT_TRUE(Eventually([&] { return is_over || IncomingFiles() == 0; }));
      }
      server().Kill();
    });
    const bool is_taken = Git("ada", "push -q origin HEAD:main").exit_code == 0;
    is_over = true;
    killer.join();
    ASSERT_OK(server().Start());
    const int64_t sequence = Sequence();
    EXPECT_EQ(sequence % 5, 0) << "a part of a push";
    if (is_taken) acknowledged = 5 * (round + 1);
    EXPECT_GE(sequence, acknowledged);
    ExpectSound();
    Git(".", fmt::format("-C ada remote set-url origin {}", url()));
  }
  GitOk("ada", "push -q origin HEAD:main");
  EXPECT_EQ(Sequence(), 30);
}

}  // namespace
}  // namespace colophon
