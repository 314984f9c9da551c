#include "service/base/json.h"

#include <cmath>
#include <limits>

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

// Printed by node: String(x).
TEST(JsonTest, NumbersPrintAsJavaScriptPrintsThem) {
  const std::pair<double, const char*> kCases[] = {{0, "0"},
                                                   {-0.0, "0"},
                                                   {1, "1"},
                                                   {-1.5, "-1.5"},
                                                   {0.7, "0.7"},
                                                   {100, "100"},
                                                   {1e20, "100000000000000000000"},
                                                   {1e21, "1e+21"},
                                                   {1.5e300, "1.5e+300"},
                                                   {0.000001, "0.000001"},
                                                   {0.0000001, "1e-7"},
                                                   {1.25e-9, "1.25e-9"},
                                                   {123456.789, "123456.789"},
                                                   {5e-324, "5e-324"},
                                                   {0.1 + 0.2, "0.30000000000000004"},
                                                   {9007199254740993.0, "9007199254740992"}};
  for (const auto& [number, text] : kCases) EXPECT_EQ(FormatNumber(number), text);
  EXPECT_EQ(FormatNumber(NAN), "NaN");
  EXPECT_EQ(FormatNumber(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(JsonTest, ReadsTheNearestDouble) {
  for (const char* text :
       {"123456789012345680000", "1.7976931348623157e+308", "2.2250738585072014e-308", "5E-324",
        "0.30000000000000004", "8.589973428413488e+23", "-7.3177701707893310e+15", "1e400"}) {
    ASSERT_OK_AND_ASSIGN(const json::value value, ParseJson(text));
    ASSERT_TRUE(value.is_double()) << text;
    EXPECT_EQ(value.get_double(), std::strtod(text, nullptr)) << text;
  }
  ASSERT_OK_AND_ASSIGN(const json::value value,
                       ParseJson(R"({"a": -123456789012345680000, "b": [1, 0.1, 1e23, 1e-400]})"));
  EXPECT_EQ(WriteJson(value), R"({"a":-123456789012345680000,"b":[1,0.1,1e+23,0]})");
}

TEST(JsonTest, WritesAsStringifyDoes) {
  ASSERT_OK_AND_ASSIGN(auto value, ParseJson(R"({"b":[1,2.50,{}],"a":"x\n\u0001\/é","c":[]})"));
  EXPECT_EQ(WriteJson(value), "{\"b\":[1,2.5,{}],\"a\":\"x\\n\\u0001/é\",\"c\":[]}");
  EXPECT_EQ(
      WriteJson(value, 2),
      "{\n  \"b\": [\n    1,\n    2.5,\n    {}\n  ],\n  \"a\": \"x\\n\\u0001/é\",\n  \"c\": []\n}");
  EXPECT_EQ(WriteCanonicalJson(value), "{\"a\":\"x\\n\\u0001/é\",\"b\":[1,2.5,{}],\"c\":[]}");
}

// At every place of a run of plain characters, whatever stands beside it.
TEST(JsonTest, EveryCharacterIsWrittenSoThatItComesBack) {
  for (size_t length = 0; length <= 20; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int c = 0; c < 0x80; ++c) {
        for (const char beside : {'a', ' ', '!', '"', '\\', '\x1f', '\x7f'}) {
          std::string text(length, 'x');
          text[at] = static_cast<char>(c);
          if (at > 0) text[at - 1] = beside;
          const std::string written = WriteJson(json::value(text));
          ASSERT_EQ(*ParseJson(written), json::value(text)) << written;
          ASSERT_EQ(written.find('\n'), written.npos);
        }
      }
    }
  }
  const std::string korean = "\xec\x9a\x94\xec\x95\xbd \xc3\xa9";
  EXPECT_EQ(WriteJson(json::value(korean)), '"' + korean + '"');
}

TEST(JsonTest, FindsANumberThatAValueDoesntHold) {
  const std::string text = R"({"1e999":"9e999","a\\":"\"1e999","b":[12,-0.5e3,1e999,2e999]})";
  EXPECT_EQ(FindUnheldNumber(text), "1e999");
  EXPECT_EQ(FindUnheldNumber(R"({"a\\\"":"\\","b":["",{}]})"), std::nullopt);
  EXPECT_EQ(FindUnheldNumber("123456789012345678901234567890"), "123456789012345678901234567890");
}

TEST(JsonTest, AStructComesOutSortedAndTheSameEveryTime) {
  google::protobuf::Struct proto;
  ASSERT_OK_AND_ASSIGN(auto value, ParseJson(R"({"z":1,"a":{"y":true,"b":null},"m":["s"]})"));
  FromJson(value.get_object(), &proto);
  EXPECT_EQ(WriteJson(ToJson(proto)), R"({"a":{"b":null,"y":true},"m":["s"],"z":1})");
}

TEST(JsonTest, RefusesBadJsonWithTheOffset) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1}x", "nul", "\"\xff\"", "\"\\ud800\""}) {
    EXPECT_THAT(ParseJson(text), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JSON",
                                         testing::HasSubstr("at byte")))
        << text;
  }
  EXPECT_THAT(ParseJson(std::string(100'000, '[')),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JSON"));
}

TEST(JsonTest, KnowsUtf8) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("aé€😀"));
  for (const char* text : {"\xff", "\x80", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xe0\x80\xaf", "\xf0\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace colophon
