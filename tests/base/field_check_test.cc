#include "service/base/field_check.h"

#include <limits>

#include "colophon/v1/record.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "service/base/clock.h"
#include "tests/testing/matchers.h"

// Kind: what a caller gives and protobuf, JSON or a terminal can't hold.

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

google::protobuf::Timestamp Time(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

google::protobuf::Duration Duration(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

google::protobuf::Struct Object(const std::string& text) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &object)) << text;
  return object;
}

TEST(FieldCheckTest, AnErrorSaysTheFieldTheValueAndTheRule) {
  const absl::Status status = CheckCount("usage.input_tokens", -3);
  EXPECT_THAT(status, ErrorIs(kInvalid, "BAD_COUNT",
                              "usage.input_tokens is -3: it must be 0 to "
                              "1000000000000"));
  EXPECT_EQ(MetadataOf(status)["field"], "usage.input_tokens");
}

TEST(FieldCheckTest, TimesAreProtobufs) {
  EXPECT_EQ(*ReadTime("BAD_TIME", "t", Time(1, 5)), absl::FromUnixNanos(1'000'000'005));
  EXPECT_OK(ReadTime("BAD_TIME", "t", Time(-62'135'596'800, 0)));
  EXPECT_OK(ReadTime("BAD_TIME", "t", Time(253'402'300'799, 999'999'999)));
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  for (const auto& bad :
       {Time(-62'135'596'801, 0), Time(253'402'300'800, 0), Time(0, -1), Time(0, 1'000'000'000),
        Time(kMin, 0), Time(std::numeric_limits<int64_t>::max(), 2'147'483'647)}) {
    EXPECT_THAT(ReadTime("BAD_TIME", "start_time", bad),
                ErrorIs(kInvalid, "BAD_TIME", HasSubstr("start_time is ")))
        << bad.ShortDebugString();
  }
}

TEST(FieldCheckTest, DurationsAreProtobufsAndInTheirRange) {
  const absl::Duration min = absl::ZeroDuration(), max = absl::Hours(24);
  EXPECT_EQ(*ReadDuration("BAD_DURATION", "d", Duration(1, 500'000'000), min, max),
            absl::Milliseconds(1500));
  EXPECT_OK(ReadDuration("BAD_DURATION", "d", Duration(-1, -1), -max, max));
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  for (const auto& bad : {Duration(-1, 0), Duration(0, -1), Duration(86'400, 1), Duration(1, -1),
                          Duration(-1, 1), Duration(0, 1'000'000'000), Duration(0, 2'147'483'647),
                          Duration(kMin, 0), Duration(315'576'000'001, 0)}) {
    EXPECT_THAT(ReadDuration("BAD_DURATION", "latency", bad, min, max),
                ErrorIs(kInvalid, "BAD_DURATION", HasSubstr("latency is ")))
        << bad.ShortDebugString();
  }
}

TEST(FieldCheckTest, ALineHasNoControlCharacters) {
  for (const char* good : {"", "Ada", "caf\u00e9 \u2615", "a\u00a0b"}) {
    EXPECT_OK(CheckLine("BAD_LINE", "f", good, 20)) << good;
  }
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("a\nb"), std::string("\t"), std::string("\x1b[2J"),
        std::string("\x7f"), std::string("\u0085"), std::string("\u2028"), std::string("\xff"),
        std::string("\xed\xa0\x80"), std::string(21, 'a')}) {
    EXPECT_THAT(CheckLine("BAD_LINE", "f", bad, 20), ErrorIs(kInvalid, "BAD_LINE")) << bad;
  }
  EXPECT_THAT(CheckLine("BAD_LINE", "f", "a\x1b", 20),
              ErrorIs(kInvalid, "BAD_LINE", AllOf(HasSubstr("\"a\\x1b\""), HasSubstr("U+001B"))));
}

TEST(FieldCheckTest, TextHasLinesAndTabs) {
  EXPECT_OK(CheckText("BAD_TEXT", "f", "a\n\tb\r\n", 20));
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\x1b[2J"),
                                 std::string("\xff"), std::string(21, 'a')}) {
    EXPECT_THAT(CheckText("BAD_TEXT", "f", bad, 20), ErrorIs(kInvalid, "BAD_TEXT")) << bad;
  }
}

TEST(FieldCheckTest, AModelHasAProvider) {
  for (const char* good : {"openai/gpt-4o-mini", "local/org/model:7b", "a/b"}) {
    EXPECT_OK(CheckModelName("model", good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("gpt-4o"), std::string("/m"),
                                 std::string("p/"), std::string("p/a b"), std::string("p/a\n"),
                                 std::string("p/\u00e9"), "p/" + std::string(300, 'm')}) {
    EXPECT_THAT(CheckModelName("model", bad), ErrorIs(kInvalid, "BAD_MODEL")) << bad;
  }
}

TEST(FieldCheckTest, ADigestIsHexOrNone) {
  EXPECT_OK(CheckDigest("d", ""));
  EXPECT_OK(CheckDigest("d", std::string(64, 'a')));
  for (const std::string& bad : {std::string("a"), std::string(64, 'A'), std::string(65, 'a')}) {
    EXPECT_THAT(CheckDigest("d", bad), ErrorIs(kInvalid, "BAD_DIGEST")) << bad;
  }
}

TEST(FieldCheckTest, AStructHoldsWhatJsonHas) {
  EXPECT_OK(CheckStruct("variables", Object(R"pb(
                          fields {
                            key: "a"
                            value { number_value: -1.5e300 }
                          }
                          fields {
                            key: "b"
                            value { null_value: 0 }
                          }
                          fields {
                            key: "c"
                            value { list_value { values { struct_value {} } } }
                          }
                        )pb")));
  EXPECT_THAT(CheckStruct("variables", Object(R"pb(
                            fields {
                              key: "order"
                              value {
                                struct_value {
                                  fields {
                                    key: "items"
                                    value {
                                      list_value {
                                        values { number_value: 1 }
                                        values { number_value: nan }
                                      }
                                    }
                                  }
                                }
                              }
                            }
                          )pb")),
              ErrorIs(kInvalid, "BAD_VALUE", HasSubstr("variables.order.items[1] is NaN")));
  EXPECT_THAT(CheckStruct("v", Object("fields { key: 'a' value { number_value: -inf } }")),
              ErrorIs(kInvalid, "BAD_VALUE", HasSubstr("v.a is -Infinity")));
  EXPECT_THAT(CheckStruct("v", Object("fields { key: 'a' value {} }")),
              ErrorIs(kInvalid, "BAD_VALUE", HasSubstr("without a kind")));
}

TEST(FieldCheckTest, AnEnumHasItsValues) {
  EXPECT_OK(CheckEnum("BAD_STATUS", "status", v1::RECORD_STATUS_CUT));
  EXPECT_THAT(CheckEnum("BAD_STATUS", "status", static_cast<v1::RecordStatus>(99)),
              ErrorIs(kInvalid, "BAD_STATUS", HasSubstr("status is 99")));
  EXPECT_THAT(CheckEnum("BAD_STATUS", "status", static_cast<v1::RecordStatus>(-1)),
              ErrorIs(kInvalid, "BAD_STATUS"));
}

}  // namespace
}  // namespace colophon
