// Against values worked out apart: exact sums, integrals by Simpson's rule.

#include "client/cli/statistics.h"

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::ElementsAre;

Sample SampleOf(const std::vector<double>& numbers) {
  Sample sample;
  for (const double number : numbers) sample.Add({1, number, 0});
  return sample;
}

TEST(StatisticsTest, AShareHasWilsonsInterval) {
  const struct {
    Share share;
    double low, high;
  } cases[] = {
      {{0, 10}, 0, 0.2775328},
      {{10, 10}, 0.7224672, 1},
      {{8, 20}, 0.2188065, 0.6134185},
      {{820, 1'000}, 0.7949778, 0.8425731},
  };
  for (const auto& c : cases) {
    const Interval interval = IntervalOf(c.share);
    EXPECT_NEAR(interval.low, c.low, 1e-6) << c.share.part;
    EXPECT_NEAR(interval.high, c.high, 1e-6) << c.share.part;
  }
}

TEST(StatisticsTest, AMeanHasStudentsInterval) {
  const auto interval = IntervalOf(SampleOf({1, 2, 3, 4, 10}));
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, -0.3899452, 1e-6);
  EXPECT_NEAR(interval->high, 8.3899452, 1e-6);
  EXPECT_FALSE(IntervalOf(SampleOf({1})));
  EXPECT_FALSE(IntervalOf(Sample{}));
}

// In 95 of 100 samples the mean of all is inside.
TEST(StatisticsTest, IntervalsHoldTheTruthAsOftenAsTheySay) {
  std::mt19937_64 random(7);
  std::bernoulli_distribution is_good(0.3);
  std::exponential_distribution<double> latency(1.0);
  int share_held = 0, mean_held = 0;
  constexpr int kSamples = 4'000;
  for (int i = 0; i < kSamples; ++i) {
    Share share{0, 80};
    Sample sample;
    for (int k = 0; k < 80; ++k) {
      share.part += is_good(random) ? 1 : 0;
      sample.Add({1, latency(random), 0});
    }
    const Interval of_share = IntervalOf(share);
    const Interval of_mean = *IntervalOf(sample);
    share_held += of_share.low <= 0.3 && 0.3 <= of_share.high ? 1 : 0;
    mean_held += of_mean.low <= 1 && 1 <= of_mean.high ? 1 : 0;
  }
  EXPECT_NEAR(share_held / double{kSamples}, 0.95, 0.02);
  EXPECT_NEAR(mean_held / double{kSamples}, 0.94, 0.02);  // It is skewed.
}

TEST(StatisticsTest, SharesAreComparedExactlyWhereThereAreFew) {
  const struct {
    Share a, b;
    const char* test;
    double p;
  } cases[] = {
      {{0, 20}, {8, 20}, "Fisher's exact", 0.003276},
      {{3, 4}, {1, 4}, "Fisher's exact", 0.4857143},
      {{5, 10}, {5, 10}, "Fisher's exact", 1},
      {{0, 10}, {0, 30}, "Fisher's exact", 1},
      {{150, 1'000}, {200, 1'000}, "z of proportions", 0.0032563},
  };
  for (const auto& c : cases) {
    const auto comparison = Compare(c.a, c.b);
    ASSERT_TRUE(comparison);
    EXPECT_STREQ(comparison->test, c.test);
    EXPECT_NEAR(comparison->p, c.p, 1e-6);
  }
  EXPECT_FALSE(Compare(Share{0, 0}, Share{1, 2}));
}

TEST(StatisticsTest, MeansAreComparedByWelch) {
  const auto comparison = Compare(SampleOf({1, 2, 3, 4, 5}), SampleOf({3, 5, 7, 9, 12, 14}));
  ASSERT_TRUE(comparison);
  EXPECT_STREQ(comparison->test, "Welch's t");
  EXPECT_NEAR(comparison->p, 0.0248723, 1e-6);
  EXPECT_EQ(Compare(SampleOf({2, 2}), SampleOf({2, 2, 2}))->p, 1);
  EXPECT_EQ(Compare(SampleOf({2, 2}), SampleOf({3, 3}))->p, 0);
  EXPECT_FALSE(Compare(SampleOf({2}), SampleOf({3, 3})));
}

// Where there is no difference, a test that says so in 5 of 100 tells the truth.
TEST(StatisticsTest, NoiseIsTakenForADifferenceAsSeldomAsPSays) {
  std::mt19937_64 random(11);
  std::bernoulli_distribution fails(0.1);
  std::normal_distribution<double> small(3, 1), wide(3, 5);
  int of_shares = 0, of_means = 0;
  constexpr int kRounds = 3'000;
  for (int i = 0; i < kRounds; ++i) {
    Share a{0, 60}, b{0, 600};
    Sample c, d;
    for (int k = 0; k < 60; ++k) a.part += fails(random) ? 1 : 0;
    for (int k = 0; k < 600; ++k) b.part += fails(random) ? 1 : 0;
    for (int k = 0; k < 30; ++k) c.Add({1, small(random), 0});
    for (int k = 0; k < 10; ++k) d.Add({1, wide(random), 0});
    of_shares += Compare(a, b)->p < 0.05 ? 1 : 0;
    of_means += Compare(c, d)->p < 0.05 ? 1 : 0;
  }
  EXPECT_LE(of_shares, 0.06 * kRounds);
  EXPECT_NEAR(of_means / double{kRounds}, 0.05, 0.015);
}

TEST(StatisticsTest, ManyComparisonsAreCorrectedForByHolm) {
  EXPECT_THAT(CorrectedForMany({0.01, 0.04, 0.03, 0.5}),
              ElementsAre(testing::DoubleEq(0.04), testing::DoubleEq(0.09), testing::DoubleEq(0.09),
                          testing::DoubleEq(0.5)));
  EXPECT_THAT(CorrectedForMany({}), testing::IsEmpty());
}

}  // namespace
}  // namespace colophon
