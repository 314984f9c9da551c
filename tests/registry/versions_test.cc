// Versions of prompts that share files; archiving; drafts.

#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VersionsTest : public RegistryFixture {
 protected:
  static std::vector<std::string> Names(const absl::StatusOr<v1::PublishResponse>& response) {
    if (!response.ok()) return {response.status().ToString()};
    std::vector<std::string> names;
    for (const auto& version : response->change().versions()) names.push_back(version.name());
    return names;
  }
};

TEST_F(VersionsTest, APartialsEditPublishesEveryPromptThatIncludesIt) {
  ASSERT_OK(Publish(Edit()
                        .Write("_tone.prompt", "Be kind.")
                        .Write("_outer.prompt", "{{> tone}}")
                        .Write("support/direct.prompt", "{{> tone}} Hi")
                        .Write("support/nested.prompt", "{{> outer}} Hi")
                        .Write("support/none.prompt", "Hi")));
  const auto response = Publish(Edit().Write("_tone.prompt", "Be brief."));
  EXPECT_THAT(Names(response), ElementsAre("acme/support/direct@v2", "acme/support/nested@v2"));
  EXPECT_THAT(response->change().paths(), ElementsAre("_tone.prompt"));

  const auto version = registry_->Resolve("acme/support/nested@v2", {}, Call());
  ASSERT_OK(version);
  std::vector<std::string> paths;
  for (const auto& file : version->loaded->version.files()) paths.push_back(file.path());
  EXPECT_THAT(paths, ElementsAre("_outer.prompt", "_tone.prompt", "support/nested.prompt"));
  // The old one keeps what it had.
  const auto old = registry_->Resolve("acme/support/nested@v1", {}, Call());
  EXPECT_EQ(old->loaded->version.files(1).content(), "Be kind.");
}

TEST_F(VersionsTest, ANearerPartialShadowsAFartherOne) {
  ASSERT_OK(Publish(Edit()
                        .Write("_tone.prompt", "Be kind.")
                        .Write("a/x.prompt", "{{> tone}}")
                        .Write("a/b/y.prompt", "{{> tone}}")
                        .Write("c/z.prompt", "{{> tone}}")));
  EXPECT_THAT(Names(Publish(Edit().Write("a/_tone.prompt", "Be brief."))),
              ElementsAre("acme/a/b/y@v2", "acme/a/x@v2"));
  EXPECT_THAT(Names(Publish(Edit().Write("_tone.prompt", "Be warm."))), ElementsAre("acme/c/z@v2"));
  // Without the near one the far one counts again.
  EXPECT_THAT(Names(Publish(Edit().Delete("a/_tone.prompt"))),
              ElementsAre("acme/a/b/y@v3", "acme/a/x@v3"));
}

TEST_F(VersionsTest, DependenciesAreKnownAfterAReopen) {
  ASSERT_OK(Publish(Edit().Write("_tone.prompt", "Be kind.").Write("a/x.prompt", "{{> tone}}")));
  Reopen();
  EXPECT_THAT(Names(Publish(Edit().Write("_tone.prompt", "Be warm."))), ElementsAre("acme/a/x@v2"));
  Reopen();
  EXPECT_THAT(Names(Publish(Edit().Write("a/_tone.prompt", "Near."))), ElementsAre("acme/a/x@v3"));
}

TEST_F(VersionsTest, APartialInUseCannotGo) {
  ASSERT_OK(Publish(Edit().Write("_tone.prompt", "Be kind.").Write("a/x.prompt", "{{> tone}}")));
  EXPECT_THAT(Publish(Edit().Delete("_tone.prompt")),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILE", HasSubstr("a/x.prompt")));
  ASSERT_OK(Publish(Edit().Write("a/x.prompt", "Alone.").Delete("_tone.prompt")));
}

TEST_F(VersionsTest, SchemasAndToolsBelongToTheClosure) {
  const std::string prompt =
      "---\nmodel: echo/x\ntools: [get_order]\noutput:\n  format: json\n  schema: "
      "ticket\n---\nHi\n";
  const std::string tool = R"({"name": "get_order", "description": "one", "inputSchema": {}})";
  ASSERT_OK(Publish(Edit()
                        .Write("support/x.prompt", prompt)
                        .Write("support/ticket.schema.json", R"({"type": "object"})")
                        .Write("tools/get_order.tool.json", tool)));
  const auto loaded = registry_->Resolve("acme/support/x@latest", {}, Call());
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->loaded->version.files_size(), 3);
  EXPECT_THAT(Names(Publish(Edit().Write("support/ticket.schema.json",
                                         R"({"type": "object", "title": "T"})"))),
              ElementsAre("acme/support/x@v2"));
  // A nearer tool of the same name.
  EXPECT_THAT(Names(Publish(Edit().Write("support/tools/get_order.tool.json", tool + "\n"))),
              ElementsAre("acme/support/x@v3"));
}

TEST_F(VersionsTest, DeletingArchivesAndWritingBringsBack) {
  ASSERT_OK(Publish(Edit().Write("a/x.prompt", "1").Write("a/y.prompt", "1")));
  const auto archived = Publish(Edit().Delete("a/x.prompt"));
  ASSERT_OK(archived);
  EXPECT_THAT(archived->change().archived_prompts(), ElementsAre("a/x"));
  const auto check = [&] {
    EXPECT_EQ(*Resolve("acme/a/x@v1"), "acme/a/x@v1");
    EXPECT_THAT(Resolve("acme/a/x@latest"),
                ErrorIs(absl::StatusCode::kFailedPrecondition, "PROMPT_ARCHIVED"));
    EXPECT_THAT(Resolve("acme/a/x"),
                ErrorIs(absl::StatusCode::kFailedPrecondition, "PROMPT_ARCHIVED"));
    EXPECT_THAT(Label("acme/a/x@production", 1),
                ErrorIs(absl::StatusCode::kFailedPrecondition, "PROMPT_ARCHIVED"));
    v1::ListPromptsRequest request;
    request.set_name("acme");
    EXPECT_EQ(registry_->ListPrompts(request, Call())->prompts_size(), 1);
    request.set_show_archived(true);
    const auto all = registry_->ListPrompts(request, Call());
    ASSERT_EQ(all->prompts_size(), 2);
    EXPECT_TRUE(all->prompts(0).archived());
  };
  check();
  Reopen();
  check();
  // The very same text: a new number, for it was gone.
  EXPECT_THAT(Names(Publish(Edit().Write("a/x.prompt", "1"))), ElementsAre("acme/a/x@v2"));
  EXPECT_EQ(*Resolve("acme/a/x@latest"), "acme/a/x@v2");
}

TEST_F(VersionsTest, ALabelKeepsAPromptFromBeingArchived) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1").Label("x", "production", {{1, 0}})));
  EXPECT_THAT(Publish(Edit().Delete("x.prompt")),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "LABEL_NAMES_ARCHIVED",
                      HasSubstr("production")));
  ASSERT_OK(Publish(Edit().Delete("x.prompt").Delete("x.labels.yaml")));
  ASSERT_OK(Publish(Edit().Write("x.prompt", "2").Label("x", "production", {{0, 0}})));
  const auto gone = Publish(Edit().Delete("x.prompt").Label("x", "production", {}));
  ASSERT_OK(gone);
  EXPECT_THAT(gone->change().paths(), ElementsAre("x.labels.yaml", "x.prompt"));
  ASSERT_EQ(gone->change().label_moves_size(), 1);
  EXPECT_TRUE(gone->change().label_moves(0).targets().targets().empty());
}

TEST_F(VersionsTest, AnArchivedPromptNoLongerDependsOnAnything) {
  ASSERT_OK(Publish(Edit().Write("_t.prompt", "t").Write("x.prompt", "{{> t}}")));
  ASSERT_OK(Publish(Edit().Delete("x.prompt")));
  EXPECT_THAT(Names(Publish(Edit().Write("_t.prompt", "u"))), IsEmpty());
  EXPECT_OK(Publish(Edit().Delete("_t.prompt")));
}

class DraftsTest : public VersionsTest {};

TEST_F(DraftsTest, BeginAtMainAndLeaveItAlone) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1").Write("_t.prompt", "t")));
  const auto draft = Publish(Edit("Shorter").Write("x.prompt", "short").Branch("shorter"));
  ASSERT_OK(draft);
  const v1::Change& change = draft->change();
  EXPECT_EQ(change.sequence(), 0);
  EXPECT_EQ(change.branch(), "shorter");
  ASSERT_EQ(change.versions_size(), 1);
  EXPECT_EQ(change.versions(0).name(), "acme/x@" + change.commit());
  EXPECT_EQ(change.versions(0).version(), 0u);
  EXPECT_EQ(*registry_->Sequence("acme"), 1);
  EXPECT_EQ(*Resolve("acme/x@latest"), "acme/x@v1");

  const auto check = [&] {
    const auto head = registry_->Resolve("acme/x@heads/shorter", {}, Call());
    ASSERT_OK(head);
    const v1::Version& version = head->loaded->version;
    EXPECT_EQ(version.name(), "acme/x@" + change.commit());
    EXPECT_EQ(version.version(), 0u);
    EXPECT_EQ(version.commit(), change.commit());
    EXPECT_EQ(version.digest(), change.versions(0).digest());
    EXPECT_EQ(version.author(), "Ada <ada@example.com>");
    EXPECT_EQ(version.description(), "Shorter");
    EXPECT_EQ(version.files(0).content(), "short");
    EXPECT_EQ(*Resolve("acme/x@" + change.commit()), version.name());
    EXPECT_EQ(*Resolve("acme/x@" + change.commit().substr(0, 10)), version.name());
    EXPECT_EQ((*registry_->Load("acme", "x", 0, change.commit(), Call()))->version.name(),
              version.name());
  };
  check();
  Reopen();
  check();
}

TEST_F(DraftsTest, GoOnFromTheirOwnHead) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1").Write("y.prompt", "1")));
  ASSERT_OK(Publish(Edit().Write("x.prompt", "draft").Branch("try")));
  ASSERT_OK(Publish(Edit().Write("x.prompt", "main 2")));
  ASSERT_OK(Publish(Edit().Write("y.prompt", "draft").Branch("try")));
  EXPECT_EQ(registry_->Resolve("acme/x@heads/try", {}, Call())->loaded->version.files(0).content(),
            "draft");
  EXPECT_EQ(registry_->Resolve("acme/x@heads/main", {}, Call())->loaded->version.name(),
            "acme/x@v2");
}

TEST_F(DraftsTest, APartialOfADraftReachesThePromptsOfTheDraft) {
  ASSERT_OK(
      Publish(Edit().Write("_t.prompt", "t").Write("x.prompt", "{{> t}}").Write("y.prompt", "1")));
  // The draft's y includes the partial, main's doesn't; main's x no longer does.
  ASSERT_OK(Publish(Edit().Write("y.prompt", "{{> t}}").Branch("try")));
  ASSERT_OK(Publish(Edit().Write("x.prompt", "alone")));
  const auto draft = Publish(Edit().Write("_t.prompt", "u").Branch("try"));
  ASSERT_OK(draft);
  const std::string commit = draft->change().commit();
  EXPECT_THAT(Names(draft), ElementsAre("acme/x@" + commit, "acme/y@" + commit));
  EXPECT_THAT(Publish(Edit().Delete("_t.prompt").Branch("try")),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILE"));
}

TEST_F(DraftsTest, MayBeTheFirstOfARepository) {
  const auto draft = Publish(Edit().Write("x.prompt", "1").Branch("try"));
  ASSERT_OK(draft);
  EXPECT_EQ(registry_->Resolve("acme/x@heads/try", {}, Call())->loaded->version.files(0).content(),
            "1");
  EXPECT_THAT(Resolve("acme/x@latest"), ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_EQ(Publish(Edit().Write("x.prompt", "1"))->change().sequence(), 1);
}

TEST_F(DraftsTest, AreCheckedAndRepeatedLikeChanges) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  EXPECT_THAT(Publish(Edit().Write("x.prompt", "{{#if").Branch("try")),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILE"));
  const auto checked = Publish(Edit().Write("x.prompt", "2").Branch("try").OnlyCheck());
  EXPECT_EQ(checked->change().versions(0).name(), "acme/x@heads/try");
  EXPECT_THAT(Resolve("acme/x@heads/try"),
              ErrorIs(absl::StatusCode::kNotFound, "BRANCH_NOT_FOUND"));
  const auto first = Publish(Edit().Write("x.prompt", "2").Branch("try").Id("r"));
  const auto again = Publish(Edit().Write("x.prompt", "2").Branch("try").Id("r"));
  ASSERT_OK(first);
  EXPECT_THAT(*again, EqualsProto(first->DebugString()));
  EXPECT_FALSE(Publish(Edit().Write("x.prompt", "2").Branch("try"))->has_change());
}

TEST_F(DraftsTest, HundredsOfTries) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  for (int i = 0; i < 200; ++i) {
    const std::string branch = "try-" + std::to_string(i);
    ASSERT_OK(Publish(Edit().Write("x.prompt", branch).Branch(branch)));
  }
  EXPECT_EQ(
      registry_->Resolve("acme/x@heads/try-137", {}, Call())->loaded->version.files(0).content(),
      "try-137");
  EXPECT_EQ(*registry_->Sequence("acme"), 1);
}

}  // namespace
}  // namespace colophon
