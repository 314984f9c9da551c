#include "service/base/clock.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

TEST(ClockTest, TimesAndDurationsGoBothWays) {
  for (const absl::Time time : {absl::UnixEpoch(), absl::FromUnixNanos(1'700'000'000'123'456'789),
                                absl::UnixEpoch() - absl::Milliseconds(1)}) {
    EXPECT_EQ(FromProto(ToProto(time)), time);
    EXPECT_GE(ToProto(time).nanos(), 0);
  }
  for (const absl::Duration duration : {absl::ZeroDuration(), absl::Milliseconds(1500),
                                        -absl::Milliseconds(1500), absl::Nanoseconds(7)}) {
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  }
}

}  // namespace
}  // namespace colophon
