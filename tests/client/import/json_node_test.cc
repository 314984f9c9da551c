#include "client/cli/import/json_node.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(JsonNodeTest, SaysWhereSomethingIsWrong) {
  ASSERT_OK_AND_ASSIGN(const json::value document,
                       ParseJsonFile("x.json", R"({"a/b": [{"~": 1}], "n": null})"));
  const JsonNode root("x.json", document);
  ASSERT_OK_AND_ASSIGN(const JsonNode list, root.Member("a/b"));
  ASSERT_OK_AND_ASSIGN(const auto elements, list.Elements());
  ASSERT_OK_AND_ASSIGN(const JsonNode number, elements.at(0).Member("~"));
  EXPECT_EQ(MessageOf(number.Text().status()), "x.json: /a~1b/0/~0 is a number: it has to be text");
  EXPECT_EQ(MessageOf(root.Member("n").status()), "x.json: there is no \"n\"");
  EXPECT_EQ(MessageOf(root.Elements().status()),
            "x.json: the whole of it is an object: it has to be a list");
}

TEST(JsonNodeTest, ReadsLines) {
  ASSERT_OK_AND_ASSIGN(const json::value lines, ParseJsonFile("x.jsonl", "{\"a\":1}\r\n\n[2]"));
  EXPECT_EQ(WriteJson(lines), R"([{"a":1},[2]])");
  EXPECT_THAT(
      ParseJsonFile("x.jsonl", "{}\n{"),
      ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_IMPORT", HasSubstr("x.jsonl: line 2")));
}

TEST(JsonNodeTest, RefusesWhatIsNoJson) {
  for (const char* bytes : {"", "{", "\xff\xfe", "{\"a\": \"\\ud800\"}", "[1,]", "{} {}"}) {
    EXPECT_THAT(ParseJsonFile("x.json", bytes),
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_IMPORT", HasSubstr("x.json: ")));
  }
  EXPECT_THAT(ParseJsonFile("x.json", std::string(10'000, '[')),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_IMPORT"));
}

}  // namespace
}  // namespace colophon
