#include "service/store/rocksdb/recent_records.h"

#include <random>
#include <set>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::Optional;

RecordId IdOf(int64_t number) { return RecordId(fmt::format("{:016}", number)); }

TEST(RecentRecordsTest, KnowsWhatIsNewerThanTheNewestRecord) {
  RecentRecords recent(IdOf(100));
  EXPECT_THAT(recent.Has(IdOf(101)), Optional(false));
  EXPECT_TRUE(recent.Add(IdOf(103)));
  EXPECT_THAT(recent.Has(IdOf(103)), Optional(true));
  EXPECT_THAT(recent.Has(IdOf(102)), Optional(false)) << "written late";
}

TEST(RecentRecordsTest, SaysThatItDoesntKnowOfOlderOnes) {
  RecentRecords recent(IdOf(100));
  EXPECT_EQ(recent.Has(IdOf(100)), std::nullopt);
  EXPECT_FALSE(recent.Add(IdOf(99)));
  EXPECT_EQ(recent.Has(IdOf(99)), std::nullopt);
}

TEST(RecentRecordsTest, BytesAreCountedFromZero) {
  RecentRecords recent(RecordId(std::string(16, '\x7f')));
  EXPECT_THAT(recent.Has(RecordId(std::string(16, '\x80'))), Optional(false));
}

// Against all that was ever added, in almost the order of time.
TEST(RecentRecordsTest, IsNeverWrong) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  RecentRecords recent(IdOf(0));
  std::set<int64_t> all;
  int64_t known_count = 0;
  for (int64_t now = 1; now <= 100'000; ++now) {
    const int64_t number =
        std::max<int64_t>(1, now - static_cast<int64_t>(random() % (now % 100 == 0 ? 70'000 : 64)));
    if (const auto known = recent.Has(IdOf(number))) {
      ++known_count;
      ASSERT_EQ(*known, all.contains(number)) << number << " at " << now;
      if (*known) continue;
    }
    recent.Add(IdOf(number));
    all.insert(number);
  }
  EXPECT_GT(known_count, 90'000) << "and is of use";
}

// What was added a moment ago is known, whatever it was.
TEST(RecentRecordsTest, KnowsAWholeBatch) {
  RecentRecords recent(IdOf(0));
  for (int64_t number = 1; number <= 50'000; ++number) {
    recent.Add(IdOf(number));
    ASSERT_THAT(recent.Has(IdOf(number)), Optional(true)) << number;
    if (number > 1024) {
      ASSERT_THAT(recent.Has(IdOf(number - 1024)), Optional(true)) << number;
    }
  }
}

}  // namespace
}  // namespace colophon
