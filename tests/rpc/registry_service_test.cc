#include <future>
#include <thread>

#include "fmt/format.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using Stub = v1::RegistryService::Stub;

class RegistryServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  absl::StatusOr<v1::GetVersionResponse> GetVersion(const std::string& name) {
    v1::GetVersionRequest request;
    request.set_name(name);
    return Call(*registry_, &Stub::GetVersion, request);
  }
};

TEST_F(RegistryServiceTest, CreatesAndListsRepositories) {
  CreateRepository("beta");
  ASSERT_OK_AND_ASSIGN(const auto list, Call(*registry_, &Stub::ListRepositories, {}));
  ASSERT_EQ(list.repositories_size(), 2);
  EXPECT_EQ(list.repositories(0).name(), "acme");
  EXPECT_EQ(list.repositories(0).sequence(), 1);
  EXPECT_EQ(list.repositories(1).name(), "beta");
}

TEST_F(RegistryServiceTest, GetVersionSendsTheWholeVersion) {
  ASSERT_OK_AND_ASSIGN(const auto response, GetVersion("acme/greeting@production"));
  EXPECT_EQ(response.version().name(), "acme/greeting@v1");
  ASSERT_EQ(response.version().files_size(), 1);
  EXPECT_EQ(response.version().files(0).content(), kGreeting);
  EXPECT_EQ(response.label(), "production");
  EXPECT_EQ(response.sequence(), 1);
}

TEST_F(RegistryServiceTest, GetVersionResolvesEveryKindOfReference) {
  const v1::Change second = Publish("greeting", "Hi {{name}}\n");
  MoveLabel("acme/greeting@production", 1);
  const struct {
    std::string selector;
    const char* version;
    const char* label;
  } cases[] = {
      {"", "acme/greeting@v1", "production"},
      {"@production", "acme/greeting@v1", "production"},
      {"@v2", "acme/greeting@v2", ""},
      {"@latest", "acme/greeting@v2", "latest"},
      {"@" + second.commit(), "acme/greeting@v2", ""},
  };
  for (const auto& test : cases) {
    ASSERT_OK_AND_ASSIGN(const auto response, GetVersion("acme/greeting" + test.selector));
    EXPECT_EQ(response.version().name(), test.version) << test.selector;
    EXPECT_EQ(response.label(), test.label) << test.selector;
    EXPECT_EQ(response.sequence(), 3) << test.selector;
  }
}

TEST_F(RegistryServiceTest, GetVersionResolvesAsOfAPastChange) {
  Publish("greeting", "Hi {{name}}\n");
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Call(*registry_, &Stub::GetVersion,
           FromText<v1::GetVersionRequest>("name: 'acme/greeting@production' at_sequence: 1")));
  EXPECT_EQ(response.version().name(), "acme/greeting@v1");
}

TEST_F(RegistryServiceTest, GetVersionSendsLargeVersionsWhole) {
  const std::string text(900'000, 'x');
  Publish("large", text);
  ASSERT_OK_AND_ASSIGN(const auto response, GetVersion("acme/large"));
  ASSERT_EQ(response.version().files_size(), 1);
  EXPECT_EQ(response.version().files(0).content(), text);
}

TEST_F(RegistryServiceTest, PublishTakesTheCallerForAMissingAuthor) {
  ASSERT_OK(Call(*registry_, &Stub::Publish,
                 FromText<v1::PublishRequest>("repository: 'acme' description: 'edit' "
                                              "edits { path: 'b.prompt' content: 'B' }"),
                 {{"colophon-caller", "billing-app"}}));
  ASSERT_OK_AND_ASSIGN(const auto changes,
                       Call(*registry_, &Stub::ListChanges,
                            FromText<v1::ListChangesRequest>("name: 'acme' page_size: 1")));
  ASSERT_EQ(changes.changes_size(), 1);
  EXPECT_THAT(changes.changes(0).author(), HasSubstr("billing-app"));
}

TEST_F(RegistryServiceTest, GetsAndListsPrompts) {
  ASSERT_OK_AND_ASSIGN(
      const auto got,
      Call(*registry_, &Stub::GetPrompt, FromText<v1::GetPromptRequest>("name: 'acme/greeting'")));
  EXPECT_EQ(got.prompt().latest_version(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto list, Call(*registry_, &Stub::ListPrompts,
                                             FromText<v1::ListPromptsRequest>("name: 'acme'")));
  ASSERT_EQ(list.prompts_size(), 1);
  EXPECT_EQ(list.prompts(0).name(), "acme/greeting");
}

TEST_F(RegistryServiceTest, ListsVersions) {
  Publish("greeting", "Hi {{name}}\n");
  ASSERT_OK_AND_ASSIGN(const auto list,
                       Call(*registry_, &Stub::ListVersions,
                            FromText<v1::ListVersionsRequest>("name: 'acme/greeting'")));
  ASSERT_EQ(list.versions_size(), 2);
  EXPECT_EQ(list.versions(0).version(), 2u);
}

TEST_F(RegistryServiceTest, DiffsVersions) {
  Publish("greeting", "---\nmodel: scripted/small\n---\nHi {{name}}.\n");
  ASSERT_OK_AND_ASSIGN(const auto diff,
                       Call(*registry_, &Stub::DiffVersions,
                            FromText<v1::DiffVersionsRequest>(
                                "before: 'acme/greeting@v1' after: 'acme/greeting@v2'")));
  EXPECT_THAT(diff.unified_diff(), HasSubstr("+Hi {{name}}."));
}

TEST_F(RegistryServiceTest, MovesListsAndDeletesLabels) {
  Publish("greeting", "Hi {{name}}\n");
  MoveLabel("acme/greeting@staging", 1);
  ASSERT_OK_AND_ASSIGN(const auto list, Call(*registry_, &Stub::ListLabels,
                                             FromText<v1::ListLabelsRequest>("name: 'acme'")));
  ASSERT_EQ(list.labels_size(), 2);
  EXPECT_EQ(list.labels(1).name(), "acme/greeting@staging");

  ASSERT_OK_AND_ASSIGN(const auto deleted,
                       Call(*registry_, &Stub::DeleteLabel,
                            FromText<v1::DeleteLabelRequest>("name: 'acme/greeting@staging'")));
  EXPECT_EQ(deleted.change().sequence(), 4);
  EXPECT_THAT(GetVersion("acme/greeting@staging"),
              ErrorIs(StatusCode::kNotFound, "LABEL_NOT_FOUND"));
}

TEST_F(RegistryServiceTest, ListsChanges) {
  Publish("greeting", "Hi {{name}}\n");
  ASSERT_OK_AND_ASSIGN(const auto list, Call(*registry_, &Stub::ListChanges,
                                             FromText<v1::ListChangesRequest>("name: 'acme'")));
  ASSERT_EQ(list.changes_size(), 2);
  EXPECT_EQ(list.changes(0).sequence(), 2);
}

// A change of every prompt was more than a default client takes: it could be made,
// and then be neither answered nor listed nor watched past.
TEST_F(RegistryServiceTest, AWideChangeReachesAClientInPages) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(512 << 10);
  const auto stub = v1::RegistryService::NewStub(NewChannel(arguments));
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("all of them");
  constexpr int kPrompts = 990;
  for (int i = 0; i < kPrompts; ++i) {
    v1::FileEdit* const edit = request.add_edits();
    edit->set_path(std::string(200, 'x') + "/p" + std::to_string(i) + ".prompt");
    edit->set_content("Hi");
  }
  ASSERT_OK_AND_ASSIGN(const auto published, Call(*stub, &Stub::Publish, request));
  EXPECT_EQ(published.change().version_count(), kPrompts);
  EXPECT_LT(published.change().versions_size(), kPrompts);

  auto list = FromText<v1::ListChangesRequest>("name: 'acme' page_size: 1");
  ASSERT_OK_AND_ASSIGN(const auto listed, Call(*stub, &Stub::ListChanges, list));
  EXPECT_EQ(listed.changes(0).SerializeAsString(), published.change().SerializeAsString());
  list.set_page_token(listed.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto before, Call(*stub, &Stub::ListChanges, list));
  EXPECT_EQ(before.changes(0).sequence(), published.change().sequence() - 1);

  grpc::ClientContext context;
  Prepare(&context);
  v1::WatchChangesRequest watch;
  watch.set_repository("acme");
  watch.set_start_sequence(published.change().sequence());
  const auto reader = stub->WatchChanges(&context, watch);
  v1::WatchChangesResponse event;
  do {
    ASSERT_TRUE(reader->Read(&event));
  } while (!event.has_change());
  EXPECT_EQ(event.change().SerializeAsString(), published.change().SerializeAsString());
  context.TryCancel();
  while (reader->Read(&event)) {
  }
  reader->Finish().error_code();

  int versions = published.change().versions_size(), paths = published.change().paths_size();
  v1::GetChangeRequest next;
  next.set_repository("acme");
  next.set_sequence(published.change().sequence());
  next.set_page_token(published.change().next_page_token());
  for (int pages = 0; !next.page_token().empty() && pages < 100; ++pages) {
    ASSERT_OK_AND_ASSIGN(const auto page, Call(*stub, &Stub::GetChange, next));
    versions += page.change().versions_size();
    paths += page.change().paths_size();
    next.set_page_token(page.change().next_page_token());
  }
  EXPECT_EQ(versions, kPrompts);
  EXPECT_EQ(paths, kPrompts);
}

TEST_F(RegistryServiceTest, FailuresHaveCodeAndReason) {
  const auto publish = [&](const std::string& text) {
    return Call(*registry_, &Stub::Publish, FromText<v1::PublishRequest>(text)).status();
  };
  ExpectFailures({
      {"a repository twice",
       Call(*registry_, &Stub::CreateRepository,
            FromText<v1::CreateRepositoryRequest>("repository: 'acme'"))
           .status(),
       StatusCode::kAlreadyExists, "REPOSITORY_EXISTS"},
      {"a repository's name",
       Call(*registry_, &Stub::CreateRepository,
            FromText<v1::CreateRepositoryRequest>("repository: '../x'"))
           .status(),
       StatusCode::kInvalidArgument, "BAD_REPOSITORY"},
      {"a reference", GetVersion("acme").status(), StatusCode::kInvalidArgument, "BAD_REFERENCE"},
      {"no such repository", GetVersion("nowhere/greeting").status(), StatusCode::kNotFound,
       "REPOSITORY_NOT_FOUND"},
      {"no such prompt", GetVersion("acme/nothing").status(), StatusCode::kNotFound,
       "PROMPT_NOT_FOUND"},
      {"no such version", GetVersion("acme/greeting@v9").status(), StatusCode::kNotFound,
       "VERSION_NOT_FOUND"},
      {"no such label", GetVersion("acme/greeting@staging").status(), StatusCode::kNotFound,
       "LABEL_NOT_FOUND"},
      {"no such commit", GetVersion("acme/greeting@abcdef0").status(), StatusCode::kNotFound,
       "COMMIT_NOT_FOUND"},
      {"no such branch", GetVersion("acme/greeting@heads/x").status(), StatusCode::kNotFound,
       "BRANCH_NOT_FOUND"},
      {"a moment before the first",
       Call(*registry_, &Stub::GetVersion,
            FromText<v1::GetVersionRequest>("name: 'acme/greeting' at_sequence: -1"))
           .status(),
       StatusCode::kInvalidArgument, "BAD_MOMENT"},
      {"a moment to come",
       Call(*registry_, &Stub::GetVersion,
            FromText<v1::GetVersionRequest>("name: 'acme/greeting' at_sequence: 9"))
           .status(),
       StatusCode::kOutOfRange, "BEYOND_SEQUENCE"},
      {"a stale base",
       publish("repository: 'acme' description: 'x' base_sequence: 9 "
               "edits { path: 'greeting.prompt' content: 'x' }"),
       StatusCode::kOutOfRange, "BEYOND_SEQUENCE"},
      {"a path that leaves the tree",
       publish("repository: 'acme' description: 'x' edits { path: '../x.prompt' content: 'x' }"),
       StatusCode::kInvalidArgument, "BAD_PATH"},
      {"a lost swap",
       Call(*registry_, &Stub::UpdateLabel,
            FromText<v1::UpdateLabelRequest>("name: 'acme/greeting@production' "
                                             "targets { targets { version: 1 } } expected {}"))
           .status(),
       StatusCode::kAborted, "LABEL_MOVED"},
      {"a label that isn't there",
       Call(*registry_, &Stub::DeleteLabel,
            FromText<v1::DeleteLabelRequest>("name: 'acme/greeting@staging'"))
           .status(),
       StatusCode::kNotFound, "LABEL_NOT_FOUND"},
      {"a page token",
       Call(*registry_, &Stub::ListPrompts,
            FromText<v1::ListPromptsRequest>("name: 'acme' page_token: 'x'"))
           .status(),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
  });
}

TEST_F(RegistryServiceTest, AStaleBaseSaysTheCurrentSequence) {
  Publish("greeting", "Hi {{name}}\n");
  Publish("greeting", "Ho {{name}}\n");
  const absl::Status status =
      Call(*registry_, &Stub::Publish,
           FromText<v1::PublishRequest>("repository: 'acme' description: 'x' base_sequence: 2 "
                                        "edits { path: 'greeting.prompt' content: 'x' }"))
          .status();
  EXPECT_THAT(status, ErrorIs(StatusCode::kAborted, "STALE_BASE"));
  EXPECT_EQ(MetadataOf(status)["sequence"], "3");
}

TEST_F(RegistryServiceTest, AnswersManyAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (GetVersion(i % 2 == 0 ? "acme/greeting" : "acme/greeting@v1").ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

// What an editor or a review shows beside the lines.
TEST_F(RegistryServiceTest, ARefusedPublishHasItsDiagnosticsInTheDetails) {
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("x");
  for (int i = 0; i < 40; ++i) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(fmt::format("bad-{:02}.prompt", i));
    edit->set_content("Hello\n{{unknown this}}\n");
  }
  const absl::Status status =
      Call(*registry_, &v1::RegistryService::Stub::Publish, request).status();
  EXPECT_THAT(status, ErrorIs(StatusCode::kInvalidArgument, "BAD_FILE"));
  const auto payload = status.GetPayload("type.googleapis.com/colophon.v1.Diagnostics");
  ASSERT_TRUE(payload.has_value());
  v1::Diagnostics diagnostics;
  ASSERT_TRUE(diagnostics.ParseFromString(std::string(*payload)));
  ASSERT_GT(diagnostics.diagnostics_size(), 5);
  EXPECT_LT(diagnostics.diagnostics_size(), diagnostics.count());
  EXPECT_EQ(diagnostics.diagnostics(1).path(), "bad-01.prompt");
  EXPECT_EQ(diagnostics.diagnostics(1).line(), 2);
  EXPECT_EQ(diagnostics.diagnostics(1).code(), "UNKNOWN_HELPER");
  EXPECT_EQ(diagnostics.diagnostics(1).severity(), v1::Diagnostic::SEVERITY_ERROR);
}

}  // namespace
}  // namespace colophon
