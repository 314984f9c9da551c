// One change through the whole of its life, and every way it is refused.

#include "fmt/format.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class PublisherTest : public RegistryFixture {};

TEST_F(PublisherTest, PublishesAVersionAndSaysSo) {
  const auto response =
      Publish(Edit("Greet politely").Write("support/greeting.prompt", "Hello {{name}}!\n"));
  ASSERT_OK(response);
  const v1::Change& change = response->change();
  EXPECT_EQ(change.repository(), "acme");
  EXPECT_EQ(change.sequence(), 1);
  EXPECT_EQ(change.commit().size(), 40u);
  EXPECT_EQ(change.branch(), "");
  EXPECT_EQ(change.author(), "Ada <ada@example.com>");
  EXPECT_EQ(change.description(), "Greet politely");
  EXPECT_EQ(FromProto(change.change_time()), clock_.Now());
  ASSERT_EQ(change.versions_size(), 1);
  EXPECT_EQ(change.versions(0).name(), "acme/support/greeting@v1");
  EXPECT_EQ(change.versions(0).version(), 1u);
  EXPECT_THAT(change.paths(), ElementsAre("support/greeting.prompt"));

  v1::GetVersionRequest request;
  request.set_name("acme/support/greeting@latest");
  const auto found = GetVersion(request);
  ASSERT_OK(found);
  const v1::Version& version = found->version();
  EXPECT_EQ(version.name(), "acme/support/greeting@v1");
  EXPECT_EQ(version.commit(), change.commit());
  EXPECT_EQ(version.digest(), change.versions(0).digest());
  EXPECT_EQ(version.sequence(), 1);
  EXPECT_EQ(version.author(), change.author());
  EXPECT_EQ(version.description(), change.description());
  ASSERT_EQ(version.files_size(), 1);
  EXPECT_EQ(version.files(0).content(), "Hello {{name}}!\n");
  EXPECT_EQ(found->sequence(), 1);
  EXPECT_EQ(found->label(), "latest");
}

// A variant is a prompt of its own: it has its versions and labels, and may share
// partials, which have variants too.
TEST_F(PublisherTest, AVariantIsAPromptOfItsOwn) {
  ASSERT_OK(Publish(Edit()
                        .Write("support/triage.prompt", "{{> tone}} long")
                        .Write("support/triage.short.prompt", "{{> tone.short}} short")
                        .Write("support/_tone.prompt", "Kind.")
                        .Write("support/_tone.short.prompt", "Kind")));
  const auto edited = Publish(Edit()
                                  .Write("support/_tone.short.prompt", "Curt")
                                  .Label("support/triage.short", "production", {{2, 0}}));
  ASSERT_OK(edited);
  ASSERT_EQ(edited->change().versions_size(), 1);
  EXPECT_EQ(edited->change().versions(0).name(), "acme/support/triage.short@v2");

  v1::GetVersionRequest request;
  request.set_name("acme/support/triage.short@production");
  const auto found = GetVersion(request);
  ASSERT_OK(found);
  EXPECT_EQ(found->version().name(), "acme/support/triage.short@v2");
  request.set_name("acme/support/triage@production");
  EXPECT_THAT(GetVersion(request), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
}

TEST_F(PublisherTest, AnErrorIsToldThoughThereAreManyWarnings) {
  Edit edit;
  std::string spaces;
  for (int i = 0; i < 60; ++i) spaces += "x \n";
  for (int i = 0; i < 10; ++i) edit.Write(fmt::format("p{}.prompt", i), spaces);
  edit.Write("_unused.prompt", "{{#if");
  EXPECT_THAT(Publish(std::move(edit)),
              ErrorIs(kInvalid, "BAD_FILE", HasSubstr("_unused.prompt:1:")));
}

TEST_F(PublisherTest, MakesAllEditsOfAChangeInOneCommit) {
  const auto response = Publish(Edit()
                                    .Write("a/one.prompt", "1")
                                    .Write("b/two.prompt", "2")
                                    .Write("README.md", "read me")
                                    .Label("b/two", "production", {{0, 0}}));
  ASSERT_OK(response);
  EXPECT_EQ(response->change().versions_size(), 2);
  EXPECT_THAT(response->change().paths(),
              ElementsAre("README.md", "a/one.prompt", "b/two.labels.yaml", "b/two.prompt"));
  ASSERT_EQ(response->change().label_moves_size(), 1);
  EXPECT_EQ(response->change().label_moves(0).targets().targets(0).version(), 1u);
  EXPECT_EQ(*Resolve("acme/b/two"), "acme/b/two@v1");
  EXPECT_EQ(*registry_->Sequence("acme"), 1);
}

TEST_F(PublisherTest, EditsThatAlterNothingMakeNoChange) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Label("a", "production", {{1, 0}})));
  const auto again = Publish(Edit().Write("a.prompt", "1").Label("a", "production", {{0, 50}}));
  ASSERT_OK(again);
  EXPECT_FALSE(again->has_change());
  EXPECT_FALSE(Publish(Edit())->has_change());
  EXPECT_EQ(*registry_->Sequence("acme"), 1);
}

TEST_F(PublisherTest, NumbersCountOnlyWhatDiffers) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Write("b.prompt", "1")));
  const auto second = Publish(Edit().Write("a.prompt", "1").Write("b.prompt", "2"));
  ASSERT_EQ(second->change().versions_size(), 1);
  EXPECT_EQ(second->change().versions(0).name(), "acme/b@v2");
  // Back to what it was is a new version all the same.
  EXPECT_EQ(Publish(Edit().Write("b.prompt", "1"))->change().versions(0).name(), "acme/b@v3");
}

TEST_F(PublisherTest, TimeStandsStillWhileTheClockIsSetBackALittle) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1")));
  const absl::Time first = clock_.Now();
  clock_.Set(first - absl::Milliseconds(900));
  EXPECT_EQ(FromProto(Publish(Edit().Write("a.prompt", "2"))->change().change_time()), first);
  Reopen();
  EXPECT_EQ(FromProto(Publish(Edit().Write("a.prompt", "3"))->change().change_time()), first);
}

// Kind: a clock that was wrong once must not spoil what comes after it.
TEST_F(PublisherTest, TimesComeBackToTheTruthAfterAWrongClock) {
  const absl::Time right = clock_.Now();
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1")));
  clock_.Set(absl::FromCivil(absl::CivilYear(2106), absl::UTCTimeZone()));
  ASSERT_OK(Publish(Edit().Write("a.prompt", "2")));
  clock_.Set(right + absl::Seconds(20));
  EXPECT_EQ(FromProto(Publish(Edit().Write("a.prompt", "3"))->change().change_time()),
            right + absl::Seconds(20));
  Reopen();
  clock_.Set(right - absl::Hours(2));
  EXPECT_EQ(FromProto(Publish(Edit().Write("a.prompt", "4"))->change().change_time()),
            right - absl::Hours(2));
  EXPECT_EQ(*registry_->Sequence("acme"), 4);
  EXPECT_TRUE(store_->Verify()->problems().empty()) << store_->Verify()->DebugString();
}

// Who only asks what would happen is answered, and uses no id up.
TEST_F(PublisherTest, ACheckTakesNoRequestId) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Id("r1")));
  const auto checked = Publish(Edit().Write("a.prompt", "2").Id("r1").OnlyCheck());
  ASSERT_OK(checked);
  EXPECT_EQ(checked->change().versions(0).name(), "acme/a@v2");
  ASSERT_OK(Publish(Edit().Write("b.prompt", "1").Id("r2").OnlyCheck()));
  ASSERT_OK(Publish(Edit().Write("c.prompt", "1").Id("r2")));
  EXPECT_EQ(*registry_->Sequence("acme"), 2);
}

// Kind: two names that are one on another system.
TEST_F(PublisherTest, NoTwoPathsDifferOnlyInCase) {
  ASSERT_OK(
      Publish(Edit().Write("README.md", "x").Write("Docs/a.md", "x").Write("t.schema.json", "{}")));
  for (Edit edit : {Edit().Write("Readme.md", "y"), Edit().Write("docs/b.md", "y"),
                    Edit().Write("DOCS/deep/er.md", "y"), Edit().Write("Docs/A.md", "y"),
                    Edit().Write("new.md", "y").Write("NEW.md", "y"),
                    Edit().Write("T.schema.json", "{}"), Edit().Write("Readme.md", "y").OnlyCheck(),
                    Edit().Write("readme.md", "y").Branch("draft")}) {
    EXPECT_THAT(Publish(edit), ErrorIs(absl::StatusCode::kInvalidArgument, "CASE_TWINS",
                                       testing::HasSubstr("differ only in case")))
        << edit.request().ShortDebugString();
  }
  // What isn't new is let be, and a name may change its case.
  EXPECT_OK(Publish(Edit().Write("README.md", "z").Write("Docs/b.md", "z")));
  EXPECT_OK(Publish(Edit().Delete("README.md").Write("Readme.md", "z")));
  EXPECT_OK(Publish(Edit().Delete("Docs/a.md").Delete("Docs/b.md").Write("docs/a.md", "z")));
}

TEST_F(PublisherTest, TheCallerIsTheAuthorWhenNoneIsNamed) {
  EXPECT_EQ(Publish(Edit().Write("a.prompt", "1").By(""))->change().author(), "tester");
}

TEST_F(PublisherTest, ChecksWithoutChanging) {
  const auto checked =
      Publish(Edit().Write("a.prompt", "1").Label("a", "production", {{0, 0}}).OnlyCheck());
  ASSERT_OK(checked);
  EXPECT_EQ(checked->change().sequence(), 1);
  EXPECT_EQ(checked->change().commit(), "");
  EXPECT_EQ(checked->change().versions(0).name(), "acme/a@v1");
  EXPECT_EQ(checked->change().label_moves_size(), 1);
  EXPECT_EQ(*registry_->Sequence("acme"), 0);
  EXPECT_THAT(Resolve("acme/a@v1"), ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_THAT(Publish(Edit().Write("a.prompt", "{{#if").OnlyCheck()),
              ErrorIs(kInvalid, "BAD_FILE"));
}

TEST_F(PublisherTest, TellsWarningsOfTheFilesEdited) {
  const auto response =
      Publish(Edit().Write("a.prompt", "---\nmodel: echo/x\ntools: [no_such_tool]\n---\nHi\n"));
  ASSERT_OK(response);
  ASSERT_GT(response->diagnostics_size(), 0);
  EXPECT_EQ(response->diagnostics(0).path(), "a.prompt");
  EXPECT_EQ(response->diagnostics(0).severity(), v1::Diagnostic::SEVERITY_WARNING);
}

// "a.prompt:4:7 CODE" a line.
std::string WarningsOf(const absl::StatusOr<v1::PublishResponse>& response) {
  if (!response.ok()) return response.status().ToString();
  std::string text;
  for (const v1::Diagnostic& found : response->diagnostics()) {
    text += fmt::format("{}:{}:{} {}\n", found.path(), found.line(), found.column(), found.code());
  }
  return text;
}

TEST_F(PublisherTest, TellsWhatIsSeldomMeant) {
  const std::string a = "---\ninput: {schema: {name: string}}\n---\nHi {{nmae}} \n{{> t}}";
  const std::string b = "---\ninput: {schema: {nam: string}}\n---\n{{nam}}{{> t}}";
  const std::string expected =
      "_t.prompt:1:2 TRAILING_SPACE\n_t.prompt:2:3 UNDECLARED_VARIABLE\n"
      "a.prompt:2:18 UNUSED_VARIABLE\na.prompt:4:6 UNDECLARED_VARIABLE\n"
      "a.prompt:4:12 TRAILING_SPACE\n";
  Edit edit;
  edit.Write("a.prompt", a).Write("_t.prompt", "T \n{{other}}\n");
  Edit only_check = edit;
  EXPECT_EQ(WarningsOf(Publish(only_check.OnlyCheck())), expected);
  EXPECT_EQ(WarningsOf(Publish(edit)), expected);
  // Told of the files of this change, and of none that stay as they were.
  EXPECT_EQ(WarningsOf(Publish(Edit().Write("b.prompt", b))), "");
  EXPECT_EQ(WarningsOf(Publish(Edit().Write("a.prompt", a))), "");
  // Both prompts find the space, each its variable.
  EXPECT_EQ(WarningsOf(Publish(Edit().Write("_t.prompt", "T2 \n{{other}}\n"))),
            "_t.prompt:1:3 TRAILING_SPACE\n_t.prompt:2:3 UNDECLARED_VARIABLE\n"
            "_t.prompt:2:3 UNDECLARED_VARIABLE\n");
  // A partial that nothing includes; a draft.
  EXPECT_EQ(WarningsOf(Publish(Edit().Write("_u.prompt", "U \n"))),
            "_u.prompt:1:2 TRAILING_SPACE\n");
  EXPECT_EQ(WarningsOf(Publish(Edit().Branch("d").Write("b.prompt", b + " \nx"))),
            "b.prompt:4:15 TRAILING_SPACE\n");
  EXPECT_EQ(*registry_->Sequence("acme"), 4);
  EXPECT_OK(Resolve("acme/a@v2"));
}

TEST_F(PublisherTest, RefusesAStaleBase) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Write("b.prompt", "1")));  // 1
  ASSERT_OK(Publish(Edit().Write("a.prompt", "2").On(1)));                   // 2
  ASSERT_OK(Publish(Edit().Write("b.prompt", "2").On(1)));                   // 3
  ASSERT_OK(Publish(Edit().Label("a", "production", {{1, 0}}).On(1)));       // 4
  ASSERT_OK(Publish(Edit().Label("a", "staging", {{1, 0}}).On(1)));          // 5
  const auto check = [&] {
    const auto stale = Publish(Edit().Write("a.prompt", "3").On(1));
    EXPECT_THAT(stale, ErrorIs(absl::StatusCode::kAborted, "STALE_BASE", HasSubstr("change 2")));
    EXPECT_EQ(MetadataOf(stale.status())["sequence"], "5");
    EXPECT_THAT(Publish(Edit().Label("a", "production", {{2, 0}}).On(3)),
                ErrorIs(absl::StatusCode::kAborted, "STALE_BASE"));
    EXPECT_THAT(Publish(Edit().Write("a.labels.yaml", "x: v1").On(4)),
                ErrorIs(absl::StatusCode::kAborted, "STALE_BASE"));
    EXPECT_THAT(Publish(Edit().Write("a.prompt", "3").On(6)),
                ErrorIs(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE"));
    EXPECT_OK(Publish(Edit().Write("a.prompt", "3").On(2).OnlyCheck()));
  };
  check();
  Reopen();
  check();
}

TEST_F(PublisherTest, RefusesBadRequests) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Write("dir/b.prompt", "1")));
  struct Case {
    const char* what;
    Edit edit;
    absl::StatusCode code;
    const char* reason;
    const char* message;
  };
  Edit elsewhere, nowhere, both;
  elsewhere.request().set_repository("nowhere");
  nowhere.request().set_repository("../etc");
  both.request().add_edits()->set_path("a.prompt");
  const std::string big((1 << 20) + 1, 'x');
  Edit many;
  for (int i = 0; i <= 1000; ++i) many.Write("f" + std::to_string(i), "x");
  const Case cases[] = {
      {"no repository", elsewhere.Write("a", "1"), absl::StatusCode::kNotFound,
       "REPOSITORY_NOT_FOUND", "nowhere"},
      {"bad repository", nowhere.Write("a", "1"), kInvalid, "BAD_REPOSITORY", "../etc"},
      {"no content", both, kInvalid, "BAD_EDIT", "a.prompt"},
      {"dots", Edit().Write("../x.prompt", "1"), kInvalid, "BAD_PATH", "../x.prompt"},
      {"prompt grammar", Edit().Write(".support/a.prompt", "1"), kInvalid, "BAD_PATH", "A-Z, a-z"},
      {"labels grammar", Edit().Write("_x.labels.yaml", "a: v1"), kInvalid, "BAD_PATH", "partial"},
      {"twice", Edit().Write("x", "1").Delete("x"), kInvalid, "DUPLICATE_PATH", "\"x\""},
      {"big", Edit().Write("x.md", big), kInvalid, "FILE_TOO_LARGE", "1048577"},
      {"many", many, kInvalid, "TOO_MANY_EDITS", "1001"},
      {"no description", Edit("").Write("x", "1"), kInvalid, "BAD_DESCRIPTION", "empty"},
      {"blank", Edit(" \n").Write("x", "1"), kInvalid, "BAD_DESCRIPTION", "empty"},
      {"long", Edit(std::string(4097, 'd')).Write("x", "1"), kInvalid, "BAD_DESCRIPTION", "4097"},
      {"NUL", Edit(std::string("a\0b", 3)).Write("x", "1"), kInvalid, "BAD_DESCRIPTION", "U+0000"},
      {"author", Edit().Write("x", "1").By("Ada <a>\nevil: 1"), kInvalid, "BAD_AUTHOR", "control"},
      {"author", Edit().Write("x", "1").By("<ada@x>"), kInvalid, "BAD_AUTHOR", "name"},
      {"branch", Edit().Write("x", "1").Branch("-x"), kInvalid, "BAD_BRANCH", "-x"},
      {"main", Edit().Write("x", "1").Branch("main"), kInvalid, "BAD_BRANCH", "leave branch empty"},
      {"id", Edit().Write("x", "1").Id(std::string(65, 'i')), kInvalid, "BAD_REQUEST_ID", "65"},
      {"base", Edit().Write("x", "1").On(-1), kInvalid, "BAD_BASE_SEQUENCE", "-1"},
      {"delete nothing", Edit().Delete("x.prompt"), absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
       "x.prompt"},
      {"delete a folder", Edit().Delete("dir"), absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
       "dir"},
      {"file as folder", Edit().Write("a.prompt/x", "1"), kInvalid, "BAD_PATH", "a.prompt/x"},
      {"folder as file", Edit().Write("dir", "1"), kInvalid, "PATH_CONFLICT", "\"dir\""},
      {"in one change", Edit().Write("n", "1").Write("n/m", "1"), kInvalid, "PATH_CONFLICT",
       "\"n\""},
      {"not UTF-8", Edit().Write("x.prompt", "\xff\xfe"), kInvalid, "BAD_FILE", "NOT_UTF8"},
      {"not UTF-8", Edit().Write("_x.prompt", "\xc3"), kInvalid, "BAD_FILE", "NOT_UTF8"},
      {"bad JSON", Edit().Write("x.schema.json", "{"), kInvalid, "BAD_FILE", "BAD_JSON"},
      {"bad JSON", Edit().Write("x.tool.json", "nope"), kInvalid, "BAD_FILE", "BAD_JSON"},
      {"bad YAML", Edit().Write("x.prompt", "---\nmodel: [\n---\n"), kInvalid, "BAD_FILE",
       "x.prompt:"},
      {"unknown helper", Edit().Write("x.prompt", "a\n{{#frobnicate x}}{{/frobnicate}}"), kInvalid,
       "BAD_FILE", "x.prompt:2:"},
      {"no partial", Edit().Write("x.prompt", "{{> nobody}}"), kInvalid, "BAD_FILE", "nobody"},
      {"cycle",
       Edit()
           .Write("x.prompt", "{{> p}}")
           .Write("_p.prompt", "{{> q}}")
           .Write("_q.prompt", "{{> p}}"),
       kInvalid, "BAD_FILE", "p → q → p"},
      {"unused partial", Edit().Write("_p.prompt", "{{#if"), kInvalid, "BAD_FILE", "_p.prompt:1"},
      {"bad labels", Edit().Write("a.labels.yaml", "production: v0"), kInvalid, "BAD_FILE",
       "a.labels.yaml:1"},
      {"no such version", Edit().Write("a.labels.yaml", "production: v2"), kInvalid, "BAD_FILE",
       "newest version is v1"},
      {"labels of nothing", Edit().Write("x.labels.yaml", "production: v1"), kInvalid, "BAD_FILE",
       "x.prompt"},
      {"no such version", Edit().Label("a", "production", {{2, 0}}), absl::StatusCode::kNotFound,
       "VERSION_NOT_FOUND", "newest is v1"},
      {"no such prompt", Edit().Label("x", "production", {{1, 0}}), absl::StatusCode::kNotFound,
       "PROMPT_NOT_FOUND", "\"x\""},
      {"no such label", Edit().Label("a", "production", {}), absl::StatusCode::kNotFound,
       "LABEL_NOT_FOUND", "no labels"},
      {"bad label", Edit().Label("a", "latest", {{1, 0}}), kInvalid, "BAD_LABEL", "latest"},
      {"bad prompt", Edit().Label("../a", "x", {{1, 0}}), kInvalid, "BAD_PROMPT", "../a"},
      {"bad targets", Edit().Label("a", "x", {{1, 1}, {1, 1}}), kInvalid, "BAD_TARGETS", "twice"},
      {"newest twice", Edit().Label("a", "x", {{0, 1}, {1, 1}}), kInvalid, "BAD_TARGETS", "twice"},
      {"label twice", Edit().Label("a", "x", {{1, 0}}).Label("a", "x", {{1, 0}}), kInvalid,
       "DUPLICATE_LABEL", "\"x\""},
      {"file and move", Edit().Write("a.labels.yaml", "y: v1").Label("a", "x", {{1, 0}}), kInvalid,
       "LABELS_TWICE", "a.labels.yaml"},
      {"draft label", Edit().Label("a", "x", {{1, 0}}).Branch("d"), kInvalid, "DRAFT_MOVES_LABEL",
       "\"d\""},
      {"draft labels", Edit().Write("a.labels.yaml", "x: v1").Branch("d"), kInvalid,
       "DRAFT_MOVES_LABEL", "\"d\""},
      {"draft base", Edit().Write("x", "1").Branch("d").On(1), kInvalid, "BAD_BASE_SEQUENCE",
       "draft"},
  };
  const std::string before = Dump();
  for (const Case& c : cases) {
    EXPECT_THAT(Publish(c.edit), ErrorIs(c.code, c.reason, HasSubstr(c.message))) << c.what;
  }
  EXPECT_EQ(Dump(), before);
  // Nothing of it stands in the way of the next.
  EXPECT_EQ(Publish(Edit().Write("a.prompt", "2"))->change().sequence(), 2);
  const auto verified = store_->Verify();
  ASSERT_OK(verified);
  EXPECT_EQ(verified->problems_size(), 0) << verified->DebugString();
}

TEST_F(PublisherTest, FilesAndFoldersMayTakeEachOthersPlace) {
  ASSERT_OK(Publish(Edit().Write("x", "1").Write("y/z", "1")));
  ASSERT_OK(Publish(Edit().Delete("x").Write("x/deep/er", "2").Delete("y/z").Write("y", "2")));
  ASSERT_OK(Publish(Edit().Delete("x/deep/er").Delete("y")));
  EXPECT_EQ(*registry_->Sequence("acme"), 3);
  EXPECT_OK(Publish(Edit().Write("x", "1")));
}

TEST_F(PublisherTest, ARepeatedRequestGetsTheFirstAnswer) {
  const Edit edit = Edit().Write("a.prompt", "1").Id("request-1");
  const auto first = Publish(edit);
  ASSERT_OK(first);
  ASSERT_OK(Publish(Edit().Write("a.prompt", "2")));
  const auto check = [&] {
    const auto again = Publish(edit);
    ASSERT_OK(again);
    EXPECT_THAT(*again, EqualsProto(first->DebugString()));
    EXPECT_THAT(Publish(Edit().Write("a.prompt", "3").Id("request-1")),
                ErrorIs(kInvalid, "REQUEST_ID_REUSED", HasSubstr("request-1")));
    EXPECT_EQ(*registry_->Sequence("acme"), 2);
  };
  check();
  Reopen();
  check();
}

TEST_F(PublisherTest, ARepeatedRequestThatAlteredNothingAltersNothingLater) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Label("a", "production", {{1, 0}})));
  v1::UpdateLabelRequest to_1;
  to_1.set_name("acme/a@production");
  to_1.mutable_targets()->add_targets()->set_version(1);
  to_1.set_request_id("request-1");
  const auto first = UpdateLabel(to_1);
  ASSERT_OK(first);
  EXPECT_FALSE(first->has_change());
  ASSERT_OK(Publish(Edit().Write("a.prompt", "2").Label("a", "production", {{2, 0}})));
  const auto again = UpdateLabel(to_1);
  ASSERT_OK(again);
  EXPECT_THAT(*again, EqualsProto(first->DebugString()));
  EXPECT_EQ(*Resolve("acme/a"), "acme/a@v2");
}

TEST_F(PublisherTest, RefusalsAreNotKept) {
  EXPECT_THAT(Publish(Edit().Label("a", "x", {{1, 0}}).Id("request-1")),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1")));
  EXPECT_TRUE(Publish(Edit().Label("a", "x", {{1, 0}}).Id("request-1"))->has_change());
}

TEST_F(PublisherTest, RepositoriesAreCreatedOnce) {
  EXPECT_THAT(CreateRepository("acme"),
              ErrorIs(absl::StatusCode::kAlreadyExists, "REPOSITORY_EXISTS"));
  EXPECT_THAT(CreateRepository("Bad Name"), ErrorIs(kInvalid, "BAD_REPOSITORY"));
  const auto created = CreateRepository("other");
  ASSERT_OK(created);
  EXPECT_EQ(created->repository().name(), "other");
  EXPECT_EQ(FromProto(created->repository().create_time()), clock_.Now());
  EXPECT_EQ(registry_->repository_count(), 2);
  EXPECT_EQ(*registry_->Sequence("other"), 0);
}

}  // namespace
}  // namespace colophon
