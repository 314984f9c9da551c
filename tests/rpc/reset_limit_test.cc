#include "service/rpc/reset_limit.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kPeer[] = "ipv4:127.0.0.1:1";

class ResetLimitTest : public testing::Test {
 protected:
  void Count(int times, const std::string& peer = kPeer) {
    for (int i = 0; i < times; ++i) limit_.Count(peer, now_);
  }

  std::vector<std::string> disconnected_;
  ResetLimit limit_{2'000, 500, [this](const std::string& peer) { disconnected_.push_back(peer); }};
  ResetLimit::Clock::time_point now_ = ResetLimit::Clock::now();
};

TEST_F(ResetLimitTest, DisconnectsWhoTakesBackTooManyAtOnceAndOnlyHim) {
  Count(2'000);
  Count(2'000, "ipv4:127.0.0.1:2");
  EXPECT_THAT(disconnected_, IsEmpty());
  Count(1);
  EXPECT_THAT(disconnected_, ElementsAre(kPeer));
}

TEST_F(ResetLimitTest, DisconnectsWhoTakesBackTooManyForLong) {
  // 1,000 a second, of which 500 are given back.
  for (int i = 0; i < 30; ++i, now_ += milliseconds(100)) Count(100);
  EXPECT_THAT(disconnected_, IsEmpty());
  for (int i = 0; i < 20; ++i, now_ += milliseconds(100)) Count(100);
  EXPECT_THAT(disconnected_, ElementsAre(kPeer));
}

TEST_F(ResetLimitTest, WhoTakesBackFewerMayGoOn) {
  for (int i = 0; i < 1'000; ++i, now_ += milliseconds(100)) Count(49);
  now_ += std::chrono::seconds(10);
  Count(2'000);
  EXPECT_THAT(disconnected_, IsEmpty());
}

}  // namespace
}  // namespace colophon
