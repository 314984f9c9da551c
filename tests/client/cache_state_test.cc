#include "client/cpp/cache_state.h"

#include <sys/stat.h>

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class CacheStateTest : public testing::Test {
 protected:
  CacheStateTest() : path_(dir_ / "cache") {}

  static CacheState State() {
    auto resolved = std::make_shared<ResolvedVersion>();
    resolved->version.set_version(12);
    resolved->version.add_files()->set_content(std::string("a\0b", 3));
    resolved->label = "production";
    resolved->sequence = 40;
    auto entry = std::make_shared<CacheEntry>();
    entry->kind = ReferenceParts::Kind::kLabel;
    entry->shares = {{1, 90}, {2, 10}};
    entry->versions = {resolved, resolved};
    entry->sequence = 41;
    entry->fetch_time = absl::FromUnixSeconds(1'800'000'000);
    return {"127.0.0.1:50051", {{"acme", 42, 1'800'000'000}}, {{"acme/x@production", entry}}};
  }

  absl::StatusOr<CacheState> Read() { return ReadCacheState(path_, "127.0.0.1:50051"); }

  TempDir dir_;
  std::string path_;
};

TEST_F(CacheStateTest, ReadsWhatWasWritten) {
  ASSERT_OK(WriteCacheState(State(), path_));
  ASSERT_OK_AND_ASSIGN(const CacheState state, Read());
  ASSERT_THAT(state.repositories, SizeIs(1));
  EXPECT_EQ(state.repositories[0].name, "acme");
  EXPECT_EQ(state.repositories[0].sequence, 42);
  EXPECT_EQ(state.repositories[0].contact_time, 1'800'000'000);
  ASSERT_THAT(state.entries, SizeIs(1));
  const CacheEntry& entry = *state.entries[0].entry;
  EXPECT_EQ(state.entries[0].key, "acme/x@production");
  EXPECT_EQ(entry.kind, ReferenceParts::Kind::kLabel);
  EXPECT_EQ(entry.label, "production");
  EXPECT_EQ(entry.sequence, 41);
  EXPECT_EQ(entry.fetch_time, absl::FromUnixSeconds(1'800'000'000));
  ASSERT_EQ(entry.shares.size(), 2u);
  EXPECT_EQ(entry.shares[0].weight, 90u);
  EXPECT_EQ(entry.shares[1].weight, 10u);
  EXPECT_EQ(entry.versions[1]->label, "production");
  EXPECT_EQ(entry.versions[1]->sequence, 40);
  EXPECT_EQ(entry.versions[1]->version.files(0).content(), std::string("a\0b", 3));
}

TEST_F(CacheStateTest, IsEmptyWithoutAFile) {
  ASSERT_OK_AND_ASSIGN(const CacheState state, Read());
  EXPECT_TRUE(state.entries.empty());
}

TEST_F(CacheStateTest, KeepsPromptsFromOtherUsers) {
  ASSERT_OK(WriteCacheState(State(), path_));
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(CacheStateTest, LeavesNothingBesideTheFile) {
  ASSERT_OK(WriteCacheState(State(), path_));
  ASSERT_OK(WriteCacheState(State(), path_));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(CacheStateTest, RefusesAFileOfAnotherServer) {
  ASSERT_OK(WriteCacheState(State(), path_));
  EXPECT_THAT(ReadCacheState(path_, "other:1"),
              ErrorIs(absl::StatusCode::kDataLoss, "BAD_CACHE_FILE",
                      HasSubstr("it is of \"127.0.0.1:50051\", not \"other:1\"")));
}

TEST_F(CacheStateTest, NoticesAFlippedBitAndACut) {
  ASSERT_OK(WriteCacheState(State(), path_));
  const std::string good = ReadFileOrDie(path_);
  for (size_t i = 0; i < good.size(); i += 1 + i / 100) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    WriteFile(path_, bad);
    EXPECT_THAT(Read(), ErrorIs(absl::StatusCode::kDataLoss, "BAD_CACHE_FILE")) << i;
    WriteFile(path_, good.substr(0, i));
    EXPECT_THAT(Read(), ErrorIs(absl::StatusCode::kDataLoss, "BAD_CACHE_FILE")) << i;
  }
}

TEST_F(CacheStateTest, SaysWhyItCantBeWritten) {
  EXPECT_THAT(WriteCacheState(State(), dir_ / "no/such/folder"),
              ErrorIs(absl::StatusCode::kUnknown, "CACHE_FILE", HasSubstr("No such file")));
}

}  // namespace
}  // namespace colophon
