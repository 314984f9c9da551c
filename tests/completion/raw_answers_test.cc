// What a provider sent is in the record of the call: of each attempt that failed, or as its
// configuration says.

#include "service/base/hash.h"
#include "tests/completion/completion_fixture.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

class RawAnswersTest : public CompletionFixture {
 protected:
  RawAnswersTest() { Configure(config::v1::Provider::KEEP_RAW_UNSPECIFIED); }

  void Configure(config::v1::Provider::KeepRaw keep) {
    provider_configs_.Clear();
    config::v1::Provider* config = provider_configs_.Add();
    config->set_name("model");
    config->set_kind(config::v1::Provider::KIND_OPENAI);
    config->set_base_url(server_.base_url());
    config->set_keep_raw(keep);
    if (store_ != nullptr) Close();
    Open();
  }

  absl::StatusOr<v1::GetRecordResponse> Get(const std::string& id, int attempt = 0) {
    v1::GetRecordRequest request;
    request.set_id(id);
    request.set_raw(true);
    request.set_raw_attempt(attempt);
    return records_->GetRecord(request, {});
  }

  ModelServer server_;
};

TEST_F(RawAnswersTest, OfEachAttemptThatFailed) {
  Publish("greeting", "---\nmodel: model/one\ncolophon.retries: 2\n---\nHello.");
  server_.SetHandler([](const ModelRequest& request) {
    if (request.index == 0) return JsonAnswer(500, R"({"error":{"message":"first"}})");
    if (request.index == 1) return HttpAnswer(503, "second", {"retry-after: 0"});
    return OpenAiAnswer("Hi.");
  });
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(Request("acme/greeting")));
  ASSERT_OK_AND_ASSIGN(const v1::Record record, Record(response.record()));
  ASSERT_EQ(record.outcome().attempts_size(), 3);
  EXPECT_FALSE(record.outcome().attempts(2).has_raw_answer()) << "it did not fail";
  EXPECT_EQ(record.outcome().attempts(0).raw_answer().data(), "") << "asked for, or not there";

  ASSERT_OK_AND_ASSIGN(const auto first, Get(response.record(), 1));
  EXPECT_EQ(first.raw_attempt(), 1);
  const v1::RawAnswer& raw = first.record().outcome().attempts(0).raw_answer();
  EXPECT_THAT(raw.data(), AllOf(StartsWith("HTTP 500\r\n"),
                                EndsWith("\r\n\r\n{\"error\":{\"message\":\"first\"}}")));
  EXPECT_EQ(raw.sha256(), Sha256Hex(raw.data()));
  EXPECT_EQ(raw.byte_count(), std::ssize(raw.data()));
  EXPECT_EQ(first.record().outcome().attempts(1).raw_answer().data(), "");

  // Which one isn't said: the last that has it.
  ASSERT_OK_AND_ASSIGN(const auto last, Get(response.record()));
  EXPECT_EQ(last.raw_attempt(), 2);
  EXPECT_THAT(last.record().outcome().attempts(1).raw_answer().data(), EndsWith("second"));

  EXPECT_THAT(Get(response.record(), 3),
              ErrorIs(kNotFound, "RAW_ANSWER_NOT_KEPT", HasSubstr("KEEP_RAW_ALWAYS")));
  EXPECT_THAT(Get(response.record(), 4),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_ATTEMPT", HasSubstr("has 3")));
  EXPECT_THAT(Get(response.record(), -1),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_ATTEMPT"));
  ASSERT_OK_AND_ASSIGN(const auto verified, store_->Verify());
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
}

// The bytes of a stream that broke off, and those that its caller cancelled.
TEST_F(RawAnswersTest, OfAStreamThatIsCut) {
  Publish("greeting", "---\nmodel: model/one\n---\nHello.");
  server_.SetHandler([](const ModelRequest&) {
    return ModelAnswer().Send(HttpChunkedHead()).Send(HttpChunk(OpenAiTextEvent("Hel"))).Reset();
  });
  const auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  completer_->Start({}, Request("acme/greeting"), sink, ending.Done());
  const absl::Status end = ending.Wait().status();
  ASSERT_OK_AND_ASSIGN(const auto found, Get(MetadataOf(end)["record"]));
  EXPECT_EQ(found.record().outcome().status(), v1::RECORD_STATUS_CUT);
  EXPECT_THAT(found.record().outcome().attempts(0).raw_answer().data(),
              AllOf(StartsWith("HTTP 200\r\n"), EndsWith(OpenAiTextEvent("Hel"))));
}

TEST_F(RawAnswersTest, OfAllOrOfNoneByTheConfiguration) {
  Publish("greeting", "---\nmodel: model/one\n---\nHello.");
  bool fails = false;
  server_.SetHandler(
      [&](const ModelRequest&) { return fails ? JsonAnswer(500, "{}") : OpenAiAnswer("Hi."); });
  const auto kept = [&] {
    const auto response = Complete(Request("acme/greeting"));
    return Get(response.ok() ? response->record() : MetadataOf(response.status())["record"]);
  };
  EXPECT_THAT(kept(), ErrorIs(kNotFound, "RAW_ANSWER_NOT_KEPT"));
  Configure(config::v1::Provider::KEEP_RAW_ALWAYS);
  ASSERT_OK_AND_ASSIGN(const auto always, kept());
  EXPECT_THAT(always.record().outcome().attempts(0).raw_answer().data(), HasSubstr("Hi."));
  Configure(config::v1::Provider::KEEP_RAW_NEVER);
  fails = true;
  EXPECT_THAT(kept(), ErrorIs(kNotFound, "RAW_ANSWER_NOT_KEPT"));
}

// By the first digits of its id, too.
TEST_F(RawAnswersTest, ARecordIsFoundByTheBeginningOfItsId) {
  Publish("greeting", "---\nmodel: echo/echo\n---\nHello.");
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(Request("acme/greeting")));
  v1::GetRecordRequest request;
  request.set_id(response.record().substr(0, 13));
  ASSERT_OK_AND_ASSIGN(const auto found, records_->GetRecord(request, {}));
  EXPECT_EQ(found.record().id(), response.record());
}

// Those that were called by the draft's name, or by a commit that it has.
TEST_F(RawAnswersTest, RecordsOfADraftAreListed) {
  Publish("greeting", "---\nmodel: echo/echo\n---\nHello.");
  v1::PublishRequest draft;
  draft.set_repository("acme");
  draft.set_branch("short");
  draft.set_description("short");
  draft.add_edits()->set_path("greeting.prompt");
  draft.mutable_edits(0)->set_content("---\nmodel: echo/echo\n---\nHi.");
  PublishChange(draft);
  ASSERT_OK(Complete(Request("acme/greeting")));
  ASSERT_OK_AND_ASSIGN(const auto called, Complete(Request("acme/greeting@heads/short")));
  ASSERT_OK_AND_ASSIGN(const auto tried, Complete(Request("acme/greeting@" + called.commit())));
  v1::ListRecordsRequest list;
  list.set_name("acme/greeting@heads/short");
  ASSERT_OK_AND_ASSIGN(const auto found, records_->ListRecords(list, {}));
  ASSERT_EQ(found.records_size(), 2);
  EXPECT_EQ(found.records(0).id(), tried.record());
  EXPECT_EQ(found.records(1).id(), called.record());
  list.set_name("acme/greeting@heads/shor");
  EXPECT_THAT(records_->ListRecords(list, {}), ErrorIs(kNotFound, "BRANCH_NOT_FOUND"));
}

}  // namespace
}  // namespace colophon
