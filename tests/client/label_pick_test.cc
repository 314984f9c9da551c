#include "client/cpp/label_pick.h"

#include <array>
#include <string>

#include "gtest/gtest.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

constexpr char kLabel[] = "production";

TEST(LabelPickTest, GivesTheOneTargetToEverybody) {
  EXPECT_EQ(PickTarget({0}, kLabel, "ada"), 0u);
  EXPECT_EQ(PickTarget({7}, kLabel, ""), 0u);
}

TEST(LabelPickTest, GivesASubjectTheRangeItsHashFallsInto) {
  const std::vector<uint32_t> weights = {90, 10};
  for (int i = 0; i < 1000; ++i) {
    const std::string subject = "user-" + std::to_string(i);
    const double place = StableHash(subject + "\n" + kLabel) / 0x1p64;
    EXPECT_EQ(PickTarget(weights, kLabel, subject), place < 0.9 ? 0u : 1u) << subject;
  }
}

TEST(LabelPickTest, ShareFollowsTheWeights) {
  std::array<int, 3> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts[PickTarget({1, 2, 7}, kLabel, std::to_string(i))];
  EXPECT_NEAR(counts[0], 1000, 200);
  EXPECT_NEAR(counts[1], 2000, 250);
  EXPECT_NEAR(counts[2], 7000, 300);
}

TEST(LabelPickTest, PicksAtRandomWithoutASubject) {
  std::array<int, 2> counts{};
  for (int i = 0; i < 1000; ++i) ++counts[PickTarget({1, 1}, kLabel, "")];
  EXPECT_GT(counts[0], 300);
  EXPECT_GT(counts[1], 300);
}

TEST(LabelPickTest, DrawsEachLabelAnew) {
  int differ = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string subject = std::to_string(i);
    differ += PickTarget({1, 1}, kLabel, subject) != PickTarget({1, 1}, "beta", subject);
  }
  EXPECT_GT(differ, 300);
}

}  // namespace
}  // namespace colophon
