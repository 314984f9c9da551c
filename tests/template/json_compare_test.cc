#include "service/template/schema/json_compare.h"

#include <cmath>

#include "service/base/json.h"
#include "tests/template/json_schema_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

bool Equal(const json::value& a, const json::value& b) {
  Work work(Work::kNoLimit);
  const bool equal = schema::JsonEquals(a, b, &work);
  EXPECT_EQ(schema::JsonEquals(b, a, &work), equal);
  if (equal) {
    EXPECT_EQ(schema::JsonHash(a, &work), schema::JsonHash(b, &work));
  }
  EXPECT_GT(work.spent(), 0);
  return equal;
}

TEST(JsonCompareTest, EqualValues) {
  const std::pair<const char*, const char*> kEqual[] = {
      {"null", "null"},
      {"true", "true"},
      {"1", "1.0"},
      {"0", "-0.0"},
      {"-3", "-3.0"},
      {"1e3", "1000"},
      {"18446744073709551615", "18446744073709551615"},
      {"9223372036854775808", "9223372036854775808.0"},
      {"1e300", "1e300"},
      {"0.5", "5e-1"},
      {"\"a\"", "\"\\u0061\""},
      {"[1,[2.0]]", "[1.0,[2]]"},
      {R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":3,"c":2.0},"a":1})"},
  };
  for (const auto& [a, b] : kEqual) EXPECT_TRUE(Equal(Json(a), Json(b))) << a << " " << b;
}

TEST(JsonCompareTest, DifferentValues) {
  const std::pair<const char*, const char*> kDifferent[] = {
      {"null", "false"},
      {"true", "1"},
      {"0", "\"\""},
      {"\"1\"", "1"},
      {"[]", "{}"},
      {"[1,2]", "[2,1]"},
      {"[1]", "[1,1]"},
      {R"({"a":1})", R"({"a":1,"b":1})"},
      {R"({"a":1})", R"({"b":1})"},
      {"\"a\"", "\"b\""},
      {"9007199254740993", "9007199254740992.0"},
      {"18446744073709551615", "18446744073709551616.0"},
      {"9223372036854775807", "9223372036854775808.0"},
      {"-1", "18446744073709551615"},
      {"0.1", "0.10000000000000002"},
  };
  for (const auto& [a, b] : kDifferent) EXPECT_FALSE(Equal(Json(a), Json(b))) << a << " " << b;
  const json::value nan(std::nan(""));
  EXPECT_FALSE(Equal(nan, nan));
}

TEST(JsonCompareTest, OrdersNumbers) {
  // Ascending.
  const char* const kNumbers[] = {"-1e300",
                                  "-9223372036854775808",
                                  "-1.5",
                                  "-1",
                                  "0",
                                  "0.5",
                                  "1",
                                  "9007199254740992.0",
                                  "9007199254740993",
                                  "9223372036854775807",
                                  "9223372036854775808",
                                  "18446744073709551615",
                                  "18446744073709551616.0"};
  for (size_t i = 0; i < std::size(kNumbers); ++i) {
    for (size_t j = 0; j < std::size(kNumbers); ++j) {
      const int expected = i < j ? -1 : i == j ? 0 : 1;
      EXPECT_EQ(schema::CompareNumbers(Json(kNumbers[i]), Json(kNumbers[j])), expected)
          << kNumbers[i] << " " << kNumbers[j];
    }
  }
}

TEST(JsonCompareTest, Multiples) {
  const std::pair<const char*, const char*> kMultiples[] = {
      {"0", "0.3"},      {"0.0075", "0.0001"},
      {"19.99", "0.01"}, {"4.5", "1.5"},
      {"-7", "3.5"},     {"1e308", "0.5"},
      {"1e23", "1e22"},  {"123456789012", "1e-8"},
      {"1e300", "1000"}, {"18446744073709551615", "5"}};
  for (const auto& [value, divisor] : kMultiples) {
    EXPECT_TRUE(schema::IsMultipleOf(Json(value), Json(divisor))) << value << " " << divisor;
  }
  const std::pair<const char*, const char*> kOthers[] = {
      {"0.00751", "0.0001"},    {"35", "1.5"},  {"1e-308", "1"},
      {"1e308", "0.123456789"}, {"1", "1e300"}, {"18446744073709551615", "2"}};
  for (const auto& [value, divisor] : kOthers) {
    EXPECT_FALSE(schema::IsMultipleOf(Json(value), Json(divisor))) << value << " " << divisor;
  }
  EXPECT_FALSE(schema::IsMultipleOf(json::value(HUGE_VAL), json::value(1)));
}

TEST(JsonCompareTest, Integers) {
  for (const char* text : {"1", "1.0", "-0.0", "1e300"})
    EXPECT_TRUE(schema::IsInteger(Json(text))) << text;
  for (const char* text : {"1.5", "1e-300", "\"1\"", "null"}) {
    EXPECT_FALSE(schema::IsInteger(Json(text))) << text;
  }
  EXPECT_FALSE(schema::IsInteger(json::value(HUGE_VAL)));
  EXPECT_FALSE(schema::IsInteger(json::value(std::nan(""))));
}

}  // namespace
}  // namespace colophon
