#include "service/completion/completer.h"

#include <future>
#include <new>
#include <string>

#include "service/base/hash.h"
#include "service/completion/prepared_call.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CompleterTest : public CompletionFixture {};

TEST_F(CompleterTest, AnAnswerComesWithItsRecordVersionAndCommit) {
  ScriptedProvider* provider = Script({Says({"Hi, ", "Ada."})});
  Publish("greeting", kGreeting);
  Call context;
  context.caller = "shop";
  context.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  request.set_subject("customer-7");
  (*request.mutable_tags())["ticket"] = "42";
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request, context));

  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_EQ(response.completion().message().parts(0).text(), "Hi, Ada.");
  EXPECT_EQ(response.completion().stop_reason(), v1::STOP_REASON_END);
  EXPECT_EQ(response.model(), "scripted/one");

  ASSERT_OK_AND_ASSIGN(const v1::Record record, Record(response.record()));
  const v1::Intent& intent = record.intent();
  EXPECT_EQ(intent.repository(), "acme");
  EXPECT_EQ(intent.prompt(), "greeting");
  EXPECT_EQ(intent.version(), 1u);
  EXPECT_EQ(intent.commit(), response.commit());
  EXPECT_EQ(intent.reference(), "acme/greeting");
  EXPECT_EQ(intent.label(), "production");
  EXPECT_EQ(intent.caller(), "shop");
  EXPECT_EQ(intent.traceparent(), context.traceparent);
  EXPECT_EQ(intent.tags().at("ticket"), "42");
  EXPECT_EQ(intent.subject(), "customer-7");
  EXPECT_EQ(intent.variables_json(), R"({"name":"Ada"})");
  ASSERT_EQ(provider->call_count(), 1);
  EXPECT_EQ(intent.request_digest(), Sha256Hex(provider->bodies()[0]));
  const v1::Outcome& outcome = record.outcome();
  EXPECT_EQ(outcome.status(), v1::RECORD_STATUS_OK);
  EXPECT_EQ(outcome.piece_count(), 2);
  EXPECT_EQ(outcome.output_digest(), Sha256Hex("Hi, Ada."));
  EXPECT_EQ(outcome.attempts_size(), 1);
  EXPECT_TRUE(outcome.has_first_piece_latency());
  EXPECT_TRUE(outcome.has_latency());
}

// Promise 1: the intent is durable before the first byte goes to a provider.
TEST_F(CompleterTest, TheIntentIsThereWhenTheProviderIsCalled) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  std::vector<std::string> open_at_start;
  provider->set_on_start(
      [&](const ProviderRequest&) { open_at_start = *store_->ListOpenRecords(); });
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(Request("acme/greeting", {{"name", "A"}})));
  EXPECT_THAT(open_at_start, ElementsAre(response.record()));
}

TEST_F(CompleterTest, AStreamIsAStartThenPiecesThenTheWhole) {
  Script({Says({"one ", "two ", "three"})});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_OK_AND_ASSIGN(const auto response, ending.Wait());
  const auto messages = sink->messages();
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].start().record(), response.record());
  EXPECT_EQ(messages[0].start().version(), "acme/greeting@v1");
  EXPECT_EQ(sink->text(), "one two three");
  EXPECT_EQ(OutputText(response.completion()), "one two three");
  EXPECT_TRUE(Record(response.record())->intent().stream());
}

TEST_F(CompleterTest, ACallCutAfter40PiecesHasARecordWithThose40PiecesAndSaysSo) {
  colophon::Script script = Says(std::vector<std::string>(40, "x"));
  script.push_back({"", nullptr, Unavailable("PROVIDER_CUT", "broke off")});
  Script({script});
  Publish("greeting", kGreeting);
  const auto response = Complete(Request("acme/greeting", {{"name", "Ada"}}));
  EXPECT_THAT(response,
              ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT", HasSubstr("broke off")));
  const v1::Record record = OnlyRecord();
  EXPECT_EQ(MetadataOf(response.status()).at("record"), record.id());
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_CUT);
  EXPECT_EQ(record.outcome().piece_count(), 40);
  EXPECT_EQ(OutputText(record.outcome().completion()), std::string(40, 'x'));
  EXPECT_EQ(record.outcome().error_reason(), "PROVIDER_CUT");
  EXPECT_FALSE(record.outcome().completion().has_usage());
}

TEST_F(CompleterTest, ACallerThatGoesAwayLeavesWhatHadArrived) {
  auto gate = std::make_shared<Gate>();
  colophon::Script script = Says({"one ", "two "});
  script.push_back({"", gate, absl::OkStatus()});
  script.push_back({"three", nullptr, absl::OkStatus()});
  Script({script});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  auto call =
      completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_TRUE(gate->WaitForArrivals(1));
  call->Cancel();
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"));
  const v1::Record record = OnlyRecord();
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_CANCELLED);
  EXPECT_EQ(OutputText(record.outcome().completion()), "one two ");
  EXPECT_FALSE(record.outcome().completion().has_usage());
}

TEST_F(CompleterTest, ADrainedCallIsCancelledAndHasItsWholeOutputAndUsage) {
  options_.drain_when_caller_gone = true;
  Open();
  auto gate = std::make_shared<Gate>();
  colophon::Script script = Says({"one "});
  script.push_back({"", gate, absl::OkStatus()});
  script.push_back({"two", nullptr, absl::OkStatus()});
  Script({script});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  auto call =
      completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_TRUE(gate->WaitForArrivals(1));
  call->Cancel();
  gate->Open();
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kCancelled, "CANCELLED"));
  const v1::Record record = OnlyRecord();
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_CANCELLED);
  EXPECT_EQ(OutputText(record.outcome().completion()), "one two");
  EXPECT_TRUE(record.outcome().completion().usage().has_output_tokens());
}

TEST_F(CompleterTest, ADeadlineEndsACallThatWaits) {
  auto gate = std::make_shared<Gate>();
  Script({{{"", gate, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  *request.mutable_timeout() = ToProto(absl::Milliseconds(50));
  EXPECT_THAT(Complete(request), ErrorIs(absl::StatusCode::kDeadlineExceeded, "CALL_TIMEOUT"));
  EXPECT_EQ(OnlyRecord().outcome().status(), v1::RECORD_STATUS_TIMED_OUT);
}

TEST_F(CompleterTest, AProviderThatFailsBeforeAPieceIsTriedAgainAndThenFallenBackFrom) {
  ScriptedProvider* first = Script({Fails(Unavailable("PROVIDER_UNAVAILABLE", "503"))});
  ScriptedProvider* second = Script({Says({"Hi."})}, "second");
  Publish("greeting", R"(---
model: scripted/one
colophon.retries: 1
colophon.fallbacks: [second/two]
---
Hello)");
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(Request("acme/greeting")));
  EXPECT_EQ(first->call_count(), 2);
  EXPECT_EQ(second->call_count(), 1);
  EXPECT_EQ(response.model(), "second/two");
  const v1::Record record = OnlyRecord();
  ASSERT_EQ(record.outcome().attempts_size(), 3);
  EXPECT_EQ(record.outcome().attempts(1).error_reason(), "PROVIDER_UNAVAILABLE");
  EXPECT_EQ(record.outcome().attempts(2).error_reason(), "");
  EXPECT_EQ(record.outcome().model(), "second/two");
}

TEST_F(CompleterTest, AFallbackIsNotTriedAfterTheFirstPiece) {
  colophon::Script script = Says({"one"});
  script.push_back({"", nullptr, Unavailable("PROVIDER_CUT", "broke off")});
  Script({script});
  ScriptedProvider* second = Script({Says({"Hi."})}, "second");
  Publish("greeting", "---\nmodel: scripted/one\ncolophon.fallbacks: [second/two]\n---\nHello");
  EXPECT_THAT(Complete(Request("acme/greeting")),
              ErrorIs(absl::StatusCode::kUnavailable, "PROVIDER_CUT"));
  EXPECT_EQ(second->call_count(), 0);
}

TEST_F(CompleterTest, AnErrorThatARetryWontMendIsNotRetried) {
  ScriptedProvider* provider = Script({Fails(InvalidArgument("PROVIDER_REJECTED", "bad request"))});
  Publish("greeting", "---\nmodel: scripted/one\ncolophon.retries: 3\n---\nHello");
  EXPECT_THAT(Complete(Request("acme/greeting")),
              ErrorIs(absl::StatusCode::kInvalidArgument, "PROVIDER_REJECTED"));
  EXPECT_EQ(provider->call_count(), 1);
  EXPECT_EQ(OnlyRecord().outcome().status(), v1::RECORD_STATUS_FAILED);
}

TEST_F(CompleterTest, OverridesAreAppliedWhereAllowedAndRecorded) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  request.mutable_overrides()->set_model("scripted/other");
  (*request.mutable_overrides()->mutable_config()->mutable_fields())["temperature"]
      .set_number_value(0.25);
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request));
  EXPECT_EQ(response.model(), "scripted/other");
  EXPECT_THAT(provider->bodies()[0], HasSubstr("\"temperature\":0.25"));
  EXPECT_EQ(OnlyRecord().intent().overrides().model(), "scripted/other");
}

// What the front matter names is its author's; the rest is the caller's.
TEST_F(CompleterTest, ACallDecidesWhatTheFrontMatterDoesntName) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("bare", "Hello {{name}}.");
  v1::CompleteRequest request = Request("acme/bare", {{"name", "Ada"}});
  request.mutable_overrides()->set_model("scripted/other");
  (*request.mutable_overrides()->mutable_config()->mutable_fields())["topP"].set_number_value(0.5);
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request));
  EXPECT_EQ(response.model(), "scripted/other");
  EXPECT_THAT(provider->bodies()[0], HasSubstr("\"topP\":0.5"));
}

TEST_F(CompleterTest, StopCutsWhatStillRunsAndRecordsIt) {
  auto gate = std::make_shared<Gate>();
  colophon::Script script = Says({"one "});
  script.push_back({"", gate, absl::OkStatus()});
  Script({script});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_TRUE(gate->WaitForArrivals(1));
  completer_->Stop(clock_->Now());
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(OnlyRecord().outcome().status(), v1::RECORD_STATUS_CUT);
  EXPECT_THAT(Complete(Request("acme/greeting")),
              ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
}

// Nothing had come of an answer that could be cut.
TEST_F(CompleterTest, AStopBeforeTheFirstPieceIsAFailure) {
  auto gate = std::make_shared<Gate>();
  Script({{{"", gate, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), nullptr, ending.Done());
  ASSERT_TRUE(gate->WaitForArrivals(1));
  completer_->Stop(clock_->Now());
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(OnlyRecord().outcome().status(), v1::RECORD_STATUS_FAILED);
}

// Kind: what a thing took, told by a clock that people set.
class SetClockTest : public CompleterTest {
 protected:
  SetClockTest() {
    clock_ = &fake_;
    Open();
    Publish("greeting", kGreeting);
  }
  ~SetClockTest() override { Close(); }

  FakeClock fake_;
};

TEST_F(SetClockTest, ACallTakesAsLongAsItTakesWhoeverSetsTheClock) {
  const absl::Time start = fake_.Now();
  for (const absl::Duration step : {-absl::Hours(2), absl::Hours(2), absl::Hours(80 * 365 * 24)}) {
    fake_.Set(start);
    auto gate = std::make_shared<Gate>();
    Script({{{"", gate, absl::OkStatus()}, {"one ", nullptr, absl::OkStatus()}}});
    Ending ending;
    // Its deadline is nearer than the clock's step.
    completer_->Start({.caller = "app", .traceparent = "", .time_left = absl::Seconds(30)},
                      Request("acme/greeting", {{"name", "Ada"}}), nullptr, ending.Done());
    ASSERT_TRUE(gate->WaitForArrivals(1));
    fake_.Advance(absl::Seconds(1));
    fake_.Set(start + step);
    gate->Open();
    const auto response = ending.Wait();
    ASSERT_OK(response);
    ASSERT_OK_AND_ASSIGN(const v1::Record record, Record(response->record()));
    const v1::Outcome& outcome = record.outcome();
    EXPECT_EQ(outcome.status(), v1::RECORD_STATUS_OK);
    EXPECT_EQ(FromProto(outcome.latency()), absl::Seconds(1));
    EXPECT_EQ(FromProto(outcome.first_piece_latency()), absl::Seconds(1));
    EXPECT_EQ(FromProto(outcome.attempts(0).start_offset()), absl::ZeroDuration());
    EXPECT_EQ(FromProto(record.intent().start_time()), start);
    EXPECT_EQ(FromProto(outcome.end_time()), start + absl::Seconds(1));
  }
}

TEST_F(SetClockTest, ACallBegunAfterAStepBackHasAllOfItsTime) {
  fake_.Advance(absl::Hours(3));
  fake_.Set(fake_.Now() - absl::Hours(2));
  Script({Says({"Hi."})});
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Complete(Request("acme/greeting", {{"name", "Ada"}}),
                                {.caller = "", .traceparent = "", .time_left = absl::Seconds(30)}));
  EXPECT_EQ(Record(response.record())->outcome().status(), v1::RECORD_STATUS_OK);
}

// Nothing that is known throws; were it to happen, the caller hears of it and
// the server can stop.
TEST_F(CompleterTest, AnExceptionEndsItsCallOnly) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  provider->set_on_start([](const ProviderRequest&) { throw std::bad_alloc(); });
  Publish("greeting", kGreeting);
  EXPECT_THAT(Complete(Request("acme/greeting", {{"name", "Ada"}})),
              ErrorIs(absl::StatusCode::kInternal, "BUG"));
  completer_->Stop(clock_->Now());  // Waits until no call runs.
}

TEST_F(CompleterTest, WhatCantBeSentIsRefusedAndNotRecorded) {
  Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  Publish("modelless", "Hello {{name}}");
  Publish("strict", "---\nmodel: scripted/one\ninput:\n  schema:\n    name: string\n---\n{{name}}");
  Publish("firm", "---\nmodel: scripted/one\nconfig:\n  topP: 0.9\n---\nHello {{name}}");
  v1::CompleteRequest override_request = Request("acme/firm", {{"name", "A"}});
  (*override_request.mutable_overrides()->mutable_config()->mutable_fields())["topP"]
      .set_number_value(1);
  v1::CompleteRequest other_model = Request("acme/firm", {{"name", "A"}});
  other_model.mutable_overrides()->set_model("scripted/other");
  v1::CompleteRequest unknown_provider = Request("acme/greeting", {{"name", "A"}});
  unknown_provider.mutable_overrides()->set_model("nobody/x");
  v1::CompleteRequest bad_tag = Request("acme/greeting", {{"name", "A"}});
  (*bad_tag.mutable_tags())[std::string(300, 'k')] = "v";

  struct Case {
    v1::CompleteRequest request;
    absl::StatusCode code;
    const char* reason;
  };
  const Case kCases[] = {
      {Request("acme/../x"), absl::StatusCode::kInvalidArgument, "BAD_REFERENCE"},
      {Request("nobody/greeting"), absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"},
      {Request("acme/none"), absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"},
      {Request("acme/greeting@v9"), absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"},
      {Request("acme/greeting@staging"), absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"},
      {Request("acme/modelless"), absl::StatusCode::kFailedPrecondition, "MODEL_MISSING"},
      {Request("acme/strict"), absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE"},
      {override_request, absl::StatusCode::kFailedPrecondition, "OVERRIDE_NOT_ALLOWED"},
      {other_model, absl::StatusCode::kFailedPrecondition, "OVERRIDE_NOT_ALLOWED"},
      {unknown_provider, absl::StatusCode::kFailedPrecondition, "PROVIDER_UNKNOWN"},
      {bad_tag, absl::StatusCode::kInvalidArgument, "BAD_TAG"},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(Complete(c.request), ErrorIs(c.code, c.reason)) << c.request.ShortDebugString();
  }
  RecordQuery query;
  query.repository = "acme";
  EXPECT_TRUE(store_->ListRecords(query)->empty());
}

TEST_F(CompleterTest, RenderCallsNothingAndRecordsNothing) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  v1::RenderRequest request;
  request.set_name("acme/greeting@v1");
  (*request.mutable_variables()->mutable_fields())["name"].set_string_value("Ada");
  ASSERT_OK_AND_ASSIGN(const auto response, completer_->Render(&request, {}));
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  ASSERT_EQ(response.rendered().messages_size(), 2);
  EXPECT_THAT(response.rendered().messages(1).parts(0).text(), HasSubstr("Hello Ada."));
  EXPECT_EQ(provider->call_count(), 0);
  RecordQuery query;
  query.repository = "acme";
  EXPECT_TRUE(store_->ListRecords(query)->empty());
}

}  // namespace
}  // namespace colophon
