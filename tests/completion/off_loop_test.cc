// What is done on a worker instead of a loop.

#include <string>

#include "gmock/gmock.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/completion/completer.h"
#include "service/completion/inputs.h"
#include "service/completion/prepared_call.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;

// The first steps of a call, which Complete may take more than once.
class OffLoopTest : public CompletionFixture {
 protected:
  absl::Status Prepare(v1::CompleteRequest request, const render::Limits& limits) {
    v1::Intent inputs;
    RETURN_IF_ERROR(TakeInputs(&request, &inputs));
    ASSIGN_OR_RETURN(Resolution resolution,
                     registry_->Resolve(inputs.reference(), ResolveOptionsOf(inputs), Call()));
    return PrepareCall(std::move(resolution), inputs, limits).status();
  }
};

TEST_F(OffLoopTest, AVersionThatIsNotInMemoryIsReadAndCalled) {
  Publish("greeting", kGreeting);
  Open();  // Nothing is in memory after a start.
  ScriptedProvider* provider = Script({Says({"Hi."})});
  v1::CompleteRequest request = Request("acme/greeting", {{"name", "Ada"}});
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request));
  EXPECT_EQ(response.version(), "acme/greeting@v1");
  EXPECT_EQ(provider->call_count(), 1);
}

// Kind: work that takes long holds the loop that everybody's calls live on.
// Here the one loop is free while a rendering is stuck in its template's loops:
// another call is answered meanwhile, and who goes away ends his own.
class LongRenderingTest : public OffLoopTest {
 protected:
  // Each item looks at each item: many times the little effort's steps.
  static constexpr char kLong[] =
      "---\nmodel: scripted/one\n---\n"
      "{{#each items}}{{#each @root.items}}{{#each "
      "@root.items}}{{this}}{{/each}}{{/each}}{{/each}}";

  static v1::CompleteRequest LongRequest() {
    v1::CompleteRequest request = Request("acme/long");
    auto* items = (*request.mutable_variables()->mutable_fields())["items"].mutable_list_value();
    for (int i = 0; i < 40; ++i) items->add_values()->set_string_value("x");
    return request;
  }
};

TEST_F(LongRenderingTest, IsDoneOnAWorkerAndComesOut) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("long", kLong);
  EXPECT_TRUE(render::IsOutOfSteps(Prepare(LongRequest(), render::BriefLimits())));
  ASSERT_OK(Complete(LongRequest()).status());
  ASSERT_EQ(provider->call_count(), 1);
  EXPECT_THAT(provider->bodies()[0], HasSubstr(std::string(40 * 40 * 40, 'x')));
}

TEST_F(LongRenderingTest, OfMoreBytesThanALoopShouldSeeToo) {
  ScriptedProvider* provider = Script({Says({"Hi."})});
  Publish("greeting", kGreeting);
  const std::string name(1 << 20, 'n');
  ASSERT_OK(Complete(Request("acme/greeting", {{"name", name}})).status());
  EXPECT_THAT(provider->bodies()[0], HasSubstr(name));
  EXPECT_EQ(OnlyRecord().intent().variables_json(), WriteJson(json::object{{"name", name}}));
}

TEST_F(LongRenderingTest, EndsWhenItsCallerIsGone) {
  Publish("long", kLong);
  StopFlag stop;
  stop.Stop();
  render::Limits limits;
  limits.stop = &stop;
  EXPECT_EQ(Prepare(LongRequest(), limits).code(), absl::StatusCode::kCancelled);
}

// The workers being busy doesn't lose an outcome.
TEST_F(OffLoopTest, ALargeOutputIsRecordedThoughEveryWorkerIsBusy) {
  const std::string text(1 << 20, 't');
  ScriptedProvider* provider = Script({Says({text})});
  Publish("greeting", kGreeting);
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  provider->set_on_start([&](const ProviderRequest&) {
    for (int i = 0; workers_->Run(std::to_string(i), [open] { open.wait(); }).ok(); ++i) {
    }
  });
  const auto response = Complete(Request("acme/greeting", {{"name", "Ada"}}));
  gate.set_value();
  ASSERT_OK(response.status());
  EXPECT_EQ(OnlyRecord().outcome().output_digest(), Sha256Hex(text));
}

}  // namespace
}  // namespace colophon
