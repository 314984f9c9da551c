#include "service/rpc/reset_limit.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::ElementsAre;

TEST(ResetLimitTest, DisconnectsWhoTakesBackTooManyAndOnlyHim) {
  std::vector<std::string> disconnected;
  ResetLimit limit(1'000, [&](const std::string& peer) { disconnected.push_back(peer); });
  // More than once, for a second may end in between.
  for (int round = 0; round < 100 && disconnected.empty(); ++round) {
    for (int i = 0; i < 1'001; ++i) limit.Count("ipv4:127.0.0.1:1");
    limit.Count("ipv4:127.0.0.1:2");
  }
  EXPECT_THAT(disconnected, ElementsAre("ipv4:127.0.0.1:1"));
}

}  // namespace
}  // namespace colophon
