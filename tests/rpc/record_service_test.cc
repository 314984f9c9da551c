#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using Stub = v1::RecordService::Stub;

constexpr char kCall[] =
    "name: 'acme/greeting' variables { fields { key: 'name' value { string_value: 'Ada' } } }";

class RecordServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
    auto response = Call(*completion_, &v1::CompletionService::Stub::Complete,
                         FromText<v1::CompleteRequest>(kCall), {{"colophon-caller", "app"}});
    ASSERT_OK(response);
    id_ = response->record();
  }

  std::string id_;
};

TEST_F(RecordServiceTest, GetsARecordWithWhatWasSent) {
  v1::GetRecordRequest request;
  request.set_id(id_);
  request.set_rendered(true);
  ASSERT_OK_AND_ASSIGN(const auto response, Call(*record_, &Stub::GetRecord, request));
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_TRUE(response.rendered_verified());
  EXPECT_THAT(response.rendered().messages(0).parts(0).text(), HasSubstr("Greet Ada."));
}

TEST_F(RecordServiceTest, ListsRecords) {
  ASSERT_OK_AND_ASSIGN(
      const auto list,
      Call(*record_, &Stub::ListRecords,
           FromText<v1::ListRecordsRequest>("name: 'acme' filter: 'caller = app'")));
  ASSERT_EQ(list.records_size(), 1);
  EXPECT_EQ(list.records(0).id(), id_);
}

TEST_F(RecordServiceTest, ListsWhatAFilterMatches) {
  const auto list = [&](const std::string& filter) {
    v1::ListRecordsRequest request;
    request.set_name("acme");
    request.set_filter(filter);
    const auto response = Call(*record_, &Stub::ListRecords, request);
    EXPECT_OK(response);
    return response.ok() ? response->records_size() : -1;
  };
  EXPECT_EQ(list("caller = app AND output : \"hello THERE\" AND time > 1h"), 1);
  EXPECT_EQ(list("caller = app AND status = failed"), 0);
}

TEST_F(RecordServiceTest, CountsRecordsByWhatTheyShare) {
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Call(*record_, &Stub::SummarizeRecords,
           FromText<v1::SummarizeRecordsRequest>("name: 'acme' group_by: 'caller'")));
  ASSERT_EQ(response.summaries_size(), 1);
  EXPECT_EQ(response.summaries(0).group(), "app");
  EXPECT_EQ(response.summaries(0).ok_count(), 1);
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(RecordServiceTest, FindsRecordsByTheirOutput) {
  ASSERT_OK_AND_ASSIGN(
      const auto found,
      Call(*record_, &Stub::FindRecords, FromText<v1::FindRecordsRequest>("text: 'Hello there'")));
  ASSERT_EQ(found.records_size(), 1);
  EXPECT_EQ(found.records(0).id(), id_);
}

TEST_F(RecordServiceTest, RecordsWhatTheAppCompletedItself) {
  ASSERT_OK_AND_ASSIGN(const auto rendered, Call(*completion_, &v1::CompletionService::Stub::Render,
                                                 FromText<v1::RenderRequest>(kCall)));
  auto request = FromText<v1::CreateRecordRequest>(
      std::string(kCall) +
      " model: 'mine/m' completion { message { role: ROLE_MODEL parts { text: 'Hey' } } }");
  request.set_rendered_digest(rendered.rendered_digest());
  ASSERT_OK_AND_ASSIGN(const auto created,
                       Call(*record_, &Stub::CreateRecord, request, {{"colophon-caller", "app"}}));
  EXPECT_TRUE(created.record().intent().external());
  EXPECT_EQ(created.record().intent().caller(), "app");
  EXPECT_EQ(created.record().outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_F(RecordServiceTest, AScoreIsKeptWithWhoAndWhen) {
  const auto score = [&](const std::string& scores, const char* caller) {
    return Call(*record_, &Stub::ScoreRecord,
                FromText<v1::ScoreRecordRequest>("id: '" + id_ + "' " + scores),
                {{"colophon-caller", caller}});
  };
  ASSERT_OK(score("scores { name: 'quality' number: 0.9 caller: 'somebody else' }", "ada"));
  ASSERT_OK(
      score("scores { name: 'quality' number: 0.2 note: 'Rude.' }"
            "scores { name: 'right' truth: true }",
            "ada"));
  ASSERT_OK_AND_ASSIGN(const auto said, score("scores { name: 'quality' word: 'bad' }", "bob"));

  v1::GetRecordRequest request;
  request.set_id(id_);
  ASSERT_OK_AND_ASSIGN(const auto got, Call(*record_, &Stub::GetRecord, request));
  ASSERT_EQ(got.record().scores_size(), 4);
  EXPECT_EQ(got.record().scores(0).caller(), "ada");
  EXPECT_TRUE(got.record().scores(0).corrected());
  EXPECT_EQ(got.record().scores(1).note(), "Rude.");
  EXPECT_TRUE(got.record().scores(1).has_score_time());
  EXPECT_TRUE(got.record().scores(2).truth());
  EXPECT_EQ(got.record().scores(3).caller(), "bob");
  ASSERT_EQ(said.scores_size(), 4);
  for (int i = 0; i < 4; ++i)
    EXPECT_THAT(said.scores(i), EqualsProto(got.record().scores(i).DebugString()));

  ASSERT_OK_AND_ASSIGN(const auto again, score("scores { name: 'right' truth: true }", "ada"));
  EXPECT_THAT(again.scores(2), EqualsProto(said.scores(2).DebugString()));
  EXPECT_EQ(again.scores_size(), 4);

  const auto list = [&](const std::string& filter) {
    v1::ListRecordsRequest listing;
    listing.set_name("acme");
    listing.set_filter(filter);
    const auto response = Call(*record_, &Stub::ListRecords, listing);
    EXPECT_OK(response);
    return response.ok() ? response->records_size() : -1;
  };
  EXPECT_EQ(list("score.quality < 0.5 AND score.quality = bad AND score.right = true"), 1);
  EXPECT_EQ(list("score.quality > 0.5"), 0);

  ASSERT_OK_AND_ASSIGN(const auto counted,
                       Call(*record_, &Stub::SummarizeRecords,
                            FromText<v1::SummarizeRecordsRequest>("name: 'acme'")));
  ASSERT_EQ(counted.summaries(0).scores_size(), 2);
  EXPECT_EQ(counted.summaries(0).scores(0).numbers().mean(), 0.2);
  EXPECT_EQ(counted.summaries(0).scores(0).word_counts().at("bad"), 1);
  EXPECT_EQ(counted.summaries(0).scores(1).true_count(), 1);
}

TEST_F(RecordServiceTest, FailuresHaveCodeAndReason) {
  const auto get = [&](const std::string& text) {
    return Call(*record_, &Stub::GetRecord, FromText<v1::GetRecordRequest>(text)).status();
  };
  const auto list = [&](const std::string& text) {
    return Call(*record_, &Stub::ListRecords, FromText<v1::ListRecordsRequest>(text)).status();
  };
  const std::string kScore = "scores { name: 'quality' number: 1 }";
  const auto score = [&](const std::string& text) {
    return Call(*record_, &Stub::ScoreRecord, FromText<v1::ScoreRecordRequest>(text)).status();
  };
  const auto summarize = [&](const std::string& text) {
    return Call(*record_, &Stub::SummarizeRecords, FromText<v1::SummarizeRecordsRequest>(text))
        .status();
  };
  ExpectFailures({
      {"an id", get("id: 'x'"), StatusCode::kInvalidArgument, "BAD_RECORD_ID"},
      {"no such record", get("id: '0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37'"), StatusCode::kNotFound,
       "RECORD_NOT_FOUND"},
      {"no such repository", list("name: 'nowhere'"), StatusCode::kNotFound,
       "REPOSITORY_NOT_FOUND"},
      {"no such prompt", list("name: 'acme/greting'"), StatusCode::kNotFound, "PROMPT_NOT_FOUND"},
      {"a page token", list("name: 'acme' page_token: 'x'"), StatusCode::kInvalidArgument,
       "BAD_PAGE_TOKEN"},
      {"a group", summarize("name: 'acme' group_by: 'weather'"), StatusCode::kInvalidArgument,
       "BAD_GROUP"},
      {"nothing to count", summarize("name: 'acme/greting'"), StatusCode::kNotFound,
       "PROMPT_NOT_FOUND"},
      {"a score of no record", score("id: '0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37' " + kScore),
       StatusCode::kNotFound, "RECORD_NOT_FOUND"},
      {"a score of what is no id", score("id: 'x' " + kScore), StatusCode::kInvalidArgument,
       "BAD_RECORD_ID"},
      {"no score", score("id: '" + id_ + "'"), StatusCode::kInvalidArgument, "BAD_SCORE"},
      {"a list's page token", summarize("name: 'acme' page_token: 'x'"),
       StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"},
      {"a filter", list("name: 'acme' filter: 'latency > fast'"), StatusCode::kInvalidArgument,
       "BAD_FILTER"},
      {"no text", Call(*record_, &Stub::FindRecords, {}).status(), StatusCode::kInvalidArgument,
       "WHICH_OUTPUT"},
      {"another digest",
       Call(*record_, &Stub::CreateRecord,
            FromText<v1::CreateRecordRequest>(std::string(kCall) + " rendered_digest: '" +
                                              std::string(64, '0') + "'"))
           .status(),
       StatusCode::kFailedPrecondition, "RENDERED_MISMATCH"},
  });
}

}  // namespace
}  // namespace colophon
