// Kind: what a storage engine takes for the end that a crash left may be a loss. Logs
// that are missing, shortened or damaged at their ends, and a manifest of which the same
// is true, are told when the store is opened, and nothing of what is left is touched.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/store/rocksdb/log_check.h"
#include "service/store/rocksdb/log_scan.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "service/store/rocksdb/synced_mark.h"
#include "tests/store/conformance.h"
#include "tests/store/killed_copy.h"
#include "tests/store/ledger.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr uint64_t kSeed = 11;

void FlipBit(const std::string& path, uint64_t offset, int bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ (1 << bit)));
  ASSERT_TRUE(file.good()) << path << " at " << offset;
}

class LostWritesTest : public testing::Test {
 protected:
  // Fills `store`, so that it needs several logs when `large`.
  void Fill(Store* store, int steps) {
    while (ledger_.size() < steps) ASSERT_OK(ledger_.Write(store));
  }

  // A small cache fills soon: rows of some families are flushed, those of others stay
  // in the logs.
  static RocksdbStoreOptions SmallOptions() {
    RocksdbStoreOptions options;
    options.cache_bytes = 4 << 20;
    options.upkeep_interval = std::chrono::milliseconds(1);
    return options;
  }

  // A store that was stopped and has several logs.
  void MakeStopped() {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(good(), SmallOptions()));
    Fill(store.get(), 400);
  }

  // The same, but the server was killed when all it had done was marked.
  void MakeKilled() {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(live(), SmallOptions()));
    Fill(store.get(), 400);
    ASSERT_TRUE(CopyAsKilled(live(), good()));
    // The newest log may have been begun just before, and hold one write.
    for (int more = 0; !NewestLogWithTwoWrites().ok() && more < 50; ++more) {
      ASSERT_OK(ledger_.Write(store.get()));
      ASSERT_TRUE(CopyAsKilled(live(), good()));
    }
  }

  std::vector<uint64_t> Logs() const { return *ListLogs(rocksdb::Env::Default(), good()); }

  // A copy of the good store to spoil.
  std::string Copy() {
    fs::remove_all(bad());
    fs::copy(good(), bad());
    return bad();
  }

  absl::Status OpenBad(bool accept_loss = false) {
    RocksdbStoreOptions options = SmallOptions();
    options.accept_loss = accept_loss;
    return OpenRocksdbStore(bad(), options).status();
  }

  // Refused, as a loss, each time that it is tried.
  void ExpectToldAsLost(const std::string& what) {
    for (int i = 0; i < 2; ++i) {
      const absl::Status status = OpenBad();
      EXPECT_EQ(status.code(), kDataLoss) << what << ": " << status;
      EXPECT_THAT(MessageOf(status), HasSubstr("backup")) << what;
    }
  }

  // Where the last write of a log begins, or one of those before it.
  absl::StatusOr<uint64_t> BeginOfLastWrite(uint64_t log, int before) {
    Copy();
    const std::string path = LogPath(bad(), log);
    for (int i = 0; i <= before; ++i) {
      if (fs::file_size(path) == 0) return absl::OutOfRangeError("it has fewer writes");
      fs::resize_file(path, fs::file_size(path) - 1);
      LogScan scan;
      const auto status = ScanLog(rocksdb::Env::Default(), path, LogKind::kWrites, &scan);
      if (!status.ok()) return absl::InternalError(status.ToString());
      fs::resize_file(path, scan.end);
    }
    return fs::file_size(path);
  }

  absl::StatusOr<uint64_t> NewestLogWithTwoWrites() {
    const std::vector<uint64_t> logs = Logs();
    for (size_t i = logs.size(); i-- > 0;) {
      if (BeginOfLastWrite(logs[i], /*before=*/1).ok()) return logs[i];
    }
    return absl::NotFoundError("no log has two writes");
  }

  absl::StatusOr<uint64_t> NewestLogWithWrites() const {
    const std::vector<uint64_t> logs = Logs();
    for (size_t i = logs.size(); i-- > 0;) {
      if (fs::file_size(LogPath(good(), logs[i])) > 0) return logs[i];
    }
    return absl::NotFoundError("all logs are empty");
  }

  // Of each bit, or each `step`th from `first` on, of the header at `offset`; also with a
  // mark that knows nothing of it.
  void ExpectFlipsAreTold(uint64_t log, uint64_t offset, bool is_marked, int first = 0,
                          int step = 1) {
    for (int bit = first; bit < 56; bit += step) {
      Copy();
      if (!is_marked) {
        ASSERT_OK_AND_ASSIGN(auto mark, SyncedFile::Read(rocksdb::Env::Default(), bad()));
        mark->sequence = 1;
        mark->log = 1;
        mark->log_bytes = 0;
        ASSERT_TRUE(SyncedFile::Create(rocksdb::Env::Default(), bad(), *mark).ok());
      }
      FlipBit(LogPath(bad(), log), offset + static_cast<uint64_t>(bit) / 8, bit % 8);
      const absl::Status status = OpenBad();
      EXPECT_EQ(status.code(), kDataLoss) << "bit " << bit << " of " << log << ": " << status;
    }
  }

  void ExpectAllThere(const std::string& directory) {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(directory, SmallOptions()));
    const Findings findings = ledger_.Compare(store.get());
    EXPECT_THAT(findings.wrong, testing::IsEmpty());
    EXPECT_EQ(findings.told, 0);
    ASSERT_OK_AND_ASSIGN(const auto verified, store->Verify());
    EXPECT_EQ(verified.problems_size(), 0) << verified.DebugString();
  }

  std::string live() const { return directory_ / "live"; }
  std::string good() const { return directory_ / "good"; }
  std::string bad() const { return directory_ / "bad"; }

  TempDir directory_;
  Ledger ledger_{kSeed};
};

TEST_F(LostWritesTest, NothingIsToldOfASoundStore) {
  MakeStopped();
  EXPECT_GE(Logs().size(), 3u) << "the other tests need several";
  ExpectAllThere(good());
  ExpectAllThere(good());
}

TEST_F(LostWritesTest, AKilledStoreIsWhole) {
  MakeKilled();
  EXPECT_GE(Logs().size(), 3u);
  Copy();
  ExpectAllThere(bad());
}

TEST_F(LostWritesTest, AMissingLogIsTold) {
  MakeStopped();
  for (const uint64_t log : Logs()) {
    Copy();
    fs::remove(LogPath(bad(), log));
    ExpectToldAsLost(LogPath("", log) + " removed");
  }
  Copy();
  for (const uint64_t log : Logs()) fs::remove(LogPath(bad(), log));
  ExpectToldAsLost("all logs removed");
}

TEST_F(LostWritesTest, AMissingLogOfAKilledStoreIsTold) {
  MakeKilled();
  for (const uint64_t log : Logs()) {
    Copy();
    fs::remove(LogPath(bad(), log));
    ExpectToldAsLost(LogPath("", log) + " removed");
  }
}

TEST_F(LostWritesTest, AShortenedLogIsTold) {
  MakeStopped();
  for (const uint64_t log : Logs()) {
    const uint64_t size = fs::file_size(LogPath(good(), log));
    for (const uint64_t cut : {uint64_t{1}, uint64_t{10}, size / 2, size}) {
      Copy();
      fs::resize_file(LogPath(bad(), log), size - cut);
      ExpectToldAsLost(fmt::format("{} bytes of {} cut off", cut, LogPath("", log)));
    }
  }
}

// Whole writes gone from the end of a log in the middle leave it sound in itself.
TEST_F(LostWritesTest, ALogCutBetweenWritesIsTold) {
  MakeStopped();
  for (const uint64_t log : Logs()) {
    const std::string path = LogPath(good(), log);
    const uint64_t size = fs::file_size(path);
    Copy();
    fs::resize_file(LogPath(bad(), log), size - 1);
    LogScan scan;
    ASSERT_TRUE(
        ScanLog(rocksdb::Env::Default(), LogPath(bad(), log), LogKind::kWrites, &scan).ok());
    ASSERT_LT(scan.end, size);
    fs::resize_file(LogPath(bad(), log), scan.end);
    ExpectToldAsLost(fmt::format("the last write of {} gone", LogPath("", log)));
  }
}

// A length or a type that is wrong makes RocksDB's reader end there.
TEST_F(LostWritesTest, ADamagedHeaderOfTheSecondLastWriteIsTold) {
  MakeKilled();
  ASSERT_OK_AND_ASSIGN(const uint64_t log, NewestLogWithTwoWrites());
  ASSERT_OK_AND_ASSIGN(const uint64_t header, BeginOfLastWrite(log, /*before=*/1));
  for (const bool is_marked : {true, false}) {
    ExpectFlipsAreTold(log, header, is_marked);
  }
}

// The last write, but its log was followed by another one.
TEST_F(LostWritesTest, ADamagedHeaderOfTheLastWriteOfAnOlderLogIsTold) {
  MakeStopped();
  // As after an end just when a new log was begun.
  ASSERT_OK_AND_ASSIGN(const uint64_t behind_empty, NewestLogWithWrites());
  std::ofstream(LogPath(good(), Logs().back() + 100)).close();
  Copy();
  ExpectAllThere(bad());
  // Together the logs have every bit.
  const int step = static_cast<int>(std::min<size_t>(Logs().size() - 1, 11));
  ASSERT_GT(step, 1);
  for (int first = 0; const uint64_t log : Logs()) {
    if (log > behind_empty) break;
    ASSERT_OK_AND_ASSIGN(const uint64_t header, BeginOfLastWrite(log, /*before=*/0));
    for (const bool is_marked : {true, false}) {
      ExpectFlipsAreTold(log, header, is_marked, first, step);
    }
    first = (first + 1) % step;
  }
}

// What a crash leaves is no loss: the last write was cut short, and nobody was told.
TEST_F(LostWritesTest, ATornLastWriteIsTakenOff) {
  // The store before and after a write, of which the mark knew nothing yet.
  ASSERT_OK_AND_ASSIGN(auto store, OpenRocksdbStore(live()));
  Fill(store.get(), 120);
  ASSERT_TRUE(CopyAsKilled(live(), directory_ / "before"));
  const Ledger before = ledger_;
  ASSERT_OK(ledger_.Write(store.get()));
  ASSERT_TRUE(CopyAsKilled(live(), good()));
  fs::copy_file(directory_ / "before/SYNCED", good() + "/SYNCED",
                fs::copy_options::overwrite_existing);
  const uint64_t begin = fs::file_size(NewestLog(directory_ / "before"));
  const uint64_t size = fs::file_size(NewestLog(good()));
  ASSERT_LT(begin, size);

  for (uint64_t end = begin; end <= size; end += std::max<uint64_t>(1, (size - begin) / 23)) {
    Copy();
    fs::resize_file(NewestLog(bad()), end);
    std::vector<std::string> events;
    RocksdbStoreOptions options;
    options.log = [&](StoreLogLevel, std::string_view event, std::string_view) {
      events.emplace_back(event);
    };
    ASSERT_OK_AND_ASSIGN(const auto cut, OpenRocksdbStore(bad(), options));
    EXPECT_THAT((end < size ? before : ledger_).Compare(cut.get()).wrong, testing::IsEmpty())
        << end;
    EXPECT_EQ(std::count(events.begin(), events.end(), "log_cut"),
              end > begin && end < size ? 1 : 0);
    ASSERT_OK_AND_ASSIGN(const auto verified, cut->Verify());
    EXPECT_EQ(verified.problems_size(), 0) << verified.DebugString();
  }
}

// A broken end of the manifest would drop the newest tables.
TEST_F(LostWritesTest, AManifestThatEndsEarlyIsTold) {
  MakeStopped();
  std::string manifest;
  for (const auto& entry : fs::directory_iterator(good())) {
    const std::string name = entry.path().filename();
    if (name.starts_with("MANIFEST-")) manifest = name;
  }
  const uint64_t size = fs::file_size(good() + "/" + manifest);
  for (const uint64_t cut : {uint64_t{1}, uint64_t{40}, size / 2}) {
    Copy();
    fs::resize_file(bad() + "/" + manifest, size - cut);
    ExpectToldAsLost(fmt::format("{} bytes of the manifest cut off", cut));
  }
  Copy();
  fs::resize_file(bad() + "/" + manifest, size - 1);
  LogScan scan;
  ASSERT_TRUE(
      ScanLog(rocksdb::Env::Default(), bad() + "/" + manifest, LogKind::kManifest, &scan).ok());
  for (int bit = 0; bit < 56; ++bit) {
    Copy();
    FlipBit(bad() + "/" + manifest, scan.end + static_cast<uint64_t>(bit) / 8, bit % 8);
    ExpectToldAsLost(fmt::format("bit {} of the manifest's last header", bit));
  }
}

// A copy by hand that took the tables and forgot the files of large values.
TEST_F(LostWritesTest, AMissingFileOfLargeValuesIsTold) {
  MakeStopped();
  { ASSERT_OK(OpenRocksdbStore(good(), SmallOptions()).status()); }  // Makes tables of the logs.
  int told = 0;
  for (const auto& entry : fs::directory_iterator(good())) {
    if (entry.path().extension() != ".blob") continue;
    for (const bool is_cut : {false, true}) {
      Copy();
      const fs::path blob = fs::path(bad()) / entry.path().filename();
      is_cut ? fs::resize_file(blob, entry.file_size() - 1) : void(fs::remove(blob));
      if (OpenBad().ok()) {  // One that compaction has emptied, and nobody needs.
        ExpectAllThere(bad());
        continue;
      }
      ++told;
      ExpectToldAsLost(blob.filename());
      EXPECT_THAT(MessageOf(OpenBad()), HasSubstr(blob.filename().string()));
    }
  }
  EXPECT_GT(told, 0);
}

// RocksDB makes a new store where CURRENT is missing, and the next start would find that
// one empty.
TEST_F(LostWritesTest, AStoreWithoutItsNameFilesIsNotMadeAnew) {
  MakeStopped();
  for (const char* name : {"CURRENT", "SYNCED"}) {
    Copy();
    fs::remove(bad() + "/" + name);
    ExpectToldAsLost(name);
    fs::copy(good() + "/" + name, bad() + "/" + name);
    ExpectAllThere(bad());
  }
  Copy();
  fs::remove(bad() + "/CURRENT");
  fs::remove(bad() + "/SYNCED");
  ExpectToldAsLost("both");
}

TEST_F(LostWritesTest, ALossCanBeAcceptedAndStaysKnown) {
  MakeStopped();
  const std::vector<uint64_t> logs = Logs();
  int missed = 0;
  for (const uint64_t log : logs) {
    SCOPED_TRACE(fmt::format("without the log {} of {} to {}", log, logs.front(), logs.back()));
    Copy();
    fs::remove(LogPath(bad(), log));
    ExpectToldAsLost("a log");
    ASSERT_OK(OpenBad(/*accept_loss=*/true));

    // The logs that were left are kept beside it.
    std::string kept;
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
      if (entry.path().filename().string().starts_with("bad.lost-")) kept = entry.path();
    }
    EXPECT_EQ(ListLogs(rocksdb::Env::Default(), kept)->size(), logs.size() - 1);
    fs::remove_all(kept);

    // From here on it opens by itself, and says that something is missing, and what.
    ASSERT_OK_AND_ASSIGN(const auto store, OpenRocksdbStore(bad(), SmallOptions()));
    ASSERT_OK_AND_ASSIGN(const auto verified, store->Verify());
    std::vector<std::string> problems;
    for (const auto& problem : verified.problems()) problems.push_back(problem.message());
    EXPECT_THAT(problems, testing::Contains(HasSubstr("Accepted at ")));
    // Unless how many there are was written to the same log.
    for (const std::string& problem : problems) {
      if (problem.find("records were begun") != problem.npos) ++missed;
    }
  }
  EXPECT_GT(missed, 0);
}

TEST_F(LostWritesTest, AcceptingALossChangesNothingOfASoundStore) {
  MakeStopped();
  Copy();
  ASSERT_OK(OpenBad(/*accept_loss=*/true));
  ExpectAllThere(bad());
  EXPECT_EQ(Shell("ls " + directory_.path()).output, "bad\ngood\n");
}

}  // namespace
}  // namespace colophon
