// What is RocksDB's own: opening, locking, the format, failing disks.

#include "service/store/rocksdb/rocksdb_store.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"
#include "tests/store/conformance.h"
#include "tests/store/faulty_file_system.h"
#include "tests/store/history.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using Fault = FaultyFileSystem::Fault;

constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kUnavailable = absl::StatusCode::kUnavailable;

class RocksdbStoreTest : public testing::Test {
 protected:
  std::string directory() const { return directory_ / "a/store"; }

  void WriteFormat(uint32_t format) {
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    std::string content;
    AppendU32(format, &content);
    const SealedRow row(Family::kMeta, FormatKey(), content);
    ASSERT_TRUE(
        database->db()
            ->Put({}, database->handle(Family::kMeta), ToSlice(row.key()), ToSlice(row.value()))
            .ok());
  }

  TempDir directory_;
};

TEST_F(RocksdbStoreTest, MakesItsDirectory) {
  ASSERT_OK(OpenRocksdbStore(directory()));
  ASSERT_OK(OpenRocksdbStore(directory()));
}

TEST_F(RocksdbStoreTest, IsOpenOnceAtATime) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  EXPECT_THAT(OpenRocksdbStore(directory()),
              ErrorIs(kPrecondition, "STORE_LOCKED", HasSubstr('"' + directory() + '"')));
}

TEST_F(RocksdbStoreTest, RefusesANewerFormat) {
  WriteFormat(3);
  EXPECT_THAT(OpenRocksdbStore(directory()),
              ErrorIs(kPrecondition, "STORE_FORMAT", HasSubstr("its format is 3")));
}

TEST_F(RocksdbStoreTest, RefusesAFamilyItDoesNotKnow) {
  {
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(database->db()->CreateColumnFamily({}, "leaves", &handle).ok());
    ASSERT_TRUE(database->db()->DestroyColumnFamilyHandle(handle).ok());
  }
  EXPECT_THAT(OpenRocksdbStore(directory()),
              ErrorIs(kPrecondition, "STORE_FORMAT", HasSubstr("\"leaves\"")));
}

TEST_F(RocksdbStoreTest, SaysWhyADirectoryCannotBeUsed) {
  WriteFile(directory_ / "file", "x");
  EXPECT_THAT(OpenRocksdbStore(directory_ / "file/store"),
              ErrorIs(kPrecondition, "STORE_DIRECTORY", HasSubstr("file/store")));
}

TEST_F(RocksdbStoreTest, ABackupLeavesNothingBesideIt) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  ASSERT_OK(store->Backup(directory_ / "backup"));
  EXPECT_EQ(Shell("ls " + directory_.path()).output, "a\nbackup\n");
  EXPECT_THAT(store->Backup(directory_ / "none/backup"),
              ErrorIs(kUnavailable, "BACKUP_FAILED", HasSubstr("none/backup")));
}

TEST_F(RocksdbStoreTest, ALabelMovedOftenIsStillFound) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
  History history("acme");
  ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
  ASSERT_OK(Await([&](Done d) { store->Commit(history.Publish({{"p", "1"}, {"q", "1"}}), d); }));
  for (int i = 0; i < 100; ++i) {
    store->Commit(history.MoveLabel("p", "production", 1), [](const absl::Status&) {});
  }
  ASSERT_OK(Await([&](Done d) { store->Commit(history.MoveLabel("q", "production", 1), d); }));
  EXPECT_EQ(store->ListLabels("acme", "", 102)->size(), 2u);
  EXPECT_EQ(store->ListLabels("acme", "", 50)->at(0).sequence(), 50);
  EXPECT_EQ(store->ListLabels("acme", "", 50)->size(), 1u);
  EXPECT_EQ(store->ListLabels("acme", "p", 2)->at(0).sequence(), 2);
}

// The files that hold the rows of `family`.
std::vector<std::string> FilesOf(const Database& database, Family family) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db()->GetLiveFilesMetaData(&files);
  std::vector<std::string> paths;
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name == FamilyName(family)) paths.push_back(file.db_path + file.name);
  }
  return paths;
}

// Makes one byte another one. A table's first block has rows.
void Damage(const std::string& path, int offset = 20) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(offset);
  const int byte = file.get();
  file.seekp(offset);
  file.put(static_cast<char>(byte ^ 0x55));
  ASSERT_TRUE(file.good()) << path;
}

TEST_F(RocksdbStoreTest, ADamagedFileIsToldOnceAndNotCompacted) {
  const auto append = [](Store* store, const std::string& id) {
    return Await([&](Done d) { store->AppendIntent(id, MakeIntent("acme"), d); });
  };
  IdGenerator ids{Clock::Real()};
  const std::string id = ids.NewId();
  {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory()));
    ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
    ASSERT_OK(append(store.get(), id));
  }
  std::vector<std::string> files;
  {
    // Opening makes files of the log.
    ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), {}));
    files = FilesOf(*database, Family::kRecords);
  }
  ASSERT_EQ(files.size(), 1u);
  Damage(files[0]);

  std::vector<absl::Status> damages;
  RocksdbStoreOptions options;
  options.on_damage = [&](const absl::Status& status) { damages.push_back(status); };
  ASSERT_OK_AND_ASSIGN(const auto database, Database::Open(directory(), options));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(database->Get(Family::kRecords, IntentKey(*UuidToBytes(id))),
                ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
  }
  ASSERT_EQ(damages.size(), 1u);
  EXPECT_EQ(ReasonOf(damages[0]), "CORRUPT_STORE");
  for (const Family family : kFamilies) {
    EXPECT_TRUE(database->db()->GetOptions(database->handle(family)).disable_auto_compactions);
  }
}

std::string LogIn(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) return entry.path();
  }
  ADD_FAILURE() << "no log in " << directory;
  return "";
}

// What was acknowledged is there or an error is.
TEST_F(RocksdbStoreTest, ADamagedLogIsNotRolledBackToItsDamage) {
  const auto fill = [](const std::string& directory) {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory));
    ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
    IdGenerator ids{Clock::Real()};
    for (int i = 0; i < 3; ++i) {
      ASSERT_OK(Await([&](Done d) { store->AppendIntent(ids.NewId(), MakeIntent("acme"), d); }));
    }
  };
  const auto told =
      ErrorIs(absl::StatusCode::kDataLoss, "LOST_WRITES", HasSubstr("Start on a backup"));
  fill(directory());
  Damage(LogIn(directory()), 100);
  EXPECT_THAT(OpenRocksdbStore(directory()), told);

  const std::string cut = directory_ / "cut";
  fill(cut);
  const std::string log = LogIn(cut);
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 10);
  EXPECT_THAT(OpenRocksdbStore(cut), told);
}

// A store on a disk that fails when told.
class FailingStoreTest : public RocksdbStoreTest {
 protected:
  void SetUp() override {
    RocksdbStoreOptions options;
    options.env = env_.get();
    options.on_failure = [this](const absl::Status& status) { failures_.push_back(status); };
    ASSERT_OK_AND_ASSIGN(store_, OpenRocksdbStore(directory(), options));
    ASSERT_OK(Await([&](Done d) { store_->CreateRepository("acme", absl::Now(), d); }));
    good_ = ids_.NewId();
    ASSERT_OK(AppendIntent(good_));
  }

  absl::Status AppendIntent(const std::string& id) {
    return Await([&](Done d) { store_->AppendIntent(id, MakeIntent("acme"), d); });
  }

  // What must hold after any failed write.
  void ExpectStopped() {
    EXPECT_TRUE(store_->failed());
    // The fault has passed; the store doesn't come back.
    const absl::Status later[] = {
        AppendIntent(ids_.NewId()),
        Await([&](Done d) { store_->AppendOutcome(good_, MakeOutcome(), d); }),
        Await([&](Done d) { store_->CreateRepository("beta", absl::Now(), d); }),
        Await([&](Done d) {
          store_->Commit(History("acme").Publish({{"p", "1"}}), d);
        }),
        Await([&](Done d) { store_->AppendIntent("not an id", MakeIntent("acme"), d); }),
    };
    for (const absl::Status& status : later) {
      EXPECT_THAT(status, ErrorIs(kUnavailable, "STORE_FAILED", HasSubstr("restart")));
    }
    EXPECT_EQ(failures_.size(), 1u);
    EXPECT_EQ(ReasonOf(failures_.at(0)), "STORE_FAILED");
    EXPECT_OK(store_->GetRecord(good_)) << "reads go on";
  }

  std::shared_ptr<FaultyFileSystem> files_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  IdGenerator ids_{Clock::Real()};
  std::vector<absl::Status> failures_;
  std::string good_;
  std::unique_ptr<Store> store_;
};

TEST_F(FailingStoreTest, StopsAfterAFailedWrite) {
  const struct {
    const char* what;
    Fault fault;
    rocksdb::IOStatus status;
  } cases[] = {
      {"sync, EIO", Fault::kSync, rocksdb::IOStatus::IOError("injected")},
      {"append, EIO", Fault::kAppend, rocksdb::IOStatus::IOError("injected")},
      {"sync, ENOSPC", Fault::kSync, rocksdb::IOStatus::NoSpace("injected")},
      {"append, ENOSPC", Fault::kAppend, rocksdb::IOStatus::NoSpace("injected")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    files_->FailNext(c.fault, c.status);
    const std::string unknown = ids_.NewId();
    EXPECT_THAT(AppendIntent(unknown),
                ErrorIs(kUnavailable, "STORE_FAILED", HasSubstr("injected")));
    ExpectStopped();

    // After a restart all that was acknowledged is there; what wasn't may be.
    store_.reset();
    failures_.clear();
    ASSERT_OK_AND_ASSIGN(
        store_, OpenRocksdbStore(directory(), {.env = env_.get(),
                                               .on_failure = [this](const absl::Status& status) {
                                                 failures_.push_back(status);
                                               }}));
    EXPECT_FALSE(store_->failed());
    EXPECT_OK(store_->GetRecord(good_));
    EXPECT_OK(AppendIntent(ids_.NewId()));
    ASSERT_OK_AND_ASSIGN(const auto found, store_->Verify());
    EXPECT_EQ(found.problems_size(), 0) << found.DebugString();
  }
}

TEST_F(FailingStoreTest, NoWriteOfAFailedBatchIsAcknowledged) {
  // Holds the committer, so that the next writes gather into one batch.
  std::promise<void> holding;
  std::promise<void> release;
  store_->AppendIntent(ids_.NewId(), MakeIntent("acme"), [&](const absl::Status&) {
    holding.set_value();
    release.get_future().wait();
  });
  holding.get_future().wait();
  files_->FailNext(Fault::kSync, rocksdb::IOStatus::IOError("injected"));
  std::vector<absl::Status> results;
  const auto note = [&](absl::Status status) { results.push_back(std::move(status)); };
  for (int i = 0; i < 50; ++i) store_->AppendIntent(ids_.NewId(), MakeIntent("acme"), note);
  store_->AppendIntent(good_, MakeIntent("acme"), note);  // Refused in any case.
  release.set_value();
  EXPECT_THAT(AppendIntent(ids_.NewId()), ErrorIs(kUnavailable, "STORE_FAILED"));
  ASSERT_EQ(results.size(), 51u);
  for (const absl::Status& status : results) {
    EXPECT_THAT(status, ErrorIs(kUnavailable, "STORE_FAILED"));
  }
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(FailingStoreTest, WritesThatWaitShareASync) {
  std::promise<void> holding;
  std::promise<void> release;
  store_->AppendIntent(ids_.NewId(), MakeIntent("acme"), [&](const absl::Status&) {
    holding.set_value();
    release.get_future().wait();
  });
  holding.get_future().wait();
  const int before = files_->sync_count();
  for (int i = 0; i < 100; ++i) {
    store_->AppendIntent(ids_.NewId(), MakeIntent("acme"), [](const absl::Status&) {});
  }
  release.set_value();
  EXPECT_OK(AppendIntent(ids_.NewId()));
  // One batch, or two when the last came too late for it.
  EXPECT_LE(files_->sync_count() - before, 2);
  EXPECT_GE(files_->sync_count() - before, 1);
}

TEST_F(FailingStoreTest, EveryWriteIsSyncedBeforeItsDone) {
  for (int i = 0; i < 5; ++i) {
    const int before = files_->sync_count();
    EXPECT_OK(AppendIntent(ids_.NewId()));
    EXPECT_EQ(files_->sync_count(), before + 1);
  }
}

}  // namespace
}  // namespace colophon
