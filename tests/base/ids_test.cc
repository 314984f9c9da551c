#include "service/base/ids.h"

#include <set>

#include "gmock/gmock.h"

namespace colophon {
namespace {

TEST(IdsTest, IsAVersion7Uuid) {
  FakeClock clock(absl::FromUnixMillis(0x0198f2c45b1e));
  IdGenerator ids(&clock);
  const std::string id = ids.NewId();
  EXPECT_THAT(id,
              testing::MatchesRegex("0198f2c4-5b1e-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(IdsTest, GrowsWithTheClockAndWithinAMillisecond) {
  FakeClock clock;
  IdGenerator ids(&clock);
  std::string last;
  for (int i = 0; i < 2'000; ++i) {
    if (i % 100 == 0) clock.Advance(absl::Milliseconds(1));
    const std::string id = ids.NewId();
    ASSERT_LT(last, id);
    last = id;
  }
}

// Kind: a clock that was wrong once must not spoil what comes after it.
TEST(IdsTest, GoesBackWithTheClockAndStaysUnique) {
  FakeClock clock;
  IdGenerator ids(&clock);
  const absl::Time right = clock.Now();
  std::set<std::string> all;
  for (const absl::Time now :
       {right, right + absl::Hours(80 * 365 * 24), right, right, right - absl::Hours(2), right}) {
    clock.Set(now);
    for (int i = 0; i < 5'000; ++i) {  // More than a millisecond's counter holds.
      const std::string id = ids.NewId();
      ASSERT_EQ(UuidToBytes(id)->substr(0, 6), UuidTimePrefix(now));
      ASSERT_TRUE(all.insert(id).second) << id;
    }
  }
}

TEST(IdsTest, ATimeThatNoIdHoldsIsTheNearestOne) {
  using namespace std::string_literals;
  EXPECT_EQ(UuidTimePrefix(absl::InfinitePast()), "\0\0\0\0\0\0"s);
  EXPECT_EQ(UuidTimePrefix(absl::InfiniteFuture()), "\xff\xff\xff\xff\xff\xff");
}

TEST(IdsTest, BytesGoBothWaysAndBeginWithTheTime) {
  FakeClock clock(absl::FromUnixMillis(0x0198f2c45b1e));
  IdGenerator ids(&clock);
  const std::string id = ids.NewId();
  const auto bytes = UuidToBytes(id);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(UuidFromBytes(*bytes), id);
  EXPECT_EQ(bytes->substr(0, 6), UuidTimePrefix(clock.Now()));
}

TEST(IdsTest, TakesATimeOfThePast) {
  FakeClock clock;
  IdGenerator ids(&clock);
  const absl::Time then = clock.Now() - absl::Hours(3);
  const std::string id = ids.NewIdAt(then);
  EXPECT_EQ(UuidToBytes(id)->substr(0, 6), UuidTimePrefix(then));
  EXPECT_NE(id, ids.NewIdAt(then));
}

TEST(IdsTest, RefusesWhatIsNotAUuid) {
  for (const char* text :
       {"", "0198f2c4", "0198f2c45b1e7c3a9d2f8e4b6a1c0d37aaaa",
        "0198F2C4-5b1e-7c3a-9d2f-8e4b6a1c0d37", "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d3g",
        "0198f2c45-b1e-7c3a-9d2f-8e4b6a1c0d37"}) {
    EXPECT_EQ(UuidToBytes(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace colophon
