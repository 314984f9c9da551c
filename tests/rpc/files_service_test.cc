// GetFiles, ListDrafts, DeleteDraft.

#include "service/base/hash.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using Stub = v1::RegistryService::Stub;

class FilesServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }

  absl::StatusOr<v1::GetFilesResponse> GetFiles(const std::string& fields = "") {
    return Call(*registry_, &Stub::GetFiles,
                FromText<v1::GetFilesRequest>("repository: 'acme' " + fields));
  }
  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const std::string& fields = "") {
    return Call(*registry_, &Stub::ListDrafts,
                FromText<v1::ListDraftsRequest>("repository: 'acme' " + fields));
  }
  absl::StatusOr<v1::DeleteDraftResponse> DeleteDraft(const std::string& fields) {
    return Call(*registry_, &Stub::DeleteDraft,
                FromText<v1::DeleteDraftRequest>("repository: 'acme' " + fields));
  }
  // Its commit.
  std::string PublishTo(const std::string& branch, const std::string& path,
                        const std::string& text) {
    v1::PublishRequest request;
    request.set_repository("acme");
    request.set_branch(branch);
    request.set_description("Try " + path);
    request.set_author("Mina <mina@example.com>");
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(path);
    edit->set_content(text);
    const auto response = Call(*registry_, &Stub::Publish, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->change().commit() : "";
  }
};

std::vector<std::string> PathsOf(const v1::GetFilesResponse& response) {
  std::vector<std::string> paths;
  for (const v1::File& file : response.files()) paths.push_back(file.path());
  return paths;
}

TEST_F(FilesServiceTest, GetsTheFilesOfMainNowAndAsTheyWere) {
  PublishTo("", "support/_tone.prompt", "Be kind.\n");
  PublishTo("", "greeting.prompt", "Hi\n");
  ASSERT_OK_AND_ASSIGN(const auto now, GetFiles());
  EXPECT_THAT(PathsOf(now),
              ElementsAre("greeting.labels.yaml", "greeting.prompt", "support/_tone.prompt"));
  EXPECT_EQ(now.sequence(), 3);
  EXPECT_EQ(now.files(1).content(), "Hi\n");
  EXPECT_EQ(now.files(1).sha256(), Sha256Hex("Hi\n"));
  EXPECT_EQ(now.files(1).blob().size(), 40u);

  ASSERT_OK_AND_ASSIGN(const auto first, GetFiles("at_sequence: 1"));
  EXPECT_THAT(PathsOf(first), ElementsAre("greeting.labels.yaml", "greeting.prompt"));
  EXPECT_EQ(first.files(1).content(), kGreeting);
  EXPECT_NE(first.commit(), now.commit());

  ASSERT_OK_AND_ASSIGN(const auto before, GetFiles("at_sequence: 0"));
  EXPECT_THAT(PathsOf(before), IsEmpty());
  EXPECT_EQ(before.commit(), "");
}

TEST_F(FilesServiceTest, GetsAPrefixAndLeavesContentsOut) {
  PublishTo("", "support/_tone.prompt", "Be kind.\n");
  ASSERT_OK_AND_ASSIGN(const auto files, GetFiles("prefix: 'support/' omit_content: true"));
  ASSERT_THAT(PathsOf(files), ElementsAre("support/_tone.prompt"));
  EXPECT_EQ(files.files(0).content(), "");
  EXPECT_EQ(files.files(0).sha256(), Sha256Hex("Be kind.\n"));
}

TEST_F(FilesServiceTest, AllPagesAreOfOneCommit) {
  ASSERT_OK_AND_ASSIGN(auto page, GetFiles("page_size: 1"));
  const std::string commit = page.commit();
  PublishTo("", "greeting.prompt", "Hi\n");
  PublishTo("", "later.prompt", "Later\n");
  ASSERT_OK_AND_ASSIGN(page, GetFiles("page_size: 1 page_token: '" + page.next_page_token() + "'"));
  ASSERT_THAT(PathsOf(page), ElementsAre("greeting.prompt"));
  EXPECT_EQ(page.files(0).content(), kGreeting);
  EXPECT_EQ(page.commit(), commit);
  EXPECT_EQ(page.sequence(), 1);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(FilesServiceTest, APageEndsBeforeItIsTooLargeForClients) {
  const std::string text(1'000'000, 'x');
  for (const char* path : {"a.prompt", "b.prompt", "c.prompt"}) PublishTo("", path, text);
  ASSERT_OK_AND_ASSIGN(const auto first, GetFiles());
  EXPECT_THAT(PathsOf(first), ElementsAre("a.prompt", "b.prompt"));
  ASSERT_OK_AND_ASSIGN(const auto rest, GetFiles("page_token: '" + first.next_page_token() + "'"));
  EXPECT_THAT(PathsOf(rest), ElementsAre("c.prompt", "greeting.labels.yaml", "greeting.prompt"));
}

TEST_F(FilesServiceTest, DraftsAreListedReadAndDropped) {
  PublishTo("", "support/_tone.prompt", "Be kind.\n");
  PublishTo("", "support/triage.prompt", "{{>tone}}Sort it.\n");
  PublishTo("shorter", "greeting.prompt", "Yo\n");
  const std::string commit = PublishTo("shorter", "support/_tone.prompt", "Be short.\n");
  PublishTo("", "greeting.prompt", "Main goes on\n");
  PublishTo("a-second", "new.prompt", "New\n");

  ASSERT_OK_AND_ASSIGN(const auto list, ListDrafts());
  ASSERT_EQ(list.drafts_size(), 2);
  EXPECT_EQ(list.drafts(0).branch(), "a-second");
  EXPECT_EQ(list.drafts(0).base_sequence(), 4);
  const v1::Draft& draft = list.drafts(1);
  EXPECT_EQ(draft.branch(), "shorter");
  EXPECT_EQ(draft.commit(), commit);
  EXPECT_EQ(draft.author(), "Mina <mina@example.com>");
  EXPECT_EQ(draft.description(), "Try support/_tone.prompt");
  EXPECT_GT(draft.update_time().seconds(), 0);
  EXPECT_EQ(draft.base_sequence(), 3);
  EXPECT_THAT(draft.paths(), ElementsAre("greeting.prompt", "support/_tone.prompt"));
  EXPECT_EQ(draft.path_count(), 2);
  EXPECT_THAT(draft.prompts(), ElementsAre("greeting", "support/triage"));

  ASSERT_OK_AND_ASSIGN(const auto page, ListDrafts("page_size: 1"));
  ASSERT_OK_AND_ASSIGN(const auto second,
                       ListDrafts("page_size: 1 page_token: '" + page.next_page_token() + "'"));
  EXPECT_EQ(second.drafts(0).branch(), "shorter");
  EXPECT_EQ(second.next_page_token(), "");

  ASSERT_OK_AND_ASSIGN(const auto files, GetFiles("branch: 'shorter' prefix: 'support/'"));
  EXPECT_EQ(files.files(0).content(), "Be short.\n");
  EXPECT_EQ(files.sequence(), 3);

  ASSERT_OK_AND_ASSIGN(const auto dropped,
                       DeleteDraft("branch: 'shorter' expected_commit: '" + commit + "'"));
  EXPECT_EQ(dropped.commit(), commit);
  ASSERT_OK_AND_ASSIGN(const auto left, ListDrafts());
  EXPECT_EQ(left.drafts_size(), 1);
  // Who recorded something by the commit can still see what it was.
  v1::GetVersionRequest by_commit;
  by_commit.set_name("acme/greeting@" + commit);
  EXPECT_OK(Call(*registry_, &Stub::GetVersion, by_commit));

  Restart();
  ASSERT_OK_AND_ASSIGN(const auto after, ListDrafts());
  EXPECT_EQ(after.drafts_size(), 1);
}

TEST_F(FilesServiceTest, ADroppedDraftBeginsAgainAtMain) {
  PublishTo("try", "greeting.prompt", "One\n");
  PublishTo("", "greeting.prompt", "Main goes on\n");
  ASSERT_OK(DeleteDraft("branch: 'try'"));
  PublishTo("try", "other.prompt", "Two\n");
  ASSERT_OK_AND_ASSIGN(const auto files, GetFiles("branch: 'try' prefix: 'greeting.prompt'"));
  EXPECT_EQ(files.files(0).content(), "Main goes on\n");
  EXPECT_EQ(files.sequence(), 2);
}

TEST_F(FilesServiceTest, ARepeatedDeletionGetsTheFirstAnswer) {
  const std::string commit = PublishTo("try", "greeting.prompt", "One\n");
  ASSERT_OK(DeleteDraft("branch: 'try' request_id: 'once'"));
  ASSERT_OK_AND_ASSIGN(const auto again, DeleteDraft("branch: 'try' request_id: 'once'"));
  EXPECT_EQ(again.commit(), commit);
}

TEST_F(FilesServiceTest, FailuresHaveCodeAndReason) {
  PublishTo("try", "greeting.prompt", "One\n");
  const auto of = [&](auto method, auto request) {
    return Call(*registry_, method, request).status();
  };
  ExpectFailures({
      {"files of no repository",
       of(&Stub::GetFiles, FromText<v1::GetFilesRequest>("repository: 'nowhere'")),
       StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"},
      {"files of a bad name", of(&Stub::GetFiles, v1::GetFilesRequest()),
       StatusCode::kInvalidArgument, "BAD_REPOSITORY"},
      {"files to come", GetFiles("at_sequence: 9").status(), StatusCode::kOutOfRange,
       "BEYOND_SEQUENCE"},
      {"files before the beginning", GetFiles("at_sequence: -1").status(),
       StatusCode::kInvalidArgument, "BAD_MOMENT"},
      {"files of no draft", GetFiles("branch: 'x'").status(), StatusCode::kNotFound,
       "BRANCH_NOT_FOUND"},
      {"files of a bad branch", GetFiles("branch: 'X y'").status(), StatusCode::kInvalidArgument,
       "BAD_BRANCH"},
      {"a page token", GetFiles("page_token: 'x'").status(), StatusCode::kInvalidArgument,
       "BAD_PAGE_TOKEN"},
      {"drafts of no repository",
       of(&Stub::ListDrafts, FromText<v1::ListDraftsRequest>("repository: 'nowhere'")),
       StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"},
      {"drafts by a page token", ListDrafts("page_token: 'x'").status(),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
      {"dropping no draft", DeleteDraft("branch: 'x'").status(), StatusCode::kNotFound,
       "BRANCH_NOT_FOUND"},
      {"dropping main", DeleteDraft("branch: 'main'").status(), StatusCode::kInvalidArgument,
       "BAD_BRANCH"},
      {"dropping nothing", DeleteDraft("").status(), StatusCode::kInvalidArgument, "BAD_BRANCH"},
      {"dropping by half a commit", DeleteDraft("branch: 'try' expected_commit: 'abc'").status(),
       StatusCode::kInvalidArgument, "BAD_COMMIT"},
      {"dropping what moved",
       DeleteDraft("branch: 'try' expected_commit: '" + std::string(40, 'a') + "'").status(),
       StatusCode::kAborted, "DRAFT_MOVED"},
  });
}

}  // namespace
}  // namespace colophon
