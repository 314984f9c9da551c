// SearchFiles.

#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using Stub = v1::RegistryService::Stub;

class SearchServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Write("", "support/_tone.prompt", "Be kind.\nNever promise a refund.\n", "Bring the tone");
    Write("", "support/triage.prompt", "{{>tone}}\nÜber Refund und refund: sort it.\n", "Triage");
    Write("", "support/_tone.prompt", "Be kind.\n", "Say less");
    Write("shorter", "greeting.prompt", "Refund at once.\n", "Try");
  }

  void Write(const std::string& branch, const std::string& path, const std::string& text,
             const std::string& description) {
    v1::PublishRequest request;
    request.set_repository("acme");
    request.set_branch(branch);
    request.set_description(description);
    request.set_author("Mina <mina@example.com>");
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(path);
    edit->set_content(text);
    ASSERT_OK(Call(*registry_, &Stub::Publish, request));
  }
  absl::StatusOr<v1::SearchFilesResponse> SearchFiles(const std::string& fields) {
    return Call(*registry_, &Stub::SearchFiles,
                FromText<v1::SearchFilesRequest>("repository: 'acme' " + fields));
  }
};

// "support/_tone.prompt:2"
std::vector<std::string> PlacesOf(const v1::SearchFilesResponse& response) {
  std::vector<std::string> places;
  for (const v1::LineMatch& match : response.matches()) {
    places.push_back(match.path() + ":" + std::to_string(match.line()));
  }
  return places;
}

TEST_F(SearchServiceTest, SaysWhichLinesHoldAText) {
  ASSERT_OK_AND_ASSIGN(const auto found, SearchFiles("text: 'refund'"));
  ASSERT_THAT(PlacesOf(found), ElementsAre("support/triage.prompt:2"));
  EXPECT_EQ(found.sequence(), 3);
  EXPECT_EQ(found.commit().size(), 40u);
  EXPECT_EQ(found.next_page_token(), "");
  const v1::LineMatch& match = found.matches(0);
  EXPECT_EQ(match.column(), 17);
  EXPECT_EQ(match.text(), "Über Refund und refund: sort it.");
  EXPECT_EQ(match.text().substr(match.start_byte(), match.end_byte() - match.start_byte()),
            "refund");
  EXPECT_FALSE(match.shortened());
  EXPECT_FALSE(match.has_change());

  ASSERT_OK_AND_ASSIGN(const auto any_case, SearchFiles("text: 'rEfund' ignore_case: true"));
  ASSERT_THAT(PlacesOf(any_case), ElementsAre("support/triage.prompt:2"));
  EXPECT_EQ(any_case.matches(0).column(), 6);
}

TEST_F(SearchServiceTest, SearchesThePastADraftAndAPrefix) {
  ASSERT_OK_AND_ASSIGN(const auto past, SearchFiles("text: 'refund' at_sequence: 2"));
  EXPECT_THAT(PlacesOf(past), ElementsAre("support/_tone.prompt:2", "support/triage.prompt:2"));
  EXPECT_EQ(past.sequence(), 2);
  EXPECT_EQ(past.matches(0).text(), "Never promise a refund.");
  ASSERT_OK_AND_ASSIGN(const auto tone, SearchFiles("text: 'refund' at_sequence: 2 "
                                                    "prefix: 'support/_'"));
  EXPECT_THAT(PlacesOf(tone), ElementsAre("support/_tone.prompt:2"));
  ASSERT_OK_AND_ASSIGN(const auto none, SearchFiles("text: 'refund' at_sequence: 0"));
  EXPECT_THAT(PlacesOf(none), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto draft, SearchFiles("text: 'Refund' branch: 'shorter'"));
  EXPECT_THAT(PlacesOf(draft), ElementsAre("greeting.prompt:1", "support/triage.prompt:2"));
}

TEST_F(SearchServiceTest, SaysWhoBroughtTheWordsAndWhoTookThemOut) {
  ASSERT_OK_AND_ASSIGN(const auto found, SearchFiles("text: 'refund' history: true"));
  ASSERT_THAT(PlacesOf(found), ElementsAre("support/_tone.prompt:2", "support/triage.prompt:2",
                                           "support/_tone.prompt:2"));
  EXPECT_EQ(found.sequence(), 1);
  EXPECT_EQ(found.matches(0).step(), v1::LineMatch::STEP_REMOVED);
  EXPECT_EQ(found.matches(0).text(), "Never promise a refund.");
  const v1::Change& removal = found.matches(0).change();
  EXPECT_EQ(removal.repository(), "acme");
  EXPECT_EQ(removal.sequence(), 3);
  EXPECT_EQ(removal.commit().size(), 40u);
  EXPECT_EQ(removal.author(), "Mina <mina@example.com>");
  EXPECT_EQ(removal.description(), "Say less");
  EXPECT_GT(removal.change_time().seconds(), 0);
  EXPECT_THAT(removal.paths(), IsEmpty());
  EXPECT_EQ(found.matches(1).step(), v1::LineMatch::STEP_ADDED);
  EXPECT_EQ(found.matches(1).change().sequence(), 2);
  EXPECT_EQ(found.matches(2).step(), v1::LineMatch::STEP_ADDED);
  EXPECT_EQ(found.matches(2).change().description(), "Bring the tone");

  ASSERT_OK_AND_ASSIGN(const auto until,
                       SearchFiles("text: 'REFUND' ignore_case: true history: true "
                                   "at_sequence: 2 prefix: 'support/_tone'"));
  ASSERT_THAT(PlacesOf(until), ElementsAre("support/_tone.prompt:2"));
  EXPECT_EQ(until.matches(0).change().sequence(), 1);
}

TEST_F(SearchServiceTest, PagesGoOnWhereTheLastOneEnded) {
  for (const std::string fields : {"text: 'refund' at_sequence: 2 page_size: 1 ",
                                   "text: 'refund' at_sequence: 2 history: true page_size: 1 "}) {
    ASSERT_OK_AND_ASSIGN(const auto first, SearchFiles(fields));
    ASSERT_EQ(first.matches_size(), 1);
    ASSERT_OK_AND_ASSIGN(const auto second,
                         SearchFiles(fields + "page_token: '" + first.next_page_token() + "'"));
    ASSERT_EQ(second.matches_size(), 1);
    EXPECT_NE(second.matches(0).path(), first.matches(0).path());
    EXPECT_EQ(second.next_page_token(), "");
    EXPECT_EQ(
        ReasonOf(
            SearchFiles("text: 'other' page_token: '" + first.next_page_token() + "'").status()),
        "BAD_PAGE_TOKEN");
  }
}

TEST_F(SearchServiceTest, FailuresHaveCodeAndReason) {
  const auto of = [&](const std::string& request) {
    return Call(*registry_, &Stub::SearchFiles, FromText<v1::SearchFilesRequest>(request)).status();
  };
  ExpectFailures({
      {"no repository", of("text: 'a'"), StatusCode::kInvalidArgument, "BAD_REPOSITORY"},
      {"a repository that isn't there", of("repository: 'nowhere' text: 'a'"),
       StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"},
      {"no text", SearchFiles("").status(), StatusCode::kInvalidArgument, "BAD_VALUE"},
      {"two lines", SearchFiles("text: 'a\\nb'").status(), StatusCode::kInvalidArgument,
       "BAD_VALUE"},
      {"a control character", SearchFiles("text: 'a\\x01'").status(), StatusCode::kInvalidArgument,
       "BAD_VALUE"},
      {"a text too long", SearchFiles("text: '" + std::string(1025, 'a') + "'").status(),
       StatusCode::kInvalidArgument, "BAD_VALUE"},
      {"what is to come", SearchFiles("text: 'a' at_sequence: 9").status(), StatusCode::kOutOfRange,
       "BEYOND_SEQUENCE"},
      {"history to come", SearchFiles("text: 'a' history: true at_sequence: 9").status(),
       StatusCode::kOutOfRange, "BEYOND_SEQUENCE"},
      {"before the beginning", SearchFiles("text: 'a' at_sequence: -1").status(),
       StatusCode::kInvalidArgument, "BAD_MOMENT"},
      {"no draft", SearchFiles("text: 'a' branch: 'x'").status(), StatusCode::kNotFound,
       "BRANCH_NOT_FOUND"},
      {"a bad branch", SearchFiles("text: 'a' branch: 'X y'").status(),
       StatusCode::kInvalidArgument, "BAD_BRANCH"},
      {"a draft's history", SearchFiles("text: 'a' branch: 'shorter' history: true").status(),
       StatusCode::kInvalidArgument, "BAD_VALUE"},
      {"a page size", SearchFiles("text: 'a' page_size: -1").status(), StatusCode::kInvalidArgument,
       "BAD_PAGE_SIZE"},
      {"a page token", SearchFiles("text: 'a' page_token: 'x'").status(),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
  });
}

}  // namespace
}  // namespace colophon
