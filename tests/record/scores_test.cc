// What may be said of a record, and how it is added up.

#include <cmath>
#include <limits>
#include <random>

#include "gmock/gmock.h"
#include "service/record/number_summary.h"
#include "service/record/score_check.h"
#include "service/record/score_summaries.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

v1::ScoreRecordRequest RequestOf(const std::string& scores) {
  v1::ScoreRecordRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(scores, &request)) << scores;
  return request;
}

TEST(ScoreCheckTest, TakesWhatItSays) {
  for (const char* scores : {
           "scores { name: 'quality' number: -0.5 }",
           "scores { name: '5-star' truth: false }",
           "scores { name: 'a.b_c-d' word: 'not-good.2' note: 'Two\\nlines.' }",
           "scores { name: 'a' number: 1 } scores { name: 'b' number: 1 }",
       }) {
    EXPECT_OK(CheckScores(RequestOf(scores))) << scores;
  }
  EXPECT_OK(CheckScores(RequestOf("scores { name: '" + std::string(64, 'n') + "' truth: true }")));
}

TEST(ScoreCheckTest, RefusesAllElseWithTheFieldAndTheRule) {
  const struct {
    std::string scores;
    const char* message;
  } cases[] = {
      {"", "scores is a list of 0: give 1 to 20"},
      {"scores { number: 1 }", "scores[0].name is empty: write lower-case letters"},
      {"scores { name: 'Quality' number: 1 }", "scores[0].name is \"Quality\""},
      {"scores { name: '.a' number: 1 }", "scores[0].name"},
      {"scores { name: 'a b' number: 1 }", "scores[0].name"},
      {"scores { name: 'qualité' number: 1 }", "scores[0].name"},
      {"scores { name: '" + std::string(65, 'n') + "' number: 1 }", "at most 64"},
      {"scores { name: 'a' }", "scores[0] is without a value: give a number, a truth or a word"},
      {"scores { name: 'a' number: inf }", "scores[0].number is inf: it must be finite"},
      {"scores { name: 'a' number: nan }", "it must be finite"},
      {"scores { name: 'a' word: 'Very good' }", "scores[0].word is \"Very good\""},
      {"scores { name: 'a' number: 1 note: '" + std::string(2'049, 'n') + "' }", "scores[0].note"},
      {"scores { name: 'a' number: 1 note: '\\x1b' }", "scores[0].note"},
      {"scores { name: 'a' number: 1 } scores { name: 'a' number: 2 }",
       "scores[1].name is \"a\": it is given twice"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(CheckScores(RequestOf(c.scores)),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_SCORE", HasSubstr(c.message)))
        << c.scores;
  }
  v1::ScoreRecordRequest many;
  for (int i = 0; i < 21; ++i) {
    v1::Score* const score = many.add_scores();
    score->set_name("s" + std::to_string(i));
    score->set_truth(true);
  }
  EXPECT_THAT(CheckScores(many), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_SCORE"));
}

TEST(ScoreSummariesTest, AddUpWhatStandsByItsName) {
  v1::Record one, two;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "scores { name: 'quality' number: 9 corrected: true } scores { name: 'quality' number: 1 }"
      "scores { name: 'quality' number: 3 caller: 'judge' } scores { name: 'right' truth: true }",
      &one));
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "scores { name: 'quality' word: 'fine' } scores { name: 'right' truth: false }"
      "scores { name: 'class' word: 'fine' } scores { name: 'class' word: 'poor' caller: 'judge' }",
      &two));
  ScoreSummaries summaries;
  summaries.Add(one);
  summaries.Add(two);
  google::protobuf::RepeatedPtrField<v1::ScoreSummary> taken;
  summaries.Take(&taken);
  ASSERT_EQ(taken.size(), 3);
  EXPECT_EQ(taken[0].name(), "class");
  EXPECT_THAT(taken[0].word_counts(),
              testing::UnorderedElementsAre(Pair("fine", 1), Pair("poor", 1)));
  EXPECT_EQ(taken[1].name(), "quality");
  EXPECT_EQ(taken[1].numbers().count(), 2);
  EXPECT_EQ(taken[1].numbers().mean(), 2);
  EXPECT_EQ(taken[1].numbers().squared_deviation(), 2);
  EXPECT_THAT(taken[1].word_counts(), ElementsAre(Pair("fine", 1)));
  EXPECT_EQ(taken[2].name(), "right");
  EXPECT_EQ(taken[2].true_count(), 1);
  EXPECT_EQ(taken[2].false_count(), 1);
}

// Also where the numbers are large and close to each other, which sums of squares lose.
TEST(NumberSummaryTest, IsTheMeanAndTheDeviationOfTwoPasses) {
  std::mt19937_64 random(5);
  for (const double base : {0.0, 1e9, -1e12}) {
    std::uniform_real_distribution<double> spread(0, 10);
    std::vector<double> numbers;
    v1::NumberSummary sum;
    for (int i = 0; i < 1'000; ++i) {
      numbers.push_back(base + spread(random));
      AddNumber(numbers.back(), &sum);
    }
    double mean = 0, deviation = 0;
    for (const double number : numbers) mean += (number - base) / 1'000;
    for (const double number : numbers) deviation += std::pow(number - base - mean, 2);
    EXPECT_EQ(sum.count(), 1'000);
    EXPECT_NEAR(sum.mean() - base, mean, 1e-3);
    EXPECT_NEAR(sum.squared_deviation() / deviation, 1, 1e-3);
  }
}

}  // namespace
}  // namespace colophon
