#include "service/base/status.h"

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(StatusTest, CarriesReasonMetadataAndRetryDelay) {
  const absl::Status status =
      WithRetryDelay(ResourceExhausted("BUSY", "10000 calls are running", {{"limit", "10000"}}),
                     absl::Milliseconds(1500));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "BUSY");
  EXPECT_EQ(MessageOf(status), "10000 calls are running");
  EXPECT_EQ(MetadataOf(status).at("limit"), "10000");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1500));
}

TEST(StatusTest, HasNoneWhenNoneWasGiven) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
  EXPECT_EQ(RetryDelayOf(NotFound("X", "x")), std::nullopt);
}

}  // namespace
}  // namespace colophon
