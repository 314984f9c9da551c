// How a call is served, whatever its door and its method.

#include "service/api/dispatcher.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "gmock/gmock.h"
#include "service/api/method_runs.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

// A call that came by no door.
class LocalCall final : public ServedCall {
 public:
  LocalCall(const Method* method, CallCounters* counters) : ServedCall(method, counters) {}

  std::optional<std::string> caller;
  size_t bytes = 0;
  std::function<absl::Status()> parse = [] { return absl::OkStatus(); };
  bool gone = false;

  void Go() {
    gone = true;
    OnGone();
  }
  absl::Status Wait() {
    std::unique_lock lock(mu_);
    ended_.wait(lock, [this] { return end_.has_value(); });
    return *end_;
  }
  int end_count() const { return end_count_; }
  const std::string& record() const { return record_; }

  absl::Status ParseRequest() override { return parse(); }
  void Write(Answer, std::function<void(bool)> written) override { written(true); }

 private:
  absl::StatusOr<Arrival> Arrive() override {
    return Arrival{.caller = caller, .traceparent = "", .request_bytes = bytes};
  }
  std::string_view Door() const override { return "test"; }
  std::string Address() const override { return "here"; }
  absl::Duration TimeLeft() const override { return absl::Seconds(7); }
  bool IsGone() const override { return gone; }
  void SendRecord(const std::string& record) override { record_ = record; }
  void Send(Answer) override { Send(absl::OkStatus()); }
  void Send(const absl::Status& status) override {
    Close(status);
    std::lock_guard lock(mu_);
    end_ = status;
    ++end_count_;
    ended_.notify_all();
  }

  std::mutex mu_;
  std::condition_variable ended_;
  std::optional<absl::Status> end_;
  int end_count_ = 0;
  std::string record_;
};

class DispatcherTest : public testing::Test {
 protected:
  // A call of a method that does this.
  std::shared_ptr<LocalCall> CallOf(std::function<void(const std::shared_ptr<ServedCall>&)> run) {
    method_.name = "GetPrompt";
    method_.request_prototype = &v1::GetPromptRequest::default_instance();
    method_.run = std::move(run);
    return std::make_shared<LocalCall>(&method_, &counters_);
  }
  static void EndsWell(const std::shared_ptr<ServedCall>& call) { call->End(Answer()); }

  Workers workers_{2, 10};
  CallCounters counters_;
  Method method_;
  Dispatcher dispatcher_{{}, nullptr, &workers_, &counters_};
};

TEST_F(DispatcherTest, ServesCountsAndSaysWhoCalls) {
  std::string caller;
  absl::Duration left;
  const auto call = CallOf([&](const std::shared_ptr<ServedCall>& served) {
    caller = served->call().caller;
    left = served->call_with_time_left().time_left;
    served->NoteRecord("r1");
    EndsWell(served);
  });
  dispatcher_.Serve(call);
  EXPECT_OK(call->Wait());
  EXPECT_EQ(caller, "here");
  EXPECT_EQ(left, absl::Seconds(7));
  EXPECT_EQ(call->record(), "r1");
  EXPECT_EQ(counters_.begun(), 1);
  EXPECT_EQ(counters_.errors(), 0);
}

// Kind: an exception of a library that ends the process, or leaves a caller waiting.
TEST_F(DispatcherTest, AnExceptionEndsTheCallItWasIn) {
  const auto throws = [](const std::shared_ptr<ServedCall>&) { throw std::runtime_error("oh"); };
  for (const size_t bytes : {size_t{0}, 2 * kLargeBytes}) {
    const auto call = CallOf(throws);
    call->bytes = bytes;
    dispatcher_.Serve(call);
    EXPECT_THAT(call->Wait(), ErrorIs(StatusCode::kInternal, "BUG", HasSubstr("oh")));
  }
  const auto parsing = CallOf(EndsWell);
  parsing->parse = []() -> absl::Status { throw std::bad_alloc(); };
  dispatcher_.Serve(parsing);
  EXPECT_EQ(parsing->Wait().code(), StatusCode::kInternal);

  const auto on_worker = CallOf(OnWorker<v1::GetPromptRequest>(
      &workers_, [](auto*, const Call&) -> absl::StatusOr<v1::GetPromptResponse> {
        throw std::runtime_error("oh");
      }));
  dispatcher_.Serve(on_worker);
  EXPECT_EQ(on_worker->Wait().code(), StatusCode::kInternal);

  const auto ended = CallOf([&](const std::shared_ptr<ServedCall>& call) {
    EndsWell(call);
    throw std::runtime_error("late");
  });
  dispatcher_.Serve(ended);
  EXPECT_OK(ended->Wait());
  EXPECT_EQ(ended->end_count(), 1);
}

TEST_F(DispatcherTest, RefusesBeforeTheMethodIsRun) {
  const auto never = [](const std::shared_ptr<ServedCall>&) { FAIL(); };
  for (const std::string& name : {std::string(), std::string(129, 'a'), std::string("a\n")}) {
    const auto call = CallOf(never);
    call->caller = name;
    dispatcher_.Serve(call);
    EXPECT_THAT(call->Wait(), ErrorIs(StatusCode::kInvalidArgument, "BAD_CALLER"));
  }
  const auto unreadable = CallOf(never);
  unreadable->parse = [] { return InvalidArgument("BAD_REQUEST", "no message"); };
  dispatcher_.Serve(unreadable);
  EXPECT_THAT(unreadable->Wait(), ErrorIs(StatusCode::kInvalidArgument, "BAD_REQUEST"));

  const auto gone = CallOf(never);
  gone->Go();
  dispatcher_.Serve(gone);
  EXPECT_EQ(gone->Wait().code(), StatusCode::kCancelled);

  counters_.Stop();
  const auto late = CallOf(never);
  dispatcher_.Serve(late);
  EXPECT_THAT(late->Wait(), ErrorIs(StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(counters_.errors(), 5);
}

TEST_F(DispatcherTest, WhoGoesAwayIsToldToTheWork) {
  std::shared_ptr<ServedCall> served;
  const auto call = CallOf([&](const std::shared_ptr<ServedCall>& running) { served = running; });
  dispatcher_.Serve(call);
  int told = 0;
  served->set_on_gone([&] { ++told; });
  EXPECT_FALSE(served->call().stop->stopped());
  call->Go();
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(served->call().stop->stopped());
  served->set_on_gone([&] { ++told; });  // He is gone already.
  EXPECT_EQ(told, 2);
  served->End(absl::CancelledError("gone"));
  EXPECT_EQ(counters_.errors(), 0);
}

TEST_F(DispatcherTest, TheRecordOfAFailedCallIsNamedToo) {
  const auto call = CallOf([](const std::shared_ptr<ServedCall>& served) {
    served->End(Unavailable("PROVIDER_DOWN", "down", {{"record", "r7"}}));
  });
  dispatcher_.Serve(call);
  EXPECT_FALSE(call->Wait().ok());
  EXPECT_EQ(call->record(), "r7");
}

}  // namespace
}  // namespace colophon
