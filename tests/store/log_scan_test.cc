#include "service/store/rocksdb/log_scan.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "service/store/rocksdb/synced_mark.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// A log of writes of many sizes, as RocksDB makes it.
class LogScanTest : public testing::Test {
 protected:
  void SetUp() override {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, directory_ / "db", &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::WriteOptions write;
    write.sync = true;
    std::unique_ptr<rocksdb::LogFile> log;
    // Some end just before a block does, where no header fits.
    for (const size_t size : {10, 100, 32'768, 5, 40'000, 100'000, 32'600, 70, 1, 32'700, 3}) {
      ASSERT_TRUE(db->Put(write, "key", std::string(size, 'x')).ok());
      ASSERT_TRUE(db->GetCurrentWalFile(&log).ok());
      ends_.push_back(log->SizeFileBytes());
    }
    std::filesystem::copy_file(directory_ / "db" + log->PathName(), path_);
    content_ = ReadFileOrDie(path_);
  }

  LogScan Scan(const std::string& content) {
    WriteFile(path_, content);
    LogScan scan;
    EXPECT_TRUE(ScanLog(rocksdb::Env::Default(), path_, LogKind::kWrites, &scan).ok());
    EXPECT_EQ(scan.size, content.size());
    return scan;
  }

  TempDir directory_;
  const std::string path_ = directory_ / "000009.log";
  std::string content_;
  std::vector<uint64_t> ends_;  // Of each write.
};

TEST_F(LogScanTest, AWholeLogIsWhole) {
  const LogScan scan = Scan(content_);
  EXPECT_TRUE(scan.is_whole());
  EXPECT_EQ(scan.next_sequence, ends_.size() + 1);
  EXPECT_TRUE(Scan("").is_whole());
}

TEST_F(LogScanTest, ACutLogEndsBehindItsLastWholeWrite) {
  for (size_t size = 0; size < content_.size(); size += size < 200 ? 1 : 997) {
    const LogScan scan = Scan(content_.substr(0, size));
    uint64_t end = 0;
    for (const uint64_t candidate : ends_) end = candidate <= size ? candidate : end;
    EXPECT_EQ(scan.end, end) << size;
    EXPECT_FALSE(scan.goes_on) << size;
    // The same where a file system left zeros instead.
    std::string zeros = content_.substr(0, size);
    zeros.resize(content_.size());
    const LogScan with_zeros = Scan(zeros);
    EXPECT_EQ(with_zeros.end, end) << size;
    EXPECT_FALSE(with_zeros.goes_on) << size;
  }
}

TEST_F(LogScanTest, DamageBeforeTheLastWriteGoesOn) {
  uint64_t begin = 0;
  for (size_t i = 0; i < ends_.size(); ++i) {
    for (int bit = 0; bit < 56; ++bit) {
      // A write that begins where no header fits begins in the next block.
      uint64_t header = begin;
      if (32'768 - header % 32'768 < 7) header += 32'768 - header % 32'768;
      std::string bad = content_;
      bad[header + static_cast<uint64_t>(bit) / 8] ^= static_cast<char>(1 << (bit % 8));
      const LogScan scan = Scan(bad);
      EXPECT_EQ(scan.end, begin) << "write " << i << " bit " << bit;
      EXPECT_EQ(scan.goes_on, i + 1 < ends_.size()) << "write " << i << " bit " << bit;
    }
    begin = ends_[i];
  }
}

TEST_F(LogScanTest, CutsOffWhatIsBroken) {
  WriteFile(path_, content_);
  ASSERT_TRUE(CutLog(rocksdb::Env::Default(), path_, ends_[3]).ok());
  EXPECT_EQ(ReadFileOrDie(path_), content_.substr(0, ends_[3]));
}

TEST(SyncedFileTest, TheNewerWholeSlotCounts) {
  TempDir directory;
  rocksdb::Env* const env = rocksdb::Env::Default();
  ASSERT_OK_AND_ASSIGN(const auto none, SyncedFile::Read(env, directory.path()));
  EXPECT_FALSE(none);
  ASSERT_TRUE(SyncedFile::Create(env, directory.path(), {.sequence = 1}).ok());
  const std::string path = directory / SyncedFile::kName;
  SyncedMark before{.sequence = 1};
  for (uint64_t i = 2; i < 7; ++i) {
    const SyncedMark mark{.sequence = i,
                          .log = 2 * i,
                          .log_bytes = 3 * i,
                          .manifest = 4 * i,
                          .manifest_bytes = 5 * i};
    const std::string old = ReadFileOrDie(path);
    std::unique_ptr<SyncedFile> file;
    ASSERT_TRUE(SyncedFile::Open(env, directory.path(), &file).ok());
    ASSERT_TRUE(file->Write(mark).ok());
    const std::string now = ReadFileOrDie(path);
    EXPECT_EQ(now.size(), 8192u);
    EXPECT_EQ(*SyncedFile::Read(env, directory.path()), mark);
    // A write that was cut short anywhere leaves the one before, or is whole.
    for (size_t cut = 0; cut <= now.size(); cut += 11) {
      WriteFile(path, now.substr(0, cut) + old.substr(cut));
      const auto read = SyncedFile::Read(env, directory.path());
      ASSERT_OK(read);
      EXPECT_TRUE(*read == before || *read == mark) << cut;
    }
    WriteFile(path, now);
    before = mark;
  }
  WriteFile(path, std::string(8192, '\0'));
  EXPECT_THAT(SyncedFile::Read(env, directory.path()),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
  WriteFile(path, "");
  EXPECT_THAT(SyncedFile::Read(env, directory.path()),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"));
}

}  // namespace
}  // namespace colophon
