// What providers sent, in RocksDB's rows: kept once, known to Verify, told when it is gone.

#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "service/store/rocksdb/scan.h"
#include "tests/store/conformance.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RawAnswersTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
    ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
    ASSERT_OK(Await([&](Done d) { store->Commit(history_.Publish({{"p", "One."}}), d); }));
    ASSERT_OK_AND_ASSIGN(const v1::Version version, store->GetVersion("acme", "p", 1));
    v1::Intent intent = MakeIntent("acme", "p", 1);
    intent.set_commit(version.commit());
    intent.set_digest(version.digest());
    v1::Outcome outcome = MakeOutcome();
    outcome.add_attempts()->mutable_raw_answer()->set_data(raw_);
    outcome.add_attempts()->mutable_raw_answer()->set_data(raw_);
    for (const std::string& id : {first_, second_}) {
      ASSERT_OK(Await([&](Done d) { store->AppendIntent(id, intent, d); }));
      ASSERT_OK(Await([&](Done d) { store->AppendOutcome(id, outcome, d); }));
    }
  }

  std::string directory() const { return directory_ / "store"; }
  std::string Digest() const { return *HexDecode(Sha256Hex(raw_)); }

  void Edit(const std::function<void(const Database&)>& edit) {
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    edit(*database);
  }
  static void Put(const Database& database, const std::string& key, const std::string& value) {
    ASSERT_TRUE(database.db()->Put({}, database.handle(Family::kMedia), key, value).ok());
  }
  static void Delete(const Database& database, const std::string& key) {
    ASSERT_TRUE(database.db()->Delete({}, database.handle(Family::kMedia), key).ok());
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> messages;
    const auto store = OpenRocksdbStore(directory());
    EXPECT_OK(store);
    const auto found = (*store)->Verify();
    EXPECT_OK(found);
    for (const v1::StoreProblem& problem : found->problems()) messages.push_back(problem.message());
    return messages;
  }

  TempDir directory_;
  History history_{"acme"};
  IdGenerator ids_{Clock::Real()};
  const std::string raw_ = "HTTP 500\r\n\r\n" + std::string(5000, 'r');
  const std::string first_ = ids_.NewId();
  const std::string second_ = ids_.NewId();
};

TEST_F(RawAnswersTest, AreKeptOnceAndKnowTheirRecords) {
  EXPECT_THAT(Problems(), IsEmpty());
  Edit([&](const Database& database) {
    std::vector<std::string> keys;
    Scan scan(database, Family::kMedia, "");
    for (scan.SeekToFirst(); scan.Valid(); scan.Next()) keys.emplace_back(scan.key());
    EXPECT_THAT(keys, testing::UnorderedElementsAre(
                          MediaKey("acme", Digest()), KnownMediaKey("acme", Digest()),
                          MediaReferenceKey("acme", Digest(), *UuidToBytes(first_)),
                          MediaReferenceKey("acme", Digest(), *UuidToBytes(second_))));
    const auto outcome =
        database.Get(Family::kRecords, OutcomeKey(*UuidToBytes(first_))).value().value();
    EXPECT_LT(outcome.size(), 1000) << "the record's row has their digest only";
  });
}

TEST_F(RawAnswersTest, AnAlteredOneIsFound) {
  Edit([&](const Database& d) { Put(d, MediaKey("acme", Digest()), "other"); });
  EXPECT_THAT(Problems(), Contains(HasSubstr("is damaged or missing")));
}

TEST_F(RawAnswersTest, OneThatIsGoneIsMissedByItsRecords) {
  Edit([&](const Database& d) {
    Delete(d, MediaKey("acme", Digest()));
    Delete(d, KnownMediaKey("acme", Digest()));
  });
  EXPECT_THAT(Problems(), Contains(HasSubstr("is missing of record " + first_)));
}

TEST_F(RawAnswersTest, AUseThatIsntKnownIsFound) {
  Edit([&](const Database& d) {
    Delete(d, MediaReferenceKey("acme", Digest(), *UuidToBytes(first_)));
  });
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("know of 1 uses, and records have 2")));
}

TEST_F(RawAnswersTest, AnAlteredOneIsNotGiven) {
  Edit([&](const Database& d) { Put(d, MediaKey("acme", Digest()), "other"); });
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  EXPECT_OK(store->GetRecord(first_));
  EXPECT_THAT(store->GetRawAnswer("acme", Sha256Hex(raw_)).status(),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
}

}  // namespace
}  // namespace colophon
