#include "service/http/connect_wire.h"

#include "colophon/v1/completion.pb.h"
#include "colophon/v1/registry.pb.h"
#include "gmock/gmock.h"
#include "service/http/routes.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

TEST(ConnectWireTest, KnowsItsContentTypes) {
  EXPECT_TRUE(ConnectFormat::OfContentType("application/json")->is_json);
  EXPECT_TRUE(ConnectFormat::OfContentType("Application/JSON ; charset=utf-8")->is_json);
  EXPECT_TRUE(ConnectFormat::OfContentType("application/connect+proto")->is_stream);
  EXPECT_TRUE(ConnectFormat::OfContentType("application/x-www-form-urlencoded")->is_json);
  for (const char* other : {"", "text/plain", "application/jsonx", "application/grpc"}) {
    EXPECT_FALSE(ConnectFormat::OfContentType(other).has_value()) << other;
  }
}

TEST(ConnectWireTest, AnErrorHasItsCodeItsWordsAndItsDetails) {
  const absl::Status status =
      WithRetryDelay(ResourceExhausted("BUSY", "too much \"work\""), absl::Seconds(2));
  const std::string error = ConnectError(status);
  EXPECT_THAT(error, HasSubstr(R"("code":"resource_exhausted","message":"too much \"work\"")"));
  EXPECT_THAT(error, HasSubstr(R"("debug":{"reason":"BUSY","domain":"colophon"})"));
  EXPECT_THAT(error, HasSubstr(R"("type":"google.rpc.RetryInfo")"));
  EXPECT_EQ(error.find("=\""), std::string::npos);
  EXPECT_EQ(ConnectEndOfStream(absl::OkStatus()), "{}");
  EXPECT_THAT(ConnectEndOfStream(status), HasSubstr(R"({"error":{"code":"resource_exhausted")"));
}

TEST(ConnectWireTest, AnEnvelopeHoldsOneMessage) {
  EXPECT_EQ(*OpenEnvelope(Envelope("hello")), "hello");
  EXPECT_EQ(*OpenEnvelope(Envelope("")), "");
  const std::string whole = Envelope("hello");
  for (const std::string& bad :
       {std::string(), whole.substr(0, 4), whole.substr(0, whole.size() - 1), whole + "x",
        whole + whole, Envelope("hello", true), "\x01" + whole.substr(1),
        std::string("\x00\xff\xff\xff\xff", 5)}) {
    EXPECT_THAT(OpenEnvelope(bad), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST"));
  }
}

TEST(ConnectWireTest, AFieldThatIsntThereIsRefusedByItsName) {
  v1::GetVersionRequest request;
  EXPECT_OK(ReadMessage(R"({"name":"acme/x","atSequence":"3"})", true, &request));
  EXPECT_EQ(request.at_sequence(), 3);
  EXPECT_OK(ReadMessage(R"({"at_sequence":4})", true, &request));
  EXPECT_OK(ReadMessage("", true, &request));
  EXPECT_THAT(ReadMessage(R"({"nam":"acme/x"})", true, &request),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST", HasSubstr("nam")));
  EXPECT_THAT(ReadMessage("{", true, &request),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST"));
  EXPECT_THAT(ReadMessage("\xff\xff", false, &request),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REQUEST"));
}

// As gRPC's door has it: what nests deeper couldn't be read back by everybody.
TEST(ConnectWireTest, WhatNestsTooDeepIsRefusedInBothForms) {
  std::string json = "1";
  for (int i = 0; i < 33; ++i) json = "{\"a\":" + json + "}";
  const std::string body = "{\"name\":\"acme/x\",\"variables\":" + json + "}";
  v1::RenderRequest request;
  EXPECT_THAT(ReadMessage(body, true, &request),
              ErrorIs(absl::StatusCode::kInvalidArgument, "TOO_DEEP"));
  v1::RenderRequest deep;
  google::protobuf::Struct* at = deep.mutable_variables();
  for (int i = 0; i < 32; ++i) at = (*at->mutable_fields())["a"].mutable_struct_value();
  EXPECT_THAT(ReadMessage(deep.SerializeAsString(), false, &request),
              ErrorIs(absl::StatusCode::kInvalidArgument, "TOO_DEEP"));
}

TEST(ConnectWireTest, ATimeoutIsANumberOfMilliseconds) {
  EXPECT_EQ(ReadTimeout("1500"), absl::Milliseconds(1'500));
  EXPECT_EQ(ReadTimeout("9999999999"), absl::Milliseconds(9'999'999'999));
  for (const char* bad : {"", "-1", "1.5", "5s", " 5", "10000000000"}) {
    EXPECT_EQ(ReadTimeout(bad), std::nullopt) << bad;
  }
}

TEST(ConnectWireTest, LocalNamesAreThoseThatNobodyElseGives) {
  for (const char* local :
       {"localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"}) {
    EXPECT_TRUE(IsLocalName(local)) << local;
  }
  for (const char* other : {"example.com", "example.com:8080", "localhost.example.com",
                            "127.0.0.1.example.com", "", "[", "::1:x"}) {
    EXPECT_FALSE(IsLocalName(other)) << other;
  }
}

}  // namespace
}  // namespace colophon
