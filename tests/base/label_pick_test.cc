#include "service/base/label_pick.h"

#include <string>

#include "gtest/gtest.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

uint32_t PickVersion(std::span<const LabelShare> shares, const std::string& subject,
                     std::string_view label = "production") {
  return shares[PickShare(shares, subject, label)].version;
}

TEST(LabelPickTest, GivesTheOneShareToEverybody) {
  EXPECT_EQ(PickVersion(std::vector<LabelShare>{{12, 0}}, "ada"), 12u);
  EXPECT_EQ(PickVersion(std::vector<LabelShare>{{12, 7}}, ""), 12u);
}

TEST(LabelPickTest, GivesASubjectTheRangeItsHashFallsInto) {
  const LabelShare shares[] = {{12, 90}, {13, 10}};
  for (int i = 0; i < 1'000; ++i) {
    const std::string subject = "user-" + std::to_string(i);
    const double place = StableHash(subject + "\nproduction") / 0x1p64;
    EXPECT_EQ(PickVersion(shares, subject), place < 0.9 ? 12u : 13u) << subject;
  }
}

TEST(LabelPickTest, DrawsEachLabelAnew) {
  const LabelShare shares[] = {{1, 1}, {2, 1}};
  int differ = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::string subject = std::to_string(i);
    differ += PickVersion(shares, subject) != PickVersion(shares, subject, "beta") ? 1 : 0;
  }
  EXPECT_GT(differ, 300);
}

TEST(LabelPickTest, SharesFollowTheWeights) {
  const LabelShare shares[] = {{12, 90}, {13, 10}};
  int picked_13 = 0;
  for (int i = 0; i < 10'000; ++i) {
    picked_13 += PickVersion(shares, "user-" + std::to_string(i)) == 13 ? 1 : 0;
  }
  // 1,000 expected, standard deviation 30.
  EXPECT_GT(picked_13, 820);
  EXPECT_LT(picked_13, 1180);
  picked_13 = 0;
  for (int i = 0; i < 10'000; ++i) picked_13 += PickVersion(shares, "") == 13 ? 1 : 0;
  EXPECT_GT(picked_13, 820);
  EXPECT_LT(picked_13, 1180);
}

TEST(LabelPickTest, ASubjectStaysWhileAShareGrows) {
  const LabelShare before[] = {{12, 90}, {13, 10}};
  const LabelShare after[] = {{12, 80}, {13, 20}};
  const LabelShare added[] = {{12, 90}, {13, 20}};
  int moved = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::string subject = "user-" + std::to_string(i);
    const uint32_t first = PickVersion(before, subject);
    EXPECT_EQ(first, PickVersion(before, subject));
    if (first == 13) {
      EXPECT_EQ(PickVersion(after, subject), 13u) << subject;
      EXPECT_EQ(PickVersion(added, subject), 13u) << subject;
    } else {
      moved += PickVersion(after, subject) == 13 ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 50);
  EXPECT_LT(moved, 160);
}

TEST(LabelPickTest, NeverChanges) {
  const LabelShare shares[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}};
  std::string picked;
  for (const char* subject : {"ada", "bob", "carol", "dave", "eve", "frank", "grace", "heidi"}) {
    picked += std::to_string(PickVersion(shares, subject));
  }
  EXPECT_EQ(picked, "11432231");
}

}  // namespace
}  // namespace colophon
