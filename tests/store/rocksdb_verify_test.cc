// Verify and reads against damage that only raw rows can have: each row of a
// sound store is spoilt in turn.

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "colophon/store/v1/rows.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/base/json.h"
#include "service/store/detach.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"
#include "tests/store/conformance.h"
#include "tests/store/history.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using By = RecordQuery::By;
using testing::HasSubstr;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

// Long enough to be stored beside the intents that have it.
const std::string& kLong = *new std::string(kMinDetachedBytes, 'l');

class RocksdbVerifyTest : public testing::Test {
 protected:
  // Makes a sound store with something of every kind, and closes it.
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
    ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
    ChangeTransaction first = history_.Publish({{"p", "One."}});
    first.request_id = "r1";
    blob_ = first.objects.front().id;
    ASSERT_OK(Await([&](Done d) { store->Commit(first, d); }));
    ASSERT_OK(Await([&](Done d) { store->Commit(history_.Publish({{"p", "Two."}}), d); }));
    ASSERT_OK(Await([&](Done d) { store->Commit(history_.MoveLabel("p", "beta", 1), d); }));
    closed_ = ids_.NewId();
    open_ = ids_.NewId();
    ASSERT_OK_AND_ASSIGN(const v1::Version version, store->GetVersion("acme", "p", 1));
    intent_ = MakeIntent("acme", "p", 1);
    intent_.set_commit(version.commit());
    intent_.set_digest(version.digest());
    intent_.set_variables_json(WriteJson(json::object{{"long", kLong}}));
    for (const std::string& id : {closed_, open_}) {
      ASSERT_OK(Await([&](Done d) { store->AppendIntent(id, intent_, d); }));
    }
    ASSERT_OK(Await([&](Done d) { store->AppendOutcome(closed_, MakeOutcome(), d); }));
    ASSERT_OK_AND_ASSIGN(const auto found, store->Verify());
    ASSERT_EQ(found.problems_size(), 0) << found.DebugString();
  }

  std::string directory() const { return directory_ / "store"; }
  std::string closed() const { return *UuidToBytes(closed_); }
  static std::string ReferenceKey(const std::string& id) {
    return MediaReferenceKey("acme", MediaDigest(), id);
  }
  static std::string MediaDigest() { return absl::HexStringToBytes(Sha256Hex(kLong)); }
  void PutIntent(const Database& database, const std::function<void(v1::Intent*)>& edit) const {
    store::v1::IntentRow row;
    *row.mutable_intent() = intent_;
    edit(row.mutable_intent());
    PutSealed(database, SealedRow(Family::kRecords, IntentKey(closed()), row));
  }

  // Calls `edit` with the closed store's rows.
  void Edit(const std::function<void(const Database&)>& edit) {
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    edit(*database);
  }
  static void Put(const Database& database, Family family, const std::string& key,
                  const std::string& value) {
    ASSERT_TRUE(database.db()->Put({}, database.handle(family), key, value).ok());
  }
  static void PutSealed(const Database& database, const SealedRow& row) {
    Put(database, row.family(), std::string(row.key()), std::string(row.value()));
  }
  static void Delete(const Database& database, Family family, const std::string& key) {
    ASSERT_TRUE(database.db()->Delete({}, database.handle(family), key).ok());
  }
  static std::string Get(const Database& database, Family family, const std::string& key) {
    return database.Get(family, key)->value();
  }

  std::vector<std::string> Problems() {
    std::vector<std::string> messages;
    const auto store = OpenRocksdbStore(directory());
    EXPECT_OK(store);
    if (!store.ok()) return messages;
    const auto found = (*store)->Verify();
    EXPECT_OK(found);
    if (!found.ok()) return messages;
    for (const v1::StoreProblem& problem : found->problems()) messages.push_back(problem.message());
    return messages;
  }

  TempDir directory_;
  History history_{"acme"};
  IdGenerator ids_{Clock::Real()};
  ObjectId blob_;
  std::string closed_;
  std::string open_;
  v1::Intent intent_;
};

TEST_F(RocksdbVerifyTest, AValueOfTwoRecordsIsStoredOnceAndKnowsBoth) {
  Edit([&](const Database& database) {
    std::vector<std::string> keys;
    Scan scan(database, Family::kMedia, "");
    for (scan.SeekToFirst(); scan.Valid(); scan.Next()) keys.emplace_back(scan.key());
    EXPECT_THAT(keys, testing::UnorderedElementsAre(
                          MediaKey("acme", MediaDigest()), KnownMediaKey("acme", MediaDigest()),
                          ReferenceKey(closed()), ReferenceKey(*UuidToBytes(open_))));
    EXPECT_EQ(Get(database, Family::kMedia, MediaKey("acme", MediaDigest())), kLong);
  });
}

TEST_F(RocksdbVerifyTest, FindsAFlippedBitInEveryRow) {
  std::vector<std::pair<Family, std::string>> rows;
  Edit([&](const Database& database) {
    for (const Family family : kFamilies) {
      Scan scan(database, family, "");
      for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
        if (scan.key() == FormatKey() || scan.value().empty()) continue;
        rows.emplace_back(family, scan.key());
      }
    }
  });
  EXPECT_GE(rows.size(), 25u);
  for (const auto& [family, key] : rows) {
    std::string good;
    Edit([&, f = family, k = key](const Database& database) {
      good = Get(database, f, k);
      std::string bad = good;
      bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 4);
      Put(database, f, k, bad);
    });
    EXPECT_FALSE(Problems().empty()) << FamilyName(family) << " " << key;
    Edit([&, f = family, k = key](const Database& database) { Put(database, f, k, good); });
  }
  EXPECT_TRUE(Problems().empty());
}

TEST_F(RocksdbVerifyTest, FindsEachKindOfPlantedDamage) {
  const RecordIndex stray{.by = By::kCaller, .repository = "acme", .caller = "nobody"};
  const RecordIndex of_caller{.by = By::kCaller, .repository = "acme", .caller = "web"};
  const std::string ghost = *UuidToBytes(ids_.NewId());
  const struct {
    const char* what;
    std::function<void(const Database&)> damage;
    const char* message;
  } cases[] = {
      {"a missing blob",
       [&](const Database& d) { Delete(d, Family::kObjects, ObjectKey("acme", blob_)); },
       "is missing or damaged"},
      {"an object under another id",
       [&](const Database& d) {
         Put(d, Family::kObjects, ObjectKey("acme", ObjectId(std::array<uint8_t, 20>{1})),
             Get(d, Family::kObjects, ObjectKey("acme", blob_)));
       },
       "it hashes to"},
      {"an object without a type",
       [&](const Database& d) { Put(d, Family::kObjects, ObjectKey("acme", blob_), ""); },
       "it has no type"},
      {"an object key that is no id",
       [&](const Database& d) { Put(d, Family::kObjects, ObjectPrefix("acme") + "x", "3"); },
       "has no object id"},
      {"a missing change",
       [&](const Database& d) { Delete(d, Family::kRegistry, ChangeKey("acme", 2)); },
       "change 3 follows change 1"},
      {"a missing newest change",
       [&](const Database& d) { Delete(d, Family::kRegistry, ChangeKey("acme", 3)); },
       "the newest change (2) made commit"},
      {"a change under another number",
       [&](const Database& d) {
         v1::Change change;
         change.set_sequence(9);
         PutSealed(d, SealedRow(Family::kRegistry, ChangeKey("acme", 2), change));
       },
       "change row"},
      {"a change that isn't found by its commit",
       [&](const Database& d) { Delete(d, Family::kRegistry, CommitKey("acme", history_.main())); },
       "can't be found by its commit"},
      {"a commit of no change",
       [&](const Database& d) {
         PutSealed(d, SealedRow(Family::kRegistry, CommitKey("acme", blob_),
                                std::string_view("\0\0\0\0\0\0\0\x09", 8)));
       },
       "commit row"},
      {"a missing main",
       [&](const Database& d) { Delete(d, Family::kRegistry, RefKey("acme", "refs/heads/main")); },
       "refs/heads/main is at \"\""},
      {"a ref to a blob",
       [&](const Database& d) {
         PutSealed(d, SealedRow(Family::kRegistry, RefKey("acme", "refs/heads/x"), blob_.bytes()));
       },
       "is a blob, not a commit"},
      {"a tag of a blob",
       [&](const Database& d) {
         PutSealed(d, SealedRow(Family::kRegistry, RefKey("acme", "refs/tags/x"), blob_.bytes()));
       },
       "points to a blob"},
      {"a missing version",
       [&](const Database& d) { Delete(d, Family::kRegistry, VersionKey("acme", "p", 1)); },
       "stands where version 1 should"},
      {"a missing newest version",
       [&](const Database& d) { Delete(d, Family::kRegistry, VersionKey("acme", "p", 2)); },
       "latest version is 2, which is missing"},
      {"a version that isn't found by its change",
       [&](const Database& d) { Delete(d, Family::kRegistry, PublishedKey("acme", "p", 1)); },
       "can't be found by its change 1"},
      {"a change that published no such version",
       [&](const Database& d) {
         PutSealed(d, SealedRow(Family::kRegistry, PublishedKey("acme", "p", 3),
                                std::string_view("\0\0\0\1", 4)));
       },
       "version by change row"},
      {"a missing prompt",
       [&](const Database& d) { Delete(d, Family::kRegistry, PromptKey("acme", "p")); },
       "has no prompt row"},
      {"a row of an unknown kind",
       [&](const Database& d) { Put(d, Family::kRegistry, "zacme", "x"); },
       "a row of no repository"},
      {"rows of a repository that isn't there",
       [&](const Database& d) { Put(d, Family::kRegistry, ChangeKey("ghost", 1), "x"); },
       "a row of no repository"},
      {"a missing index entry",
       [&](const Database& d) { Delete(d, Family::kIndex, IndexKey(of_caller, closed())); },
       "is missing from an index (kind 'c'"},
      {"an index entry that the record doesn't have",
       [&](const Database& d) { Put(d, Family::kIndex, IndexKey(stray, closed()), ""); },
       "is of no record that has it"},
      {"an index entry of no record",
       [&](const Database& d) { Put(d, Family::kIndex, IndexKey(of_caller, ghost), ""); },
       "is of no record that has it"},
      {"a missing and a wrong index entry, as many as there should be",
       [&](const Database& d) {
         Delete(d, Family::kIndex, IndexKey(of_caller, closed()));
         Put(d, Family::kIndex, IndexKey(stray, closed()), "");
       },
       "is of no record that has it"},
      {"a closed record that is listed as open",
       [&](const Database& d) {
         Put(d, Family::kIndex, IndexKey(OpenIndex("acme"), closed()), "");
       },
       "is of no record that has it"},
      {"an open record that isn't listed as open",
       [&](const Database& d) {
         Delete(d, Family::kIndex, IndexKey(OpenIndex("acme"), *UuidToBytes(open_)));
       },
       "is missing from an index (kind 's'"},
      {"a record that left no trace",
       [&](const Database& d) {
         std::vector<std::string> entries;
         Scan scan(d, Family::kIndex, "");
         for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
           if (RecordIdOfIndexKey(scan.key()) == closed()) entries.emplace_back(scan.key());
         }
         for (const std::string& key : entries) Delete(d, Family::kIndex, key);
         Delete(d, Family::kRecords, IntentKey(closed()));
         Delete(d, Family::kRecords, OutcomeKey(closed()));
       },
       "2 records were begun, 1 closed and 0 scores given, but 1 are whole and there, 0 of them"},
      {"a record more than was written",
       [&](const Database& d) {
         PutSealed(d,
                   SealedRow(Family::kMeta, RecordCountsKey("acme"), EncodeRecordCounts({1, 1})));
       },
       "1 records were begun, 1 closed and 0 scores given, but 2 are whole and there"},
      {"damaged counts",
       [&](const Database& d) { Put(d, Family::kMeta, RecordCountsKey("acme"), "x"); },
       "how many records \"acme\" has"},
      {"an outcome without an intent",
       [&](const Database& d) { Delete(d, Family::kRecords, IntentKey(closed())); },
       "has an outcome and no intent"},
      {"a lost outcome",
       [&](const Database& d) { Delete(d, Family::kRecords, OutcomeKey(closed())); },
       "is missing from an index (kind 's'"},
      {"a row swapped for another's",
       [&](const Database& d) {
         Put(d, Family::kRecords, IntentKey(closed()),
             Get(d, Family::kRecords, IntentKey(*UuidToBytes(open_))));
       },
       "is damaged"},
      {"a missing value of an intent",
       [&](const Database& d) { Delete(d, Family::kMedia, MediaKey("acme", MediaDigest())); },
       "is damaged or missing"},
      {"a value of no repository",
       [&](const Database& d) { Put(d, Family::kMedia, MediaKey("ghost", MediaDigest()), kLong); },
       "a row of no repository"},
      {"a value's key that is none",
       [&](const Database& d) { Put(d, Family::kMedia, MediaKey("acme", "short"), "x"); },
       "malformed key"},
      {"a record of a version that isn't there",
       [&](const Database& d) { PutIntent(d, [](v1::Intent* i) { i->set_version(9); }); },
       "p@v9 at commit"},
      {"a record of a version with another digest",
       [&](const Database& d) {
         PutIntent(d, [](v1::Intent* i) { i->set_digest(std::string(64, '0')); });
       },
       "which isn't there"},
      {"a record of a draft that isn't there",
       [&](const Database& d) {
         PutIntent(d, [](v1::Intent* i) {
           i->set_version(0);
           i->set_commit(std::string(40, '0'));
         });
       },
       "p@v0 at commit"},
      {"a value that doesn't know who has it",
       [&](const Database& d) { Delete(d, Family::kMedia, ReferenceKey(closed())); },
       "values that records share know of 1 uses, and records have 2"},
      {"a value that knows of nobody",
       [&](const Database& d) { Put(d, Family::kMedia, ReferenceKey(std::string(16, 'x')), ""); },
       "values that records share know of 3 uses"},
      {"a hole in the log", [&](const Database& d) { Delete(d, Family::kLog, LogKey("acme", 3)); },
       "1 leaves up to 4 doesn't follow the 2 before"},
      {"a log that ends too early",
       [&](const Database& d) { Delete(d, Family::kLog, LogKey("acme", 6)); },
       "the log has 5 leaves, and 6 changes, intents and outcomes"},
      {"a log of no repository",
       [&](const Database& d) { Put(d, Family::kLog, LogKey("ghost", 1), "x"); },
       "a row of no repository"},
      {"a leaf of another row",
       [&](const Database& d) {
         const std::string row = Get(d, Family::kLog, LogKey("acme", 1));
         const auto content = Unseal(LogKey("acme", 1), row, "");
         PutSealed(d, SealedRow(Family::kLog, LogKey("acme", 2), *content));
       },
       "they aren't of each other"},
      {"an intent written again",
       [&](const Database& d) { PutIntent(d, [](v1::Intent* i) { i->set_caller("app"); }); },
       "isn't what was written"},
      {"an outcome that is gone",
       [&](const Database& d) { Delete(d, Family::kRecords, OutcomeKey(closed())); },
       "has a leaf in the log and isn't there"},
      {"a record key that is none",
       [&](const Database& d) { Put(d, Family::kRecords, "short", ""); }, "malformed key"},
  };
  const std::string sound = directory_ / "sound";
  ASSERT_EQ(Shell("cp -r " + directory() + " " + sound).exit_code, 0);
  for (const auto& c : cases) {
    Edit(c.damage);
    EXPECT_THAT(Problems(), testing::Contains(HasSubstr(c.message))) << c.what;
    ASSERT_EQ(Shell("rm -r " + directory() + " && cp -r " + sound + " " + directory()).exit_code,
              0);
  }
  EXPECT_TRUE(Problems().empty());
}

TEST_F(RocksdbVerifyTest, AChangeHasAllItsPagesAndNoOthers) {
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
    ChangeTransaction wide = history_.Publish({{"p", "Three."}});
    for (int i = 0; i < 4'000; ++i) wide.change->add_paths(std::string(200, 'p'));
    ASSERT_OK(Await([&](Done d) { store->Commit(wide, d); }));
  }
  EXPECT_TRUE(Problems().empty());
  const auto page_key = [](uint32_t page) { return ChangePageKey("acme", 4, page); };
  std::string second;
  Edit([&](const Database& d) {
    second = Get(d, Family::kRegistry, page_key(2));
    Delete(d, Family::kRegistry, page_key(2));
  });
  EXPECT_THAT(Problems(), testing::Contains(HasSubstr("change 4 lacks its second page")));
  // The third is then of none.
  EXPECT_THAT(Problems(), testing::Contains(HasSubstr("page of a change row")));
  Edit([&](const Database& d) { Put(d, Family::kRegistry, page_key(2), second); });
  EXPECT_TRUE(Problems().empty());
  Edit([&](const Database& d) { Put(d, Family::kRegistry, page_key(9), second); });
  EXPECT_THAT(Problems(), testing::Contains(HasSubstr("page of a change row")));
}

TEST_F(RocksdbVerifyTest, TellsAThousandProblemsAndCountsOn) {
  Edit([&](const Database& d) {
    for (int i = 0; i < 1500; ++i) {
      Put(d, Family::kObjects,
          ObjectKey("acme", MakeObject(ObjectType::kBlob, std::to_string(i)).id), "\3wrong");
    }
  });
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  ASSERT_OK_AND_ASSIGN(const auto found, store->Verify());
  EXPECT_EQ(found.problems_size(), 1000);
  EXPECT_GE(found.object_count(), 1500);
  EXPECT_EQ(found.record_count(), 2);
}

TEST_F(RocksdbVerifyTest, DamageIsNeverServed) {
  const auto spoil = [](const Database& database, Family family, const std::string& key) {
    const std::string value = Get(database, family, key);
    Put(database, family, key, static_cast<char>(value[0] ^ 1) + value.substr(1));
  };
  Edit([&](const Database& d) {
    spoil(d, Family::kRecords, OutcomeKey(closed()));
    spoil(d, Family::kMeta, RecordCountsKey("acme"));
    spoil(d, Family::kRegistry, ChangeKey("acme", 2));
    spoil(d, Family::kRegistry, VersionKey("acme", "p", 1));
    spoil(d, Family::kRegistry, PromptKey("acme", "p"));
    spoil(d, Family::kRegistry, LabelKey("acme", "p", "beta", 3));
    spoil(d, Family::kRegistry, RequestKey("acme", "r1"));
    spoil(d, Family::kRegistry, RefKey("acme", "refs/heads/main"));
    spoil(d, Family::kRegistry, CommitKey("acme", history_.main()));
    spoil(d, Family::kObjects, ObjectKey("acme", blob_));
  });
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  const struct {
    absl::Status status;
    const char* reason;
  } cases[] = {
      {store->GetRecord(closed_).status(), "CORRUPT_STORE"},
      {store->CountRecords().status(), "CORRUPT_STORE"},
      {store->ListRecords({.by = By::kRepository, .repository = "acme"}).status(), "CORRUPT_STORE"},
      {store->GetChange("acme", 2).status(), "CORRUPT_STORE"},
      {store->ListChanges("acme", 1, 1, 10).status(), "CORRUPT_STORE"},
      {store->FindSequence("acme", History::TimeOf(2), absl::InfiniteFuture()).status(),
       "CORRUPT_STORE"},
      {store->FindSequence("acme", history_.main()).status(), "CORRUPT_STORE"},
      {store->GetVersion("acme", "p", 1).status(), "CORRUPT_STORE"},
      {store->GetVersionAt("acme", "p", 1).status(), "CORRUPT_STORE"},
      {store->ListVersions("acme", "p", 0, 10).status(), "CORRUPT_STORE"},
      {store->ListPrompts("acme").status(), "CORRUPT_STORE"},
      {store->ListLabels("acme", "", 9).status(), "CORRUPT_STORE"},
      {store->GetRequest("acme", "r1").status(), "CORRUPT_STORE"},
      {store->ListRefs("acme", "").status(), "CORRUPT_STORE"},
      {store->ListRepositories().status(), "CORRUPT_STORE"},
      {store->GetObject("acme", blob_).status(), "CORRUPT_OBJECT"},
      // A write that has to know a damaged ref isn't made.
      {Await([&](Done d) {
         store->Commit(history_.Publish({{"p", "3"}}), d);
       }),
       "CORRUPT_STORE"},
  };
  for (const auto& c : cases) EXPECT_THAT(c.status, ErrorIs(kDataLoss, c.reason));
  EXPECT_OK(store->GetRecord(open_)) << "what is sound is still served";
  EXPECT_FALSE(store->failed());
}

}  // namespace
}  // namespace colophon
