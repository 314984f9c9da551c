#include "service/rpc/status.h"

#include "google/rpc/status.pb.h"
#include "service/base/json.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

// What a default client takes of metadata, less gRPC's own.
constexpr size_t kClientLimit = 8192 - 512;

size_t WireSize(const grpc::Status& status) {
  size_t size = (status.error_details().size() * 4 + 2) / 3;  // In Base64.
  for (unsigned char c : status.error_message()) size += c < 0x20 || c > 0x7e || c == '%' ? 3 : 1;
  return size;
}

TEST(StatusTest, OkIsOk) { EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok()); }

TEST(StatusTest, EveryCodeHasItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status = Error(static_cast<absl::StatusCode>(code), "R", "m");
    EXPECT_EQ(static_cast<int>(ToGrpc(status).error_code()), code);
  }
}

TEST(StatusTest, CarriesReasonMetadataAndRetryDelay) {
  const absl::Status sent =
      WithRetryDelay(ResourceExhausted("BUSY", "too much", {{"limit", "7"}}), absl::Seconds(3));
  const absl::Status read = FromGrpc(ToGrpc(sent));
  EXPECT_EQ(read, sent);
  EXPECT_EQ(ReasonOf(read), "BUSY");
  EXPECT_EQ(MetadataOf(read).at("limit"), "7");
  EXPECT_EQ(RetryDelayOf(read), absl::Seconds(3));
}

TEST(StatusTest, CutsLongMessagesInWholeCharacters) {
  for (const std::string& unit : {std::string("x"), std::string("ü"), std::string("😀"),
                                  std::string("a\n"), std::string("%")}) {
    std::string message = "Fact: ";
    while (message.size() < 100'000) message += unit;
    const grpc::Status status = ToGrpc(InvalidArgument("LONG", message));
    EXPECT_LE(WireSize(status), kClientLimit) << unit;
    EXPECT_GT(status.error_message().size(), 1'000u) << unit;
    EXPECT_TRUE(status.error_message().ends_with("…")) << unit;
    EXPECT_TRUE(IsUtf8(status.error_message())) << unit;
    EXPECT_EQ(ReasonOf(FromGrpc(status)), "LONG");
  }
}

TEST(StatusTest, KeepsAMessageThatFits) {
  const std::string message(3'000, 'x');
  EXPECT_EQ(ToGrpc(InvalidArgument("LONG", message)).error_message(), message);
}

TEST(StatusTest, BytesThatAreNoUtf8BecomeQuestionMarks) {
  EXPECT_EQ(ToGrpc(NotFound("R",
                            "a\xff"
                            "b\xc3 ü \xe2\x82"))
                .error_message(),
            "a?b? ü ??");
}

TEST(StatusTest, TooMuchMetadataGoesButTheReasonStays) {
  const absl::Status read =
      FromGrpc(ToGrpc(Aborted("STALE_BASE", "stale", {{"files", std::string(50'000, 'x')}})));
  EXPECT_THAT(read, ErrorIs(absl::StatusCode::kAborted, "STALE_BASE"));
  EXPECT_TRUE(MetadataOf(read).empty());
}

}  // namespace
}  // namespace colophon
