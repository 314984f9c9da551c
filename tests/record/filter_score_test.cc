#include "service/record/filter_score.h"

#include "gmock/gmock.h"
#include "service/record/filter.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

void AddScore(const std::string& text, v1::Record* record) {
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, record->add_scores()));
}

v1::Record ScoredRecord() {
  v1::Record record;
  AddScore("name: 'quality' number: 0.9 caller: 'ada' corrected: true", &record);
  AddScore("name: 'quality' number: 0.1 caller: 'ada'", &record);
  AddScore("name: 'quality' number: 0.5 caller: 'judge'", &record);
  AddScore("name: 'right' truth: false", &record);
  AddScore("name: 'tone.of.voice' word: 'good'", &record);
  AddScore("name: 'word' word: '0.2'", &record);
  AddScore("name: 'gone' word: 'bad' corrected: true", &record);
  return record;
}

bool Matches(const std::string& text, const v1::Record& record = ScoredRecord()) {
  const auto filter = Filter::Parse(text, absl::UnixEpoch());
  EXPECT_OK(filter) << text;
  return filter.ok() && filter->Matches(record);
}

// What was corrected doesn't stand, and of several callers one is enough.
TEST(FilterScoreTest, HoldsOfWhatStands) {
  for (const char* filter : {
           "score.quality = 0.1",
           "score.quality = 0.5",
           "score.quality < 0.2",
           "score.quality >= 0.5",
           "score.quality != 0.9",
           "score.right = false",
           "score.right != true",
           "score.tone.of.voice = good",
           "score.\"tone.of.voice\" : \"oo\"",
           "score.word = \"0.2\"",
           "score.word = 0.2",
           "score.quality : *",
           "score : *",
           "score : \"right\"",
           "score.none != 1",
           "NOT score.gone : *",
           "score.quality : 0.5",
           "(score.right = true OR score.quality < 1) AND NOT score.tone.of.voice = bad",
       }) {
    EXPECT_TRUE(Matches(filter)) << filter;
  }
  for (const char* filter : {
           "score.quality = 0.9",
           "score.quality > 0.5",
           "score.quality != 0.5",
           "score.quality = \"0.5\"",
           "score.quality = true",
           "score.right = true",
           "score.right = 0",
           "score.right = \"false\"",
           "score.tone.of.voice = bad",
           "score.tone = good",
           "score.tone.of.voice > 0.5",
           "score.tone.of.voice <= good",
           "score.word = 0.3",
           "score.gone : *",
           "score.gone = bad",
           "score : \"gone\"",
           "score.none = 1",
       }) {
    EXPECT_FALSE(Matches(filter)) << filter;
  }
  EXPECT_FALSE(Matches("score : *", {}));
  EXPECT_TRUE(Matches("score.quality != 1", {}));
}

TEST(FilterScoreTest, ANameIsNeededToCompare) {
  for (const char* filter : {"score = good", "score < 1", "score != good"}) {
    EXPECT_THAT(Filter::Parse(filter, absl::UnixEpoch()),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                        testing::HasSubstr("write score.quality < 0.2")))
        << filter;
  }
}

}  // namespace
}  // namespace colophon
