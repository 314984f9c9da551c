// Store: what providers sent, and ids of a range.

#include "service/base/hash.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

// What providers sent comes with the outcome and is kept beside it: once, also when two
// attempts, or two records, have the same.
TEST_P(StoreConformance, RawAnswersStandBesideTheirOutcomes) {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(CreateRepository("other"));
  const std::string large = std::string(20'000, '\x89') + '\0';
  v1::Outcome outcome = MakeOutcome();
  for (const std::string& raw : {std::string("HTTP 500"), large, std::string("HTTP 500")}) {
    outcome.add_attempts()->mutable_raw_answer()->set_data(raw);
  }
  outcome.add_attempts();
  const std::string id = NewId();
  ASSERT_OK(AppendIntent(id, MakeIntent("acme")));
  ASSERT_OK(AppendOutcome(id, outcome));
  v1::Record second;
  second.set_id(NewId());
  *second.mutable_intent() = MakeIntent("acme");
  *second.mutable_outcome() = outcome;
  ASSERT_OK(AppendRecord(second));
  Reopen();
  for (const std::string& record_id : {id, second.id()}) {
    ASSERT_OK_AND_ASSIGN(const v1::Record record, store().GetRecord(record_id));
    const auto& attempts = record.outcome().attempts();
    ASSERT_EQ(attempts.size(), outcome.attempts_size());
    EXPECT_FALSE(attempts.rbegin()->has_raw_answer());
    for (int i = 0; i < 3; ++i) {
      const v1::RawAnswer& raw = attempts.at(attempts.size() - 4 + i).raw_answer();
      const std::string& sent =
          outcome.attempts(outcome.attempts_size() - 4 + i).raw_answer().data();
      EXPECT_TRUE(raw.data().empty());
      EXPECT_EQ(raw.byte_count(), std::ssize(sent));
      EXPECT_EQ(raw.sha256(), Sha256Hex(sent));
      EXPECT_EQ(store().GetRawAnswer("acme", raw.sha256()).value(), sent);
      EXPECT_THAT(store().GetRawAnswer("other", raw.sha256()).status(),
                  ErrorIs(kNotFound, "RAW_ANSWER_NOT_KEPT"));
    }
  }
  EXPECT_THAT(store().GetRawAnswer("acme", "no digest").status(),
              ErrorIs(kNotFound, "RAW_ANSWER_NOT_KEPT"));
  ExpectWhole();
}

TEST_P(StoreConformance, ListsIdsOfARangeOldestFirst) {
  ASSERT_OK(CreateRepository("acme"));
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(i % 2 == 0 ? AddRecord(MakeIntent("acme"), MakeOutcome()) : NewId());
    if (i % 2 == 1) {
      ASSERT_OK(AppendIntent(ids[i], MakeIntent("acme")));
    }
  }
  EXPECT_THAT(store().ListRecordIds(ids[0], ids[3], 10).value(), testing::ElementsAreArray(ids));
  EXPECT_THAT(store().ListRecordIds(ids[1], ids[2], 10).value(), ElementsAre(ids[1], ids[2]));
  EXPECT_THAT(store().ListRecordIds(ids[1], ids[3], 1).value(), ElementsAre(ids[1]));
  EXPECT_THAT(store().ListRecordIds(ids[2], ids[1], 10).value(), IsEmpty());
  EXPECT_THAT(store().ListRecordIds("none", ids[1], 10).status(),
              ErrorIs(kInvalid, "BAD_RECORD_ID"));
}

}  // namespace
}  // namespace colophon
