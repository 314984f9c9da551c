// The exported repository, read by git itself.

#include "fmt/format.h"
#include "service/git/exporter.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExportTest : public RegistryFixture {
 protected:
  // Runs git in the exported repository.
  std::string Git(const std::string& arguments) {
    const ShellResult result = Shell(fmt::format("git -c safe.directory='*' --git-dir={} {}",
                                                 directory_ / "export.git", arguments));
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
    return result.output;
  }
  void Export() { ASSERT_OK(ExportRepository(store_.get(), "acme", directory_ / "export.git")); }

  void MakeHistory() {
    ASSERT_OK(
        Publish(Edit("Add a triage prompt")
                    .Write("support/triage.prompt", "---\nmodel: echo/x\n---\nSort {{text}}\n")
                    .Write("support/_tone.prompt", "Be kind.\n")
                    .Write("README.md", "Prompts of acme\n")));
    clock_.Advance(absl::Seconds(90));
    ASSERT_OK(Publish(
        Edit("Sort by urgency\n\nBecause the night shift asked.")
            .Write("support/triage.prompt", "---\nmodel: echo/x\n---\n{{> tone}}\nSort {{text}}\n")
            .By("Grace Hopper <grace@example.com>")
            .Label("support/triage", "production", {{0, 0}})));
    ASSERT_OK(
        Publish(Edit("Try it shorter").Write("support/triage.prompt", "Sort.").Branch("try")));
    ASSERT_OK(Publish(Edit("By nobody").Write("support-x.prompt", "1").By("")));
    // Names that sort differently as a file and as a folder.
    ASSERT_OK(Publish(Edit("Order").Write("support.prompt", "2").Write("support0/x.md", "3")));
    ASSERT_OK(Label("acme/support/triage@production", 1));
    ASSERT_OK(Publish(Edit("Drop it").Delete("support-x.prompt")));
  }
};

TEST_F(ExportTest, PassesFsckAndReadsWell) {
  MakeHistory();
  Export();
  const std::string fsck = Git("fsck --strict --full");
  EXPECT_THAT(fsck, Not(HasSubstr("error")));
  EXPECT_THAT(fsck, Not(HasSubstr("warning")));
  EXPECT_THAT(fsck, Not(HasSubstr("missing")));
  EXPECT_EQ(Git("symbolic-ref HEAD"), "refs/heads/main\n");
  EXPECT_EQ(Git("log --format=%s main"),
            "Drop it\nlabel support/triage@production: v2 → v1\nOrder\nBy nobody\nSort by urgency\n"
            "Add a triage prompt\n");
  const std::string log = Git("log -p main");
  EXPECT_THAT(log, HasSubstr("Author: Grace Hopper <grace@example.com>"));
  EXPECT_THAT(log, HasSubstr("    Because the night shift asked."));
  EXPECT_THAT(log, HasSubstr("+{{> tone}}"));
  EXPECT_THAT(log, HasSubstr("-production: v2\n+production: v1"));
  EXPECT_EQ(Git("log -1 --format=%an,%ae,%cn,%at main~3"),
            fmt::format("tester,,Colophon,{}\n", absl::ToUnixSeconds(clock_.Now())));
  EXPECT_EQ(Git("log -1 --format=%s try"), "Try it shorter\n");
  EXPECT_EQ(Git("show main:support/triage.labels.yaml"), "production: v1\n");
}

TEST_F(ExportTest, IsTheHistoryThatTheApiTells) {
  MakeHistory();
  Export();
  v1::ListChangesRequest request;
  request.set_name("acme");
  const auto changes = registry_->ListChanges(request, Call());
  ASSERT_OK(changes);
  std::string commits;
  for (const auto& change : changes->changes()) {
    commits += change.commit() + "\n";
    EXPECT_EQ(Git("show -s --format=%ct " + change.commit()),
              std::to_string(change.change_time().seconds()) + "\n");
    std::string paths;
    for (const auto& path : change.paths()) paths += path + "\n";
    EXPECT_EQ(Git("diff-tree -r --root --no-commit-id --name-only " + change.commit()), paths);
  }
  EXPECT_EQ(Git("rev-list main"), commits);
}

TEST_F(ExportTest, CanBeCloned) {
  MakeHistory();
  Export();
  const ShellResult clone =
      Shell(fmt::format("git -c safe.directory='*' clone -q {0}/export.git {0}/clone && cat "
                        "{0}/clone/support/triage.prompt",
                        directory_.path()));
  EXPECT_EQ(clone.exit_code, 0) << clone.output;
  EXPECT_THAT(clone.output, HasSubstr("{{> tone}}"));
}

TEST_F(ExportTest, ADigestIsWhatSha256sumPrints) {
  MakeHistory();
  Export();
  const auto version = registry_->Resolve("acme/support/triage@v2", {}, Call());
  ASSERT_OK(version);
  const ShellResult digest = Shell(
      fmt::format("git -c safe.directory='*' clone -q {0}/export.git {0}/clone && cd {0}/clone && "
                  "sha256sum support/_tone.prompt support/triage.prompt | sha256sum",
                  directory_.path()));
  EXPECT_THAT(digest.output, StartsWith(version->loaded->version.digest()));
}

TEST_F(ExportTest, DiffsAreGitsOwn) {
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += fmt::format("line {}\n", i);
  std::string edited = lines;
  edited.replace(edited.find("line 5\n"), 7, "line five\n");
  edited.erase(edited.find("line 30\n"), 8);
  const auto before = Publish(Edit()
                                  .Write("a/x.prompt", lines + "{{> old}}")
                                  .Write("a/_old.prompt", "old\n")
                                  .Write("a/_both.prompt", "both\n"));
  ASSERT_OK(before);
  const auto after = Publish(Edit()
                                 .Write("a/x.prompt", edited + "{{> new}}{{> both}}\n")
                                 .Write("a/_new.prompt", "new\nnew")
                                 .Write("a/_both.prompt", "both\n")
                                 .Delete("a/_old.prompt"));
  ASSERT_OK(after);
  v1::DiffVersionsRequest request;
  request.set_before("acme/a/x@v1");
  request.set_after("acme/a/x@v2");
  const auto diff = registry_->DiffVersions(request, Call());
  ASSERT_OK(diff);
  Export();
  // The closure of v2 has _both too, which was in the tree before.
  const std::string git = Git(
      fmt::format("diff --no-renames {} {}", before->change().commit(), after->change().commit()));
  const std::string both =
      "diff --git a/a/_both.prompt b/a/_both.prompt\nnew file mode 100644\nindex 0000000..";
  ASSERT_THAT(diff->unified_diff(), StartsWith(both));
  const std::string rest = diff->unified_diff().substr(diff->unified_diff().find("diff --git", 1));
  EXPECT_EQ(rest, git);
}

TEST_F(ExportTest, AnEmptyRepositoryAndATakenFolder) {
  Export();
  EXPECT_EQ(Git("fsck --strict"),
            "notice: HEAD points to an unborn branch (main)\n"
            "notice: No default references\n");
  EXPECT_THAT(ExportRepository(store_.get(), "acme", directory_ / "export.git"),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "EXPORT_EXISTS"));
  EXPECT_THAT(ExportRepository(store_.get(), "nowhere", directory_ / "nowhere.git"),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
}

}  // namespace
}  // namespace colophon
