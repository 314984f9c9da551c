#include "service/store/change_times.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

// Kind: a clock that was wrong once must spoil only what was made meanwhile.

namespace colophon {
namespace {

constexpr int64_t kEver = 1'000'000;

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

// `times[i]` is that of change i + 1.
int64_t Find(const std::vector<int64_t>& times, int64_t time, int64_t now = kEver) {
  std::vector<int64_t> steps_back;
  for (size_t i = 1; i < times.size(); ++i) {
    if (times[i] < times[i - 1]) steps_back.push_back(static_cast<int64_t>(i) + 1);
  }
  const auto found = FindSequenceAt(
      At(time), At(now), std::ssize(times), steps_back,
      [&](int64_t sequence) -> absl::StatusOr<absl::Time> { return At(times.at(sequence - 1)); });
  EXPECT_OK(found);
  return found.value_or(-1);
}

TEST(ChangeTimesTest, TheNewestUpToTheTimeWhileTheClockIsRight) {
  const std::vector<int64_t> times = {10, 20, 20, 30};
  EXPECT_EQ(Find(times, 9), 0);
  EXPECT_EQ(Find(times, 10), 1);
  EXPECT_EQ(Find(times, 19), 1);
  EXPECT_EQ(Find(times, 20), 3);
  EXPECT_EQ(Find(times, 30), 4);
  EXPECT_EQ(Find(times, kEver), 4);
  EXPECT_EQ(Find({}, 5), 0);
}

// The year 2106 for one change.
TEST(ChangeTimesTest, AChangeFromTheFutureSpoilsNothingElse) {
  const std::vector<int64_t> times = {10, 20, 900, 40, 50};
  EXPECT_EQ(Find(times, 10, 60), 1);
  EXPECT_EQ(Find(times, 20, 60), 2);
  EXPECT_EQ(Find(times, 39, 60), 2);
  EXPECT_EQ(Find(times, 40, 60), 4);
  EXPECT_EQ(Find(times, 50, 60), 5);
  EXPECT_EQ(Find(times, 60, 60), 5);
  // The same when that year has come, and nobody knows what was the future.
  EXPECT_EQ(Find(times, 45, 950), 4);
  EXPECT_EQ(Find(times, 950, 950), 5);
  // As long as it is the newest it counts.
  EXPECT_EQ(Find({10, 20, 900}, 19, 60), 1);
  EXPECT_EQ(Find({10, 20, 900}, 60, 60), 3);
  EXPECT_EQ(Find({900}, 60, 60), 1);
}

// A machine that starts in 1970, with a history behind it.
TEST(ChangeTimesTest, AChangeFromThePastSpoilsNothingElse) {
  const std::vector<int64_t> times = {100, 200, 300, 5, 6, 400, 500};
  EXPECT_EQ(Find(times, 99), 0);
  EXPECT_EQ(Find(times, 100), 1);
  EXPECT_EQ(Find(times, 299), 2);
  EXPECT_EQ(Find(times, 300), 3);
  EXPECT_EQ(Find(times, 399), 3);
  EXPECT_EQ(Find(times, 400), 6);
  EXPECT_EQ(Find(times, kEver), 7);
  EXPECT_EQ(Find({100, 200, 300, 5}, 250), 2);
  EXPECT_EQ(Find({100, 200, 300, 5}, 310), 4);
}

TEST(ChangeTimesTest, AClockThatWasTwoHoursAheadIsBelievedWhenItIsSetBack) {
  constexpr int64_t kHour = 3600;
  const int64_t t = 500'000;
  const std::vector<int64_t> times = {t,
                                      t + kHour,
                                      t + 2 * kHour,  // Two hours ahead:
                                      t + 4 * kHour,  // made at t + 2 h.
                                      t + 2 * kHour + 60,
                                      t + 3 * kHour};
  EXPECT_EQ(Find(times, t + kHour), 2);
  EXPECT_EQ(Find(times, t + 2 * kHour), 3);
  EXPECT_EQ(Find(times, t + 2 * kHour + 60), 5);
  EXPECT_EQ(Find(times, t + 3 * kHour), 6);
  EXPECT_EQ(Find(times, t + 5 * kHour), 6);
}

// Against a plain model: times grow, and in one stretch of changes, shorter than what
// stands on either side of it, they are wrong. A clock that is wrong by more than the
// whole history spoils the answers for that stretch only; one that is wrong by less at
// most those from what was to what it said, and to the next change.
TEST(ChangeTimesTest, OutsideOfAWrongStretchEveryAnswerIsRight) {
  std::mt19937 random(11);
  const auto pick = [&](int64_t min, int64_t max) {
    return std::uniform_int_distribution<int64_t>(min, max)(random);
  };
  int64_t checked = 0;
  for (int round = 0; round < 2'000; ++round) {
    const int64_t length = pick(1, 5);
    const int64_t begin = length + pick(1, 10);
    const int64_t count = begin + length + pick(0, 10);
    std::vector<int64_t> right;
    for (int64_t i = 0, time = 1'000; i < count; ++i) right.push_back(time += pick(0, 100));
    const int64_t end = begin + length;
    const bool is_far = pick(0, 1) == 0;
    const int64_t error = (is_far ? 100'000 : pick(1, 900)) * (pick(0, 1) == 0 ? 1 : -1);
    std::vector<int64_t> told = right;
    for (int64_t i = begin; i < end; ++i) told[i] += error;
    const int64_t now = right.back() + pick(0, 100);
    int64_t spoilt_from = right[begin - 1];
    int64_t spoilt_to = end == count ? now : right[end];
    if (!is_far) {
      spoilt_from = std::min(spoilt_from, told[begin]);
      spoilt_to = std::max(spoilt_to, told[end - 1]);
      const auto next = std::upper_bound(right.begin(), right.end(), spoilt_to);
      spoilt_to = next == right.end() ? now : *next;
    }
    for (int64_t time = 990; time <= now; time += pick(1, 30)) {
      if (time >= spoilt_from && time < spoilt_to) continue;
      const int64_t expected = std::upper_bound(right.begin(), right.end(), time) - right.begin();
      ASSERT_EQ(Find(told, time, now), expected)
          << "round " << round << ", time " << time << ", error " << error;
      ++checked;
    }
    ASSERT_EQ(Find(told, now, now), count) << "round " << round;
  }
  EXPECT_GT(checked, 50'000);
}

TEST(ChangeTimesTest, ManyStepsBackAreManyRuns) {
  const std::vector<int64_t> times = {10, 20, 15, 25, 22, 30, 28, 40};
  EXPECT_EQ(Find(times, 9), 0);
  EXPECT_EQ(Find(times, 15), 3);
  EXPECT_EQ(Find(times, 22), 5);
  EXPECT_EQ(Find(times, 28), 7);
  EXPECT_EQ(Find(times, 39), 7);
  EXPECT_EQ(Find(times, 40), 8);
}

TEST(ChangeTimesTest, AnErrorOfAReadIsTheAnswer) {
  const auto found = FindSequenceAt(
      At(5), At(9), 3, {2},
      [](int64_t) -> absl::StatusOr<absl::Time> { return DataLoss("DAMAGED", "a row"); });
  EXPECT_THAT(found, ErrorIs(absl::StatusCode::kDataLoss, "DAMAGED"));
}

}  // namespace
}  // namespace colophon
