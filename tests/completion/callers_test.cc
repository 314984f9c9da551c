// What one caller may hold of the server, and how one that is slow is met.

#include <string>

#include "gmock/gmock.h"
#include "service/completion/completer.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

class CallersTest : public CompletionFixture {};

TEST_F(CallersTest, ASlowCallerHoldsItsProviderBack) {
  auto gate = std::make_shared<Gate>();
  colophon::Script script = Says({"one", "two"});
  script.push_back({"", gate, absl::OkStatus()});
  Script({script});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  sink->Pause();
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_TRUE(sink->WaitFor(1));  // The start, not taken.
  EXPECT_EQ(sink->messages().size(), 1u);
  sink->Resume();
  ASSERT_TRUE(gate->WaitForArrivals(1));
  EXPECT_EQ(sink->text(), "onetwo");
  gate->Open();
  EXPECT_OK(ending.Wait());
}

// Its time is over before it has anything to say, and after its intent is durable.
TEST_F(CallersTest, ACallerWhoTakesNothingIsNotWaitedForAfterTheDeadline) {
  auto gate = std::make_shared<Gate>();
  Script({{{"", gate, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  *request.mutable_timeout() = ToProto(absl::Seconds(2));
  auto sink = std::make_shared<CollectingSink>();
  sink->Pause();
  Ending ending;
  completer_->Start({}, request, sink, ending.Done());
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kDeadlineExceeded, "CALL_TIMEOUT"));
  EXPECT_EQ(OnlyRecord().outcome().status(), v1::RECORD_STATUS_TIMED_OUT);
}

TEST_F(CallersTest, MoreCallsThanAllowedAreRefusedAtOnce) {
  options_.max_open_calls = 1;
  Open();
  auto gate = std::make_shared<Gate>();
  Script({{{"", gate, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  Ending first;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), nullptr, first.Done());
  ASSERT_TRUE(gate->WaitForArrivals(1));
  const auto second = Complete(Request("acme/greeting", {{"name", "Ada"}}));
  EXPECT_THAT(second, ErrorIs(absl::StatusCode::kResourceExhausted, "BUSY"));
  EXPECT_TRUE(RetryDelayOf(second.status()));
  gate->Open();
  EXPECT_OK(first.Wait());
}

// Kind: what one caller does is taken from all. The provider isn't called for one who
// doesn't even take the start of its answer.
TEST_F(CallersTest, ACallerThatTakesNothingGivesItsPlaceUpBeforeTheProviderIsCalled) {
  options_.max_open_calls = 1;
  options_.start_patience = absl::Milliseconds(20);
  Open();
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  sink->Pause();
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kCancelled, "CALLER_NOT_READING"));
  EXPECT_EQ(provider->call_count(), 0);
  const v1::Outcome outcome = OnlyRecord().outcome();
  EXPECT_EQ(outcome.status(), v1::RECORD_STATUS_CANCELLED);
  EXPECT_EQ(outcome.error_reason(), "CALLER_NOT_READING");
  EXPECT_EQ(outcome.attempts_size(), 0);
  EXPECT_OK(Complete(Request("acme/greeting", {{"name", "Ada"}})));
}

TEST_F(CallersTest, ACallerThatStopsReadingGivesItsPlaceUp) {
  options_.piece_patience = absl::Milliseconds(20);
  Open();
  auto gate = std::make_shared<Gate>();
  Script({{{"Hi", nullptr, absl::OkStatus()},
           {"", gate, absl::OkStatus()},
           {" there.", nullptr, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  auto sink = std::make_shared<CollectingSink>();
  Ending ending;
  completer_->Start({}, Request("acme/greeting", {{"name", "Ada"}}), sink, ending.Done());
  ASSERT_TRUE(sink->WaitFor(2));
  ASSERT_TRUE(gate->WaitForArrivals(1));
  sink->Pause();
  gate->Open();
  EXPECT_THAT(ending.Wait(), ErrorIs(absl::StatusCode::kCancelled, "CALLER_NOT_READING"));
  EXPECT_EQ(OnlyRecord().outcome().completion().message().parts(0).text(), "Hi there.");
}

TEST_F(CallersTest, ACallerMayHaveHalfOfThePlaces) {
  options_.max_open_calls = 4;
  Open();
  auto gate = std::make_shared<Gate>();
  Script({{{"", gate, absl::OkStatus()}}});
  Publish("greeting", kGreeting);
  const v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  Call greedy;
  greedy.caller = "greedy";
  Ending first;
  Ending second;
  completer_->Start(greedy, request, nullptr, first.Done());
  completer_->Start(greedy, request, nullptr, second.Done());
  ASSERT_TRUE(gate->WaitForArrivals(2));
  const auto third = Complete(request, greedy);
  EXPECT_THAT(third, ErrorIs(absl::StatusCode::kResourceExhausted, "CALLER_BUSY"));
  EXPECT_TRUE(RetryDelayOf(third.status()));
  Ending other;
  completer_->Start({}, request, nullptr, other.Done());
  ASSERT_TRUE(gate->WaitForArrivals(3));
  gate->Open();
  for (Ending* ending : {&first, &second, &other}) EXPECT_OK(ending->Wait());
  EXPECT_OK(Complete(request, greedy));  // They are given back.
}

}  // namespace
}  // namespace colophon
