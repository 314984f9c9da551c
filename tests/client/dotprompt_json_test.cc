#include "client/cli/dotprompt_json.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(DotpromptJsonTest, ReadsData) {
  ASSERT_OK_AND_ASSIGN(
      const DataArgument data,
      ParseDataArgument(R"({"input": {"b": 1, "a": 2, "2": 3, "1": 4, "big": 12345678901234567890},
                            "docs": null, "messages": [1], "context": {"state": {}}})",
                        "d.json"));
  EXPECT_EQ(WriteJson(data.input), R"({"1":4,"2":3,"b":1,"a":2,"big":12345678901234567000})");
  EXPECT_FALSE(data.docs);
  ASSERT_TRUE(data.messages);
  EXPECT_EQ(data.messages->size(), 1u);
  EXPECT_EQ(WriteJson(data.context), R"({"state":{}})");
}

// What a reference takes works with a file, too.
TEST(DotpromptJsonTest, VariablesAloneAreData) {
  ASSERT_OK_AND_ASSIGN(const DataArgument data,
                       ParseDataArgument(R"({"name": "Ada", "inputs": 1})", "d.json"));
  EXPECT_EQ(WriteJson(data.input), R"({"name":"Ada","inputs":1})");
  EXPECT_FALSE(data.docs || data.messages);
}

TEST(DotpromptJsonTest, RefusesWhatIsNoData) {
  const std::pair<const char*, const char*> kCases[] = {
      {"[]", "d.json: it is no JSON object"},
      {"{", "d.json: "},
      {R"({"name": "Ada", "input": {}})", "there is no member \"name\""},
      {R"({"input": "text"})", "\"input\" is \"\"text\"\": it has to be an object"},
      {R"({"messages": {}})", "\"messages\" is \"{}\": it has to be a list"},
  };
  for (const auto& [text, message] : kCases) {
    EXPECT_THAT(ParseDataArgument(text, "d.json"),
                ErrorIs(kInvalid, "BAD_DATA", HasSubstr(message)))
        << text;
  }
}

TEST(DotpromptJsonTest, MessagesComeBackAsTheyWere) {
  for (const char* text : {
           R"({"role":"user","content":[{"text":"a"},{"media":{"url":"u","contentType":"t"}}]})",
           R"({"role":"model","content":[{"toolRequest":{"name":"f","input":{"b":1,"a":2},)"
           R"("ref":"1"}}]})",
           R"({"role":"tool","content":[{"toolResponse":{"name":"f","output":["x"],"ref":"1"}}]})",
           R"({"role":"system","content":[]})",
       }) {
    ASSERT_OK_AND_ASSIGN(const json::value json, ParseJson(text));
    ASSERT_OK_AND_ASSIGN(const v1::Message message, MessageFromDotprompt(json));
    EXPECT_EQ(WriteJson(MessageToDotprompt(message)), text);
  }
}

TEST(DotpromptJsonTest, RefusesWhatIsNoMessage) {
  for (const char* text :
       {"1", R"({"content":[]})", R"({"role":"assistant","content":[]})", R"({"role":"user"})",
        R"({"role":"user","content":"text"})", R"({"role":"user","content":["text"]})"}) {
    ASSERT_OK_AND_ASSIGN(const json::value json, ParseJson(text));
    EXPECT_THAT(MessageFromDotprompt(json), ErrorIs(kInvalid, "BAD_DATA")) << text;
  }
}

}  // namespace
}  // namespace colophon
