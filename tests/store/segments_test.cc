// The index of terms as it lies in RocksDB: what becomes of it when a process is killed,
// a row is damaged or terms change.

#include "service/store/rocksdb/segments.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rocksdb/write_batch.h"
#include "service/base/hash.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"
#include "tests/store/conformance.h"
#include "tests/store/killed_copy.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr size_t kSegmentRecords = 4;

class SegmentsTest : public testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_OK(Await(
        [&](Done done) { store_->CreateRepository("acme", History::TimeOf(0), std::move(done)); }));
    ASSERT_OK(Await([&](Done done) {
      store_->Commit(history_.Publish({{"support/triage", "Sort."}}), std::move(done));
    }));
    for (int i = 0; i < 10; ++i) Add(absl::StrCat("same number", i));
  }

  std::string directory() const { return directory_ / "store"; }

  RocksdbStoreOptions Options() {
    RocksdbStoreOptions options;
    options.terms = terms_;
    options.segment_records = kSegmentRecords;
    options.log = [this](StoreLogLevel, std::string_view event, std::string_view) {
      events_.emplace_back(event);
    };
    return options;
  }
  void Open() { OpenAt(directory()); }
  void OpenAt(const std::string& directory) {
    store_.reset();
    events_.clear();
    ASSERT_OK_AND_ASSIGN(store_, OpenRocksdbStore(directory, Options()));
  }

  // A record with this output.
  void Add(const std::string& text) {
    clock_.Advance(absl::Seconds(1));
    v1::Record record;
    record.set_id(ids_generator_.NewId());
    *record.mutable_intent() = MakeIntent("acme");
    record.mutable_intent()->clear_commit();
    *record.mutable_outcome() = MakeOutcome(v1::RECORD_STATUS_OK, text);
    ASSERT_OK(Await([&](Done done) { store_->AppendRecord(record, "", std::move(done)); }));
    ids_.push_back(record.id());
  }

  absl::StatusOr<std::vector<TermMatch>> Find(const std::string& word) {
    return store_->FindByTerms({.terms = {TermOfWord(word)}, .limit = 1'000});
  }
  void ExpectAllFound() {
    ASSERT_OK_AND_ASSIGN(const std::vector<TermMatch> found, Find("same"));
    ASSERT_EQ(found.size(), ids_.size());
    for (size_t i = 0; i < ids_.size(); ++i) {
      EXPECT_EQ(found[i].id, ids_[ids_.size() - 1 - i]);
      EXPECT_THAT(Find(absl::StrCat("number", i)).value(), ElementsAre(TermMatch{ids_[i], 1}));
    }
    EXPECT_THAT(Problems(), IsEmpty());
  }
  std::vector<std::string> Problems() {
    const auto response = store_->Verify();
    EXPECT_OK(response);
    std::vector<std::string> messages;
    if (!response.ok()) return messages;
    for (const v1::StoreProblem& problem : response->problems()) {
      messages.push_back(problem.message());
    }
    return messages;
  }

  // Calls `edit` with the closed store's rows, then opens it again. What was added is indexed
  // by then.
  void Edit(const std::function<void(const Database&)>& edit) {
    Find("same").IgnoreError();
    store_.reset();
    {
      ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
      edit(*database);
    }
    Open();
  }
  static void Put(const Database& database, const std::string& key, const std::string& value) {
    ASSERT_TRUE(database.db()->Put({}, database.handle(Family::kSegments), key, value).ok());
  }
  static void Delete(const Database& database, const std::string& key) {
    ASSERT_TRUE(database.db()->Delete({}, database.handle(Family::kSegments), key).ok());
  }
  // The keys of a kind.
  static std::vector<std::string> Keys(const Database& database, const std::string& kind) {
    std::vector<std::string> keys;
    Scan scan(database, Family::kSegments, kind);
    for (scan.SeekToFirst(); scan.Valid(); scan.Next()) keys.emplace_back(scan.key());
    return keys;
  }
  static std::string KeyOfPostings(const std::string& word, uint32_t segment) {
    return PostingsKey(BucketOf(ShortTerm(TermOfWord(word))), segment);
  }

  TempDir directory_;
  RecordTerms terms_ = WordTerms();
  std::vector<std::string> events_;
  std::unique_ptr<Store> store_;
  std::vector<std::string> ids_;  // In the order they were closed.
  FakeClock clock_;
  IdGenerator ids_generator_{&clock_};
  History history_{"acme"};
};

TEST_F(SegmentsTest, WhatIsFullIsWrittenAndTheRestIsReadAgain) {
  ExpectAllFound();
  Edit([](const Database& database) {
    const auto list = ReadSegments(database);
    ASSERT_OK(list);
    ASSERT_EQ(list->segments.size(), 2u);
    EXPECT_EQ(list->segments[0].record_count, 4);
    EXPECT_EQ(list->next_number, 3u);
    EXPECT_THAT(list->positions, ElementsAre(testing::Pair("acme", 1 + 2 * 8)));
  });
  ExpectAllFound();
  Add("same number10");
  Add("same number11");
  Add("same number12");
  ExpectAllFound();
  Open();
  ExpectAllFound();
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(SegmentsTest, AKilledStoreFindsAllThatWasClosed) {
  ExpectAllFound();
  ASSERT_TRUE(CopyAsKilled(directory(), directory_ / "copy"));
  OpenAt(directory_ / "copy");
  ExpectAllFound();
}

TEST_F(SegmentsTest, ABackupFindsAllThatWasClosed) {
  ExpectAllFound();
  ASSERT_OK(store_->Backup(directory_ / "backup"));
  OpenAt(directory_ / "backup");
  ExpectAllFound();
}

// Left by a process that was killed while it wrote.
TEST_F(SegmentsTest, ASegmentThatIsNotWholeIsNone) {
  Edit([](const Database& database) {
    store::v1::SegmentRow row;
    row.set_record_count(4);
    Put(database, SegmentKey(3),
        std::string(SealedRow(Family::kSegments, SegmentKey(3), row).value()));
    const SealedRow postings(Family::kSegments, KeyOfPostings("same", 3),
                             EncodePostings({MakePosting(ShortTerm(TermOfWord("same")), 0)}));
    Put(database, std::string(postings.key()), std::string(postings.value()));
  });
  ExpectAllFound();
  Add("same number10");
  Add("same number11");
  ExpectAllFound();
  Edit([](const Database& database) {
    EXPECT_EQ(ReadSegments(database)->segments.back().number, 4u);
  });
  ExpectAllFound();
}

TEST_F(SegmentsTest, ADamagedSegmentIsBuiltAgain) {
  Edit([](const Database& database) { Put(database, SegmentKey(1), "damage"); });
  EXPECT_THAT(events_, ElementsAre("segments_dropped"));
  ExpectAllFound();
  Open();
  EXPECT_THAT(events_, IsEmpty());
  ExpectAllFound();
}

TEST_F(SegmentsTest, OtherTermsAreBuiltAgain) {
  terms_.version = 2;
  terms_.of = [](std::string_view, const v1::Outcome&) {
    return std::vector<Term>{TermOfWord("any")};
  };
  Open();
  EXPECT_THAT(events_, ElementsAre("segments_dropped"));
  EXPECT_EQ(Find("any")->size(), ids_.size());
  EXPECT_THAT(Find("same").value(), IsEmpty());
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(SegmentsTest, DamagedPostingsAreToldAndNotTakenForNone) {
  Edit([](const Database& database) { Put(database, KeyOfPostings("same", 1), "damage"); });
  EXPECT_THAT(Find("same"), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
}

TEST_F(SegmentsTest, VerifyFindsEachKindOfPlantedDamage) {
  const struct {
    const char* what;
    std::function<void(const Database&)> damage;
    const char* message;
  } cases[] = {
      {"postings that are gone", [](const Database& d) { Delete(d, KeyOfPostings("number2", 1)); },
       "segment 1 doesn't have the terms of its 4 records"},
      {"postings of another segment",
       [](const Database& d) {
         const SealedRow row(Family::kSegments, KeyOfPostings("number2", 2),
                             EncodePostings({MakePosting(ShortTerm(TermOfWord("number2")), 1)}));
         Put(d, std::string(row.key()), std::string(row.value()));
       },
       "segment 2 doesn't have the terms of its 4 records"},
      {"damaged postings", [](const Database& d) { Put(d, KeyOfPostings("same", 1), "damage"); },
       "a segment's row (key"},
      {"ids that are gone", [](const Database& d) { Delete(d, SegmentIdsKey(2, 0)); },
       "the stored row of segment 2 is damaged"},
      {"ids of others",
       [](const Database& d) {
         const SealedRow row(Family::kSegments, SegmentIdsKey(2, 0),
                             std::string(4 * kRecordIdBytes, 'x'));
         Put(d, std::string(row.key()), std::string(row.value()));
       },
       "which isn't there"},
      {"a segment that is gone", [](const Database& d) { Delete(d, SegmentKey(1)); },
       "segments have 4 records, and the logs say 8"},
  };
  for (const auto& c : cases) {
    std::vector<std::pair<std::string, std::string>> rows;
    Edit([&](const Database& database) {
      Scan scan(database, Family::kSegments, "");
      for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
        rows.emplace_back(scan.key(), scan.value());
      }
      c.damage(database);
    });
    EXPECT_THAT(Problems(), testing::Contains(testing::HasSubstr(c.message))) << c.what;
    Edit([&](const Database& database) {
      for (const std::string& key : Keys(database, "")) Delete(database, key);
      for (const auto& [key, value] : rows) Put(database, key, value);
    });
    EXPECT_THAT(Problems(), IsEmpty()) << c.what;
  }
}

}  // namespace
}  // namespace colophon
