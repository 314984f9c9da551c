#include "service/completion/records.h"

#include "service/base/hash.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kShortGreeting[] =
    "---\nmodel: scripted/one\ncolophon.overrides: [model]\n---\nHello {{name}}.";

class RecordsTest : public CompletionFixture {
 protected:
  RecordsTest() {
    Script({Says({"Hi, Ada."})});
    Publish("greeting", kShortGreeting);
  }

  std::string CompletedRecord() {
    auto response = Complete(Request("acme/greeting", {{"name", "Ada"}}));
    EXPECT_OK(response);
    return response.ok() ? response->record() : "";
  }

  absl::StatusOr<v1::GetRecordResponse> Get(const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    request.set_rendered(true);
    return records_->GetRecord(request, {});
  }

  void Append(const v1::Record& record) {
    std::promise<absl::Status> written;
    store_->AppendRecord(record, "", [&](absl::Status status) { written.set_value(status); });
    ASSERT_OK(written.get_future().get());
  }

  // Of a record that there isn't.
  static std::string OtherId(std::string id) {
    id.back() = id.back() == 'f' ? '0' : static_cast<char>(id.back() == '9' ? 'a' : id.back() + 1);
    return id;
  }

  absl::StatusOr<v1::Record> Create(v1::CreateRecordRequest request) {
    std::promise<absl::StatusOr<v1::CreateRecordResponse>> created;
    records_->CreateRecord(&request, {.caller = "shop", .traceparent = "", .time_left = {}},
                           [&](auto response) { created.set_value(std::move(response)); });
    auto response = created.get_future().get();
    if (!response.ok()) return response.status();
    return response->record();
  }
};

// Promise 5: what was sent can be rebuilt byte for byte.
TEST_F(RecordsTest, WhatWasSentIsRebuiltAfterTheLabelMovedAndTheServerRestarted) {
  const std::string id = CompletedRecord();
  Publish("greeting", "---\nmodel: scripted/two\n---\nGood day {{name}}.");
  Open();
  Script({Says({"unused"})});
  ASSERT_OK_AND_ASSIGN(const auto response, Get(id));
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_TRUE(response.rendered_verified());
  EXPECT_TRUE(response.request_verified());
  EXPECT_EQ(response.rendered().messages(0).parts(0).text(), "Hello Ada.");
  EXPECT_EQ(response.rendered().model(), "scripted/one");
}

TEST_F(RecordsTest, OverridesAreRebuiltToo) {
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  request.mutable_overrides()->set_model("scripted/big");
  ASSERT_OK_AND_ASSIGN(const auto completed, Complete(request));
  ASSERT_OK_AND_ASSIGN(const auto response, Get(completed.record()));
  EXPECT_EQ(response.rendered().model(), "scripted/big");
  EXPECT_TRUE(response.request_verified());
}

TEST_F(RecordsTest, ARecordThatDoesntRenderToItsDigestIsDataLoss) {
  CompletedRecord();
  v1::Record forged = OnlyRecord();
  forged.set_id("0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37");
  forged.mutable_intent()->set_variables_json(R"({"name":"Eve"})");
  Append(forged);
  EXPECT_THAT(Get(forged.id()), ErrorIs(absl::StatusCode::kDataLoss, "RECORD_UNREPRODUCIBLE",
                                        HasSubstr(forged.id())));
}

TEST_F(RecordsTest, RefusesIdsThatAreNone) {
  EXPECT_THAT(Get("42"), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_RECORD_ID"));
  EXPECT_THAT(Get("0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37"),
              ErrorIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
}

TEST_F(RecordsTest, ListsByWhatTheNameSays) {
  const std::string id = CompletedRecord();
  for (const char* name :
       {"acme", "acme/greeting", "acme/greeting@v1", "acme/greeting@production"}) {
    v1::ListRecordsRequest request;
    request.set_name(name);
    ASSERT_OK_AND_ASSIGN(const auto response, records_->ListRecords(request, Call()));
    ASSERT_EQ(response.records_size(), 1) << name;
    EXPECT_EQ(response.records(0).id(), id);
  }
  v1::ListRecordsRequest request;
  request.set_name("nobody");
  EXPECT_THAT(records_->ListRecords(request, Call()),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
  request.set_name("acme/greeting@heads/x");
  EXPECT_THAT(records_->ListRecords(request, Call()),
              ErrorIs(absl::StatusCode::kNotFound, "BRANCH_NOT_FOUND"));
}

// A misspelt name read as "nothing happened".
TEST_F(RecordsTest, ANameThatIsntThereIsToldWithTheClosest) {
  CompletedRecord();
  Publish("support/reply", "---\nmodel: scripted/one\n---\nHi.");
  struct Case {
    const char *name, *filter, *reason, *told;
  };
  for (const Case& c : std::vector<Case>{
           {"acme/greting", "", "PROMPT_NOT_FOUND", "\"greeting\""},
           {"acme/greting@v1", "", "PROMPT_NOT_FOUND", "\"greeting\""},
           {"acme/suport", "", "PROMPT_NOT_FOUND", "\"support\""},
           {"acme/support", "", "PROMPT_NOT_FOUND", "it is a folder, with \"support/reply\""},
           {"acme/greeting@v2", "", "VERSION_NOT_FOUND", "the newest is v1"},
           {"acme/greeting@prodution", "", "LABEL_NOT_FOUND", "production"},
           {"acme", "prompt = greting", "PROMPT_NOT_FOUND", "\"greeting\""},
           {"acme", "prompt = greeting AND version = 7", "VERSION_NOT_FOUND", "v1"},
           {"acme/greeting", "label = prodution", "LABEL_NOT_FOUND", "production"},
       }) {
    v1::ListRecordsRequest request;
    request.set_name(c.name);
    request.set_filter(c.filter);
    EXPECT_THAT(records_->ListRecords(request, Call()),
                ErrorIs(absl::StatusCode::kNotFound, c.reason, HasSubstr(c.told)))
        << c.name << " " << c.filter;
  }
  for (const char* name : {"acme/greeting@latest", "acme/support/reply", "acme/support/reply@v1"}) {
    v1::ListRecordsRequest request;
    request.set_name(name);
    ASSERT_OK_AND_ASSIGN(const auto response, records_->ListRecords(request, Call()));
    EXPECT_EQ(response.records_size(), 0) << name;
  }
}

// Its calls were made by it, whatever became of it.
TEST_F(RecordsTest, ALabelThatIsGoneCanBeAskedFor) {
  const std::string id = CompletedRecord();
  v1::DeleteLabelRequest remove;
  remove.set_name("acme/greeting@production");
  std::promise<absl::Status> removed;
  registry_->DeleteLabel(remove, {},
                         [&](const auto& response) { removed.set_value(response.status()); });
  ASSERT_OK(removed.get_future().get());
  v1::ListRecordsRequest request;
  request.set_name("acme/greeting@production");
  ASSERT_OK_AND_ASSIGN(const auto response, records_->ListRecords(request, Call()));
  ASSERT_EQ(response.records_size(), 1);
  EXPECT_EQ(response.records(0).id(), id);
}

TEST_F(RecordsTest, ARecordTellsWhoPublishedItsVersionAndWhy) {
  ASSERT_OK_AND_ASSIGN(const auto response, Get(CompletedRecord()));
  const v1::Version& published = response.published();
  const v1::Version& version = registry_->Resolve("acme/greeting@v1", {}, Call())->loaded->version;
  EXPECT_EQ(published.name(), "acme/greeting@v1");
  EXPECT_EQ(published.author(), version.author());
  EXPECT_EQ(published.description(), version.description());
  EXPECT_EQ(published.sequence(), version.sequence());
  for (const v1::File& file : published.files()) EXPECT_THAT(file.content(), IsEmpty());
}

// What was sent, byte for byte, and never something else that looks like it.
TEST_F(RecordsTest, TheRequestIsBuiltAgainOrRefused) {
  const std::string id = CompletedRecord();
  v1::GetRecordRequest request;
  request.set_id(id);
  request.set_request(true);
  ASSERT_OK_AND_ASSIGN(const auto response, records_->GetRecord(request, Call()));
  EXPECT_TRUE(response.request_verified());
  EXPECT_EQ(Sha256Hex(response.request_body()), response.record().intent().request_digest());
  EXPECT_FALSE(response.has_rendered());

  v1::Record forged = OnlyRecord();
  forged.set_id(OtherId(forged.id()));
  forged.mutable_intent()->set_request_digest(std::string(64, '0'));
  Append(forged);
  request.set_id(forged.id());
  EXPECT_THAT(records_->GetRecord(request, Call()),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "REQUEST_UNREPRODUCIBLE",
                      HasSubstr(std::string(64, '0'))));
  EXPECT_FALSE(Get(forged.id())->request_verified());
  forged.set_id(OtherId(forged.id()));
  forged.mutable_intent()->clear_request_digest();
  Append(forged);
  request.set_id(forged.id());
  EXPECT_THAT(records_->GetRecord(request, Call()),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "REQUEST_UNREPRODUCIBLE",
                      HasSubstr("the app called the model itself")));
}

TEST_F(RecordsTest, APastedAnswerNamesItsRecord) {
  const std::string id = CompletedRecord();
  v1::FindRecordsRequest request;
  request.set_text("Hi, Ada.");
  ASSERT_OK_AND_ASSIGN(const auto response, records_->FindRecords(request, Call()));
  ASSERT_EQ(response.records_size(), 1);
  EXPECT_EQ(response.records(0).id(), id);
}

// For an output that is larger than a message may be.
TEST_F(RecordsTest, AnAnswersDigestNamesItsRecordToo) {
  const std::string id = CompletedRecord();
  v1::FindRecordsRequest request;
  request.set_output_digest(Sha256Hex("Hi, Ada."));
  ASSERT_OK_AND_ASSIGN(const auto response, records_->FindRecords(request, Call()));
  ASSERT_EQ(response.records_size(), 1);
  EXPECT_EQ(response.records(0).id(), id);

  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  request.set_text("Hi, Ada.");
  EXPECT_THAT(records_->FindRecords(request, Call()),
              ErrorIs(kInvalid, "WHICH_OUTPUT", HasSubstr("both")));
  request.clear_text();
  for (const std::string& bad : {std::string("abc"), std::string(64, 'g'), std::string(64, 'A'),
                                 std::string(62, 'a'), std::string(66, 'a')}) {
    request.set_output_digest(bad);
    EXPECT_THAT(records_->FindRecords(request, Call()), ErrorIs(kInvalid, "BAD_DIGEST")) << bad;
  }
  request.clear_output_digest();
  EXPECT_THAT(records_->FindRecords(request, Call()),
              ErrorIs(kInvalid, "WHICH_OUTPUT", HasSubstr("neither")));
}

// A commit was looked for in every record of the prompt: 32 who asked for one that
// isn't there held all workers for 1.6 s.
TEST_F(RecordsTest, ACommitMeansAVersionAndIsRefusedWhenThereIsNone) {
  const std::string id = CompletedRecord();
  v1::ListRecordsRequest request;
  const std::string commit =
      registry_->Resolve("acme/greeting@v1", {}, Call())->loaded->version.commit();
  for (const std::string& hex : {commit, commit.substr(0, 8)}) {
    request.set_name("acme/greeting@" + hex);
    ASSERT_OK_AND_ASSIGN(const auto response, records_->ListRecords(request, Call()));
    ASSERT_EQ(response.records_size(), 1) << hex;
    EXPECT_EQ(response.records(0).id(), id);
  }
  for (const std::string& hex : {std::string("abcdef0"), std::string(40, 'a')}) {
    request.set_name("acme/greeting@" + hex);
    EXPECT_THAT(records_->ListRecords(request, Call()),
                ErrorIs(absl::StatusCode::kNotFound, "COMMIT_NOT_FOUND"));
  }
}

TEST_F(RecordsTest, AnAppThatCallsTheModelItselfLeavesARecordToo) {
  v1::RenderRequest render;
  render.set_name("acme/greeting");
  render.set_variables_json(R"({"name": "Ada"})");
  ASSERT_OK_AND_ASSIGN(const auto rendered, completer_->Render(&render, {}));
  v1::CreateRecordRequest request;
  request.set_name(rendered.version());
  request.set_variables_json(R"({"name": "Ada"})");
  request.set_rendered_digest(rendered.rendered_digest());
  request.mutable_completion()->mutable_message()->add_parts()->set_text("By the app.");
  request.set_model("local/llama");
  ASSERT_OK_AND_ASSIGN(const v1::Record record, Create(request));
  EXPECT_TRUE(record.intent().external());
  EXPECT_EQ(record.intent().caller(), "shop");
  EXPECT_EQ(record.outcome().output_digest(), Sha256Hex("By the app."));
  ASSERT_OK_AND_ASSIGN(const auto response, Get(record.id()));
  EXPECT_TRUE(response.rendered_verified());
  EXPECT_FALSE(response.request_verified());
}

// What Render answered is recorded, whatever the label means by then.
TEST_F(RecordsTest, ARecordHasTheVersionAndTheLabelThatRenderAnswered) {
  v1::RenderRequest render;
  render.set_name("acme/greeting");
  ASSERT_OK_AND_ASSIGN(const auto rendered, completer_->Render(&render, {}));
  EXPECT_EQ(rendered.label(), "production");
  Publish("greeting", "---\nmodel: scripted/two\n---\nGood day {{name}}.");
  v1::CreateRecordRequest request;
  request.set_name("acme/greeting");
  request.set_version(rendered.version());
  request.set_label(rendered.label());
  request.set_rendered_digest(rendered.rendered_digest());
  ASSERT_OK_AND_ASSIGN(const v1::Record record, Create(request));
  EXPECT_EQ(record.intent().version(), 1u);
  EXPECT_EQ(record.intent().label(), "production");
  EXPECT_EQ(record.intent().reference(), "acme/greeting");

  const auto expect_bad = [&](const std::string& version, const std::string& label,
                              const char* reason) {
    request.set_version(version);
    request.set_label(label);
    EXPECT_THAT(Create(request), ErrorIs(absl::StatusCode::kInvalidArgument, reason))
        << version << " " << label;
  };
  expect_bad("acme/greeting", "", "BAD_VERSION");
  expect_bad("acme/greeting@production", "", "BAD_VERSION");
  expect_bad("acme/other@v1", "", "BAD_VERSION");
  expect_bad("other/greeting@v1", "", "BAD_VERSION");
  expect_bad("acme/greeting@v1", "Produktion", "BAD_LABEL");
  expect_bad("", "production", "BAD_LABEL");
}

TEST_F(RecordsTest, ARepeatedRequestGivesTheFirstOnesRecord) {
  v1::CreateRecordRequest request;
  request.set_name("acme/greeting@v1");
  request.mutable_completion()->mutable_message()->add_parts()->set_text("By the app.");
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const v1::Record first, Create(request));
  Open();
  ASSERT_OK_AND_ASSIGN(const v1::Record again, Create(request));
  EXPECT_EQ(again.DebugString(), first.DebugString());
  EXPECT_EQ(OnlyRecord().DebugString(), first.DebugString());
  request.set_request_id("r2");
  ASSERT_OK_AND_ASSIGN(const v1::Record other, Create(request));
  EXPECT_NE(other.id(), first.id());

  request.mutable_completion()->mutable_message()->mutable_parts(0)->set_text("Another.");
  EXPECT_THAT(Create(request),
              ErrorIs(absl::StatusCode::kAlreadyExists, "REQUEST_EXISTS", HasSubstr(other.id())));
  request.set_request_id(std::string(65, 'r'));
  EXPECT_THAT(Create(request), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST_ID"));
  request.set_request_id("a\nb");
  EXPECT_THAT(Create(request), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST_ID"));
}

TEST_F(RecordsTest, ARecordOfAnotherRenderingIsRefused) {
  v1::CreateRecordRequest request;
  request.set_name("acme/greeting@v1");
  request.set_rendered_digest(std::string(64, '0'));
  EXPECT_THAT(Create(request), ErrorIs(absl::StatusCode::kFailedPrecondition, "RENDERED_MISMATCH"));
  request.clear_rendered_digest();
  request.set_status(v1::RECORD_STATUS_OPEN);
  EXPECT_THAT(Create(request), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_STATUS"));
}

}  // namespace
}  // namespace colophon
