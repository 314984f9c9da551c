// Kind: room ends. Before it does, what is new is refused and what was begun is still
// finished; and nothing that only tells ends the process.

#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/disk_guard.h"
#include "service/store/rocksdb/info_log.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/store/conformance.h"
#include "tests/store/history.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::StatusCode kExhausted = absl::StatusCode::kResourceExhausted;
constexpr int64_t kMiB = 1 << 20;

// A disk whose free space is what the test says, and what the store said of it.
class DiskSpaceTest : public testing::Test {
 protected:
  RocksdbStoreOptions Options() {
    RocksdbStoreOptions options;
    options.min_free_bytes = 100 * kMiB;
    options.upkeep_interval = std::chrono::milliseconds(1);
    options.measure_disk = [this](const std::string&) -> absl::StatusOr<DiskSpace> {
      std::lock_guard lock(mu_);
      ++looks_;
      return DiskSpace{.total_bytes = total_, .free_bytes = free_};
    };
    options.log = [this](StoreLogLevel, std::string_view event, std::string_view) {
      std::lock_guard lock(mu_);
      events_.emplace_back(event);
    };
    return options;
  }

  void SetFree(int64_t bytes) {
    std::lock_guard lock(mu_);
    free_ = bytes;
  }
  // Sets it, and waits until the store has looked twice: the second look began after.
  void SetFreeAndWait(int64_t bytes) {
    SetFree(bytes);
    const int before = looks();
    ASSERT_TRUE(Eventually([&] { return looks() >= before + 2; }));
  }
  int looks() {
    std::lock_guard lock(mu_);
    return looks_;
  }
  std::vector<std::string> events() {
    std::lock_guard lock(mu_);
    return events_;
  }

  TempDir directory_;

 private:
  std::mutex mu_;
  // Guarded by mu_.
  int64_t total_ = 1000 * 1000 * kMiB;
  int64_t free_ = 1000 * kMiB;
  int looks_ = 0;
  std::vector<std::string> events_;
};

TEST_F(DiskSpaceTest, WhatIsNewIsRefusedAndWhatWasBegunIsFinished) {
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory_ / "store", Options()));
  IdGenerator ids{Clock::Real()};
  History history("acme");
  ASSERT_OK(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }));
  ASSERT_OK(Await([&](Done d) { store->Commit(history.Publish({{"p", "1"}}), d); }));
  const std::string begun = ids.NewId();
  ASSERT_OK(Await([&](Done d) { store->AppendIntent(begun, MakeIntent("acme"), d); }));

  SetFreeAndWait(99 * kMiB);
  v1::Record record;
  record.set_id(ids.NewId());
  *record.mutable_intent() = MakeIntent("acme");
  *record.mutable_outcome() = MakeOutcome();
  const ChangeTransaction publish = history.Publish({{"p", "2"}});
  const absl::Status refused[] = {
      Await([&](Done d) { store->CreateRepository("beta", absl::Now(), d); }),
      Await([&](Done d) { store->Commit(publish, d); }),
      Await([&](Done d) { store->AppendIntent(ids.NewId(), MakeIntent("acme"), d); }),
      Await([&](Done d) { store->AppendRecord(record, "", d); }),
  };
  for (const absl::Status& status : refused) {
    EXPECT_THAT(status, ErrorIs(kExhausted, "DISK_LOW", HasSubstr("99.0 MiB free")));
    EXPECT_EQ(MetadataOf(status)["free_bytes"], std::to_string(99 * kMiB));
    EXPECT_EQ(MetadataOf(status)["min_free_bytes"], std::to_string(100 * kMiB));
    EXPECT_TRUE(RetryDelayOf(status).has_value());
  }
  EXPECT_OK(Await([&](Done d) { store->AppendOutcome(begun, MakeOutcome(), d); }));
  EXPECT_OK(store->GetRecord(begun));
  EXPECT_OK(store->ListRepositories());
  EXPECT_EQ(store->GetSpace()->disk_free_bytes, 99 * kMiB);
  EXPECT_GT(store->GetSpace()->store_bytes, 0);
  EXPECT_FALSE(store->failed());

  // Nothing of what was refused is there, and all of it can be done now.
  SetFreeAndWait(1000 * kMiB);
  EXPECT_OK(Await([&](Done d) { store->Commit(publish, d); }));
  EXPECT_OK(Await([&](Done d) { store->AppendRecord(record, "", d); }));
  ASSERT_OK_AND_ASSIGN(const auto verified, store->Verify());
  EXPECT_EQ(verified.problems_size(), 0) << verified.DebugString();
  EXPECT_EQ(verified.record_count(), 2);
}

TEST_F(DiskSpaceTest, EachLimitIsToldOnceWhenItIsCrossed) {
  DiskGuard guard("/disk", Options());
  const auto look = [&](int64_t mebibytes) {
    SetFree(mebibytes * kMiB);
    guard.Look();
    guard.Look();
  };
  for (const int64_t mebibytes : {1000, 201, 199, 201, 199, 150}) look(mebibytes);
  EXPECT_THAT(events(), ElementsAre("disk_filling"));
  for (const int64_t mebibytes : {99, 101, 99, 101}) look(mebibytes);
  EXPECT_THAT(events(), ElementsAre("disk_filling", "disk_low"));
  EXPECT_TRUE(guard.low()) << "within an eighth of the limit nothing changes";
  for (const int64_t mebibytes : {113, 112}) look(mebibytes);
  EXPECT_FALSE(guard.low());
  for (const int64_t mebibytes : {1000, 50, 1000}) look(mebibytes);
  EXPECT_THAT(events(), ElementsAre("disk_filling", "disk_low", "disk_recovered", "disk_recovered",
                                    "disk_low", "disk_recovered"));
}

TEST_F(DiskSpaceTest, ASmallDiskKeepsATwentieth) {
  RocksdbStoreOptions options;
  DiskSpace disk;
  options.measure_disk = [&](const std::string&) { return disk; };
  const auto is_low = [&](int64_t total, int64_t free) {
    disk = {.total_bytes = total, .free_bytes = free};
    return DiskGuard("/disk", options).low();
  };
  EXPECT_FALSE(is_low(1000 * kMiB, 51 * kMiB));
  EXPECT_TRUE(is_low(1000 * kMiB, 49 * kMiB));
  EXPECT_FALSE(is_low(1000 * 1000 * kMiB, 257 * kMiB));
  EXPECT_TRUE(is_low(1000 * 1000 * kMiB, 255 * kMiB));
}

TEST_F(DiskSpaceTest, StartingOnAFullDiskSaysSo) {
  RocksdbStoreOptions options = Options();
  SetFree(1 * kMiB);
  EXPECT_THAT(OpenRocksdbStore(directory_ / "store", options),
              ErrorIs(kExhausted, "DISK_FULL",
                      testing::AllOf(HasSubstr("no space left"), HasSubstr("1.0 MiB free"))));
  SetFree(1000 * kMiB);
  ASSERT_OK(OpenRocksdbStore(directory_ / "store", options));
  // With room to open, but below the reserve, it serves what is there.
  SetFree(20 * kMiB);
  ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory_ / "store", options));
  EXPECT_OK(store->ListRepositories());
  EXPECT_THAT(Await([&](Done d) { store->CreateRepository("acme", absl::Now(), d); }),
              ErrorIs(kExhausted, "DISK_LOW"));
}

TEST_F(DiskSpaceTest, MeasuresTheRealDisk) {
  ASSERT_OK_AND_ASSIGN(const DiskSpace disk, MeasureDisk(directory_.path()));
  EXPECT_GT(disk.total_bytes, disk.free_bytes);
  EXPECT_GT(disk.free_bytes, 0);
  EXPECT_EQ(MeasureDisk(directory_ / "none").status().code(), absl::StatusCode::kUnavailable);
}

// Debian's RocksDB aborts at the second failed write to a log file of its own.
TEST_F(DiskSpaceTest, RocksdbWritesNoLogOfItsOwn) {
  for (int i = 0; i < 2; ++i) ASSERT_OK(OpenRocksdbStore(directory_ / "store", Options()));
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "store")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << entry.path();
  }
}

TEST_F(DiskSpaceTest, MessagesOfRocksdbAreBounded) {
  std::vector<std::string> messages;
  const auto log = MakeInfoLog([&](StoreLogLevel level, std::string_view, std::string_view text) {
    messages.push_back((level == StoreLogLevel::kError ? "E " : "W ") + std::string(text));
  });
  rocksdb::Info(log, "file %d", 1);
  rocksdb::Header(log, "file %d", 2);
  rocksdb::Error(log, "file %d: %s", 3, "bad");
  rocksdb::Warn(log, "%s", std::string(100'000, 'x').c_str());
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0], "E file 3: bad");
  EXPECT_LT(messages[1].size(), 2000u);
  for (int i = 0; i < 10'000; ++i) rocksdb::Warn(log, "file %d", i);
  EXPECT_LE(messages.size(), 25u);
}

TEST_F(DiskSpaceTest, ADirectoryThatCannotBeWrittenIsNotCalledLocked) {
  ASSERT_OK(OpenRocksdbStore(directory_ / "store"));
  if (geteuid() == 0) {
    // Root may write everywhere: the check is made as somebody else, in a process of its own.
    EXPECT_EXIT(
        {
          std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
          if (seteuid(65534) != 0) _exit(2);
          const absl::Status status = OpenRocksdbStore(directory_ / "store").status();
          _exit(ReasonOf(status) == "STORE_DIRECTORY" &&
                        MessageOf(status).find("belongs to user root") != std::string::npos
                    ? 0
                    : 1);
        },
        testing::ExitedWithCode(0), "");
    return;
  }
  std::filesystem::permissions(directory_ / "store", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_exec);
  EXPECT_THAT(OpenRocksdbStore(directory_ / "store"),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "STORE_DIRECTORY",
                      HasSubstr("make it writable")));
  std::filesystem::permissions(directory_ / "store", std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace colophon
