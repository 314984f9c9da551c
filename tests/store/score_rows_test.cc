// Verify and reads against damage of the row that has a record's scores.

#include <functional>
#include <memory>

#include "colophon/store/v1/rows.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "service/store/rocksdb/rows.h"
#include "tests/store/conformance.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;

class ScoreRowsTest : public testing::Test {
 protected:
  // A sound store whose one record has a score that was corrected.
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
    ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
    id_ = IdGenerator(Clock::Real()).NewId();
    v1::Intent intent = MakeIntent("acme");
    intent.clear_commit();  // No version is looked for.
    ASSERT_OK(Await([&](Done d) { store->AppendIntent(id_, intent, d); }));
    ASSERT_OK(Await([&](Done d) { store->AppendOutcome(id_, MakeOutcome(), d); }));
    for (const double number : {1, 2}) {
      v1::Score score;
      score.set_name("quality");
      score.set_number(number);
      ASSERT_OK(Await([&](Done d) { store->AppendScores("acme", id_, {score}, d); }));
    }
    ASSERT_OK_AND_ASSIGN(const auto found, store->Verify());
    ASSERT_EQ(found.problems_size(), 0) << found.DebugString();
  }

  std::string directory() const { return directory_ / "store"; }
  std::string key() const { return ScoresKey(*UuidToBytes(id_)); }

  void Edit(const std::function<rocksdb::Status(const Database&)>& edit) {
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    ASSERT_TRUE(edit(*database).ok());
  }
  void Put(const std::string& key, std::string_view value) {
    Edit([&](const Database& d) {
      return d.db()->Put({}, d.handle(Family::kRecords), ToSlice(key), ToSlice(value));
    });
  }
  std::string Problems() {
    const auto store = OpenRocksdbStore(directory());
    EXPECT_OK(store);
    const auto found = (*store)->Verify();
    EXPECT_OK(found);
    return found->DebugString();
  }

  TempDir directory_;
  std::string id_;
};

TEST_F(ScoreRowsTest, LostScoresAreMissed) {
  Edit([&](const Database& d) {
    return d.db()->Delete({}, d.handle(Family::kRecords), ToSlice(key()));
  });
  EXPECT_THAT(Problems(), HasSubstr("2 scores given, but 1 are whole and there, 1 of them closed, "
                                    "with 0 scores"));
}

TEST_F(ScoreRowsTest, ScoresNeedTheirRecord) {
  Put(ScoresKey(std::string(kRecordIdBytes, '\x7f')), "x");
  EXPECT_THAT(Problems(), HasSubstr("has scores and no intent"));
}

TEST_F(ScoreRowsTest, TheLastOfANameAndCallerStands) {
  store::v1::ScoresRow row;
  row.add_scores()->set_name("quality");
  row.add_scores()->set_name("quality");
  Put(key(), SealedRow(Family::kRecords, key(), row).value());
  EXPECT_THAT(Problems(), HasSubstr("has scores of which others stand than are marked"));
}

TEST_F(ScoreRowsTest, DamageIsToldAndNeverServed) {
  Put(key(), "xxxxxxxxx");
  EXPECT_THAT(Problems(), HasSubstr("the scores of record"));
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  EXPECT_THAT(store->GetRecord(id_), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
  v1::Score score;
  score.set_name("quality");
  EXPECT_THAT(Await([&](Done d) { store->AppendScores("acme", id_, {score}, d); }),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
}

}  // namespace
}  // namespace colophon
