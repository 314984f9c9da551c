#include "client/cpp/retry.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/status.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RetryTest : public testing::Test {
 protected:
  // Runs attempts that end as `results` say, one after the other.
  absl::Status Run(std::vector<absl::Status> results, Repeat repeat,
                   absl::Duration timeout = absl::Hours(1)) {
    RetryEnvironment environment;
    environment.clock = &clock_;
    environment.sleep = [this](absl::Duration delay) {
      slept_.push_back(delay);
      clock_.Advance(delay);
    };
    environment.random = [this] { return random_; };
    return Retry(policy_, environment, repeat, clock_.Steady() + timeout,
                 [this, results = std::move(results)] { return results.at(attempts_++); });
  }

  RetryPolicy policy_{.max_attempts = 6,
                      .first_delay = absl::Milliseconds(100),
                      .longest_delay = absl::Milliseconds(500)};
  FakeClock clock_;
  double random_ = 1.0;
  size_t attempts_ = 0;
  std::vector<absl::Duration> slept_;
  absl::Duration step_;
};

const absl::Status kDown = Unavailable("DOWN", "down");

TEST_F(RetryTest, WaitsTwiceAsLongEachTimeUpToTheLongest) {
  EXPECT_OK(Run({kDown, kDown, kDown, kDown, kDown, absl::OkStatus()}, Repeat::kRead));
  EXPECT_THAT(slept_,
              ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200), absl::Milliseconds(400),
                          absl::Milliseconds(500), absl::Milliseconds(500)));
}

// Kind: a deadline by a clock that people set.
TEST_F(RetryTest, AStepOfTheClockNeitherShortensNorLengthensTheTime) {
  RetryEnvironment environment{.clock = &clock_,
                               .sleep =
                                   [&](absl::Duration delay) {
                                     clock_.Advance(delay);
                                     clock_.Set(clock_.Now() + step_);
                                   },
                               .random = [] { return 1.0; }};
  for (const absl::Duration step : {absl::Hours(2), -absl::Hours(2)}) {
    step_ = step;
    int attempts = 0;
    const absl::Status status = Retry({.max_attempts = 100}, environment, Repeat::kRead,
                                      clock_.Steady() + absl::Seconds(1), [&] {
                                        ++attempts;
                                        return kDown;
                                      });
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(attempts, 4);  // 100 + 200 + 400 ms, and the next wait is too long.
  }
}

TEST_F(RetryTest, WaitsAtLeastHalfOfThat) {
  random_ = 0.0;
  EXPECT_OK(Run({kDown, kDown, absl::OkStatus()}, Repeat::kWrite));
  EXPECT_THAT(slept_, ElementsAre(absl::Milliseconds(50), absl::Milliseconds(100)));
}

TEST_F(RetryTest, GivesTheLastErrorWhenTheAttemptsAreUsedUp) {
  policy_.max_attempts = 3;
  EXPECT_THAT(Run({kDown, kDown, Unavailable("LAST", "last")}, Repeat::kRead),
              ErrorIs(absl::StatusCode::kUnavailable, "LAST", "last (3 attempts)"));
  EXPECT_EQ(attempts_, 3u);
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsks) {
  const absl::Status busy =
      WithRetryDelay(ResourceExhausted("BUSY", "too many calls"), absl::Seconds(7));
  EXPECT_OK(Run({busy, absl::OkStatus()}, Repeat::kRead));
  EXPECT_THAT(slept_, ElementsAre(absl::Seconds(7)));
}

TEST_F(RetryTest, StopsWhenTheNextWaitWouldPassTheDeadline) {
  const absl::Status status = Run({kDown, kDown, kDown}, Repeat::kRead, absl::Milliseconds(250));
  EXPECT_THAT(status, ErrorIs(absl::StatusCode::kUnavailable, "DOWN", HasSubstr("2 attempts")));
  EXPECT_THAT(slept_, ElementsAre(absl::Milliseconds(100)));
}

TEST_F(RetryTest, KeepsTheDetailsOfTheLastError) {
  policy_.max_attempts = 2;
  const absl::Status status =
      WithRetryDelay(Unavailable("STOPPING", "stopping", {{"node", "a"}}), absl::Seconds(1));
  const absl::Status last = Run({status, status}, Repeat::kRead);
  EXPECT_EQ(ReasonOf(last), "STOPPING");
  EXPECT_EQ(MetadataOf(last).at("node"), "a");
  EXPECT_EQ(RetryDelayOf(last), absl::Seconds(1));
}

TEST_F(RetryTest, RepeatsOnlyWhatIsSafe) {
  const absl::Status busy = WithRetryDelay(ResourceExhausted("BUSY", "x"), absl::Seconds(1));
  struct {
    absl::Status status;
    Repeat repeat;
    bool retried;
  } const cases[] = {
      {kDown, Repeat::kRead, true},
      {kDown, Repeat::kWrite, true},
      {kDown, Repeat::kNever, false},
      {busy, Repeat::kRead, true},
      {busy, Repeat::kWrite, false},
      {busy, Repeat::kNever, false},
      {ResourceExhausted("BUSY", "no time said"), Repeat::kRead, false},
      {Aborted("STALE_BASE", "x"), Repeat::kRead, false},
      {Aborted("STALE_BASE", "x"), Repeat::kWrite, false},
      {InvalidArgument("BAD_NAME", "x"), Repeat::kRead, false},
      {NotFound("X", "x"), Repeat::kRead, false},
      {DataLoss("X", "x"), Repeat::kRead, false},
      {Internal("x"), Repeat::kRead, false},
      {absl::DeadlineExceededError("x"), Repeat::kRead, false},
      {absl::CancelledError("x"), Repeat::kRead, false},
      {absl::UnknownError("x"), Repeat::kRead, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsRetryable(c.status, c.repeat), c.retried)
        << c.status << " " << static_cast<int>(c.repeat);
  }
}

TEST_F(RetryTest, DoesNotWaitAfterAnErrorThatIsForTheCaller) {
  EXPECT_THAT(Run({Aborted("STALE_BASE", "stale")}, Repeat::kWrite),
              ErrorIs(absl::StatusCode::kAborted, "STALE_BASE", "stale"));
  EXPECT_THAT(slept_, IsEmpty());
}

}  // namespace
}  // namespace colophon
