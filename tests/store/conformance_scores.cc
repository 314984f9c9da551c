// Store: what is said of records.

#include <future>

#include "fmt/format.h"
#include "service/store/scores.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

v1::Score MakeScore(const std::string& name, double number, const std::string& caller = "ada") {
  v1::Score score;
  score.set_name(name);
  score.set_number(number);
  score.set_caller(caller);
  return score;
}

// "quality=1 (ada)", and "-" before one that was corrected.
std::vector<std::string> Texts(const ScoreList& scores) {
  std::vector<std::string> texts;
  for (const v1::Score& score : scores) {
    texts.push_back(fmt::format("{}{}={} ({})", score.corrected() ? "-" : "", score.name(),
                                score.number(), score.caller()));
  }
  return texts;
}

std::vector<std::string> ScoresOf(Store& store, const std::string& id) {
  const auto record = store.GetRecord(id);
  EXPECT_OK(record);
  return record.ok() ? Texts(record->scores()) : std::vector<std::string>();
}

TEST_P(StoreConformance, ALaterOneCorrectsAnEarlierOneOfItsNameAndCaller) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  EXPECT_THAT(ScoresOf(store(), id), IsEmpty());
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1), MakeScore("tone", 2)}));
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 3, "bob")}));
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 4)}));
  const auto all =
      ElementsAre("-quality=1 (ada)", "tone=2 (ada)", "quality=3 (bob)", "quality=4 (ada)");
  EXPECT_THAT(ScoresOf(store(), id), all);
  // Lists have them too.
  ASSERT_OK_AND_ASSIGN(const auto records, store().ListRecords({.by = RecordQuery::By::kRepository,
                                                                .repository = "acme"}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(Texts(records[0].scores()), all);
  Reopen();
  EXPECT_THAT(ScoresOf(store(), id), all);
  ExpectWhole();
}

// As a client says it that didn't get the answer.
TEST_P(StoreConformance, TheSameAgainAddsNothing) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1)}));
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1)}));
  EXPECT_THAT(ScoresOf(store(), id), ElementsAre("quality=1 (ada)"));
  v1::Score noted = MakeScore("quality", 1);
  noted.set_note("on second thought");
  ASSERT_OK(AppendScores(id, {noted}));
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1)}));
  EXPECT_THAT(ScoresOf(store(), id),
              ElementsAre("-quality=1 (ada)", "-quality=1 (ada)", "quality=1 (ada)"));
  ExpectWhole();
}

// Those of one batch stand on each other too.
TEST_P(StoreConformance, NoneIsLostOfThoseThatAreSaidAtOnce) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  constexpr int kCount = 200;
  std::vector<std::promise<absl::Status>> written(kCount);
  for (int i = 0; i < kCount; ++i) {
    store().AppendScores("acme", id, {MakeScore("quality", i)},
                         [&written, i](absl::Status status) { written[i].set_value(status); });
  }
  for (auto& one : written) EXPECT_OK(one.get_future().get());
  ASSERT_OK_AND_ASSIGN(const v1::Record record, store().GetRecord(id));
  ASSERT_EQ(record.scores_size(), kCount);
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(record.scores(i).number(), i);
    EXPECT_EQ(record.scores(i).corrected(), i + 1 < kCount);
  }
  Reopen();
  EXPECT_EQ(store().GetRecord(id)->scores_size(), kCount);
  ExpectWhole();
}

TEST_P(StoreConformance, ARecordThatRunsIsScoredToo) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = NewId();
  ASSERT_OK(AppendIntent(id, MakeIntent("acme")));
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1)}));
  EXPECT_THAT(ScoresOf(store(), id), ElementsAre("quality=1 (ada)"));
  ASSERT_OK(AppendOutcome(id, MakeOutcome()));
  EXPECT_THAT(ScoresOf(store(), id), ElementsAre("quality=1 (ada)"));
  ExpectWhole();
}

TEST_P(StoreConformance, AreOfARecordThatIsThereAndNotTooMany) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  EXPECT_THAT(AppendScores("x", {MakeScore("q", 1)}), ErrorIs(kInvalid, "BAD_RECORD_ID"));
  EXPECT_THAT(AppendScores(NewId(), {MakeScore("q", 1)}), ErrorIs(kNotFound, "RECORD_NOT_FOUND"));
  EXPECT_THAT(AppendScores(id, {MakeScore("q", 1)}, "none"),
              ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
  EXPECT_THAT(AppendScores(id, {MakeScore("q\xff", 1)}), ErrorIs(kInvalid, "BAD_RECORD"));
  std::vector<v1::Score> many;
  for (int i = 0; i < kMaxScores; ++i) many.push_back(MakeScore(fmt::format("s{}", i), i));
  ASSERT_OK(AppendScores(id, many));
  EXPECT_THAT(AppendScores(id, {MakeScore("one.more", 1)}),
              ErrorIs(kPrecondition, "TOO_MANY_SCORES"));
  EXPECT_EQ(ScoresOf(store(), id).size(), static_cast<size_t>(kMaxScores));

  const std::string other = AddRecord(MakeIntent("acme"), MakeOutcome());
  v1::Score large = MakeScore("q", 1);
  large.set_note(std::string(200 << 10, 'n'));
  ASSERT_OK(AppendScores(other, {large}));
  large.set_number(2);
  EXPECT_THAT(AppendScores(other, {large}), ErrorIs(kPrecondition, "TOO_MANY_SCORES"));
  ExpectWhole();
}

TEST_P(StoreConformance, ABackupHasThem) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome());
  ASSERT_OK(AppendScores(id, {MakeScore("quality", 1)}));
  const std::string place = factory().NewBackupPlace();
  ASSERT_OK(store().Backup(place));
  ASSERT_OK_AND_ASSIGN(const auto copy, factory().OpenBackup(place));
  EXPECT_THAT(ScoresOf(*copy, id), ElementsAre("quality=1 (ada)"));
  EXPECT_EQ(copy->Verify()->problems_size(), 0);
}

}  // namespace
}  // namespace colophon
