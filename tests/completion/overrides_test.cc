// What a call decides beside the prompt.

#include "google/protobuf/util/json_util.h"
#include "service/base/json.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

constexpr char kTool[] =
    R"({"name": "get_order", "description": "Finds it.", "input_schema": "{\"type\":\"object\"}"})";
constexpr char kSchema[] = R"("{\"type\":\"object\",\"required\":[\"team\"]}")";

class OverridesTest : public CompletionFixture {
 protected:
  void SetUp() override {
    CompletionFixture::SetUp();
    provider_ = Script({Says({R"({"kind": 1})"})});
  }
  // A call of acme/it, published with this front matter.
  absl::StatusOr<v1::CompleteResponse> CompleteWith(const std::string& matter,
                                                    const std::string& overrides) {
    Publish("it", "---\nmodel: scripted/one\n" + matter + "\n---\nHello.");
    v1::CompleteRequest request = Request("acme/it");
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(overrides, request.mutable_overrides()).ok())
        << overrides;
    return Complete(request);
  }
  std::string Sent() const { return provider_->bodies().back(); }

  ScriptedProvider* provider_ = nullptr;
};

TEST_F(OverridesTest, ToolsAreTheCallsWhereThePromptNamesNone) {
  ASSERT_OK(CompleteWith("", std::string("{\"tools\": [") + kTool + "]}"));
  EXPECT_THAT(Sent(), HasSubstr("get_order"));
  const v1::Intent intent = OnlyRecord().intent();
  EXPECT_EQ(intent.overrides().tools(0).description(), "Finds it.");
}

TEST_F(OverridesTest, ToolsMayDefineWhatThePromptNames) {
  const std::string tools = std::string("{\"tools\": [") + kTool + "]}";
  ASSERT_OK(CompleteWith("tools: [get_order]", tools));
  EXPECT_THAT(Sent(), HasSubstr("Finds it."));
  EXPECT_EQ(OnlyRecord().intent().undefined_size(), 0);
}

TEST_F(OverridesTest, AnOutputSchemaIsCheckedAndRecorded) {
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      CompleteWith("",
                   std::string("{\"output_strict\": true, \"output_schema\": ") + kSchema + "}"));
  EXPECT_TRUE(response.has_output_valid());
  EXPECT_FALSE(response.output_valid());
  EXPECT_EQ(response.output_violations_size(), 1);
  EXPECT_THAT(Sent(), HasSubstr(R"("outputStrict":true)"));
}

TEST_F(OverridesTest, ToSayTheSameIsNoChange) {
  const std::string same =
      std::string(
          R"({"model": "scripted/one", "config": {"temperature": 0.5, "max_tokens": 9}, )") +
      R"("output_schema": "{ \"required\": [\"team\"], \"type\": \"object\" }"})";
  ASSERT_OK(
      CompleteWith("config: {temperature: 0.5, maxOutputTokens: 9}\n"
                   "output: {schema: {type: object, required: [team]}}",
                   same));
  EXPECT_THAT(Sent(), Not(HasSubstr("max_tokens")));
  ASSERT_OK(CompleteWith("output: {format: json}", R"({"output_format": "json"})"));
}

TEST_F(OverridesTest, WhatIsLeftToCallersMayChange) {
  const std::string matter =
      "colophon.overrides: [tools, output, maxOutputTokens]\nconfig: {max_tokens: 9}\n"
      "output: {format: text}\n"
      "toolDefs: [{name: get_order, description: Mine.}]";
  ASSERT_OK(
      CompleteWith(matter, std::string("{\"config\": {\"maxOutputTokens\": 50}, \"tools\": [") +
                               kTool + "], \"output_schema\": " + kSchema + "}"));
  EXPECT_THAT(Sent(), HasSubstr("Finds it."));
  EXPECT_THAT(Sent(), Not(HasSubstr("Mine.")));
  EXPECT_THAT(Sent(), HasSubstr(R"("max_tokens":50)"));
  EXPECT_THAT(Sent(), Not(HasSubstr("maxOutputTokens")));
}

TEST_F(OverridesTest, Failures) {
  const std::string tool = std::string("{\"tools\": [") + kTool + "]}";
  const std::string schema = std::string("{\"output_schema\": ") + kSchema + "}";
  const struct {
    std::string matter, overrides;
    absl::StatusCode code;
    const char* reason;
    std::string words;
  } cases[] = {
      {"tools: [other]", tool, kPrecondition, "OVERRIDE_NOT_ALLOWED", "\"tools\""},
      {"toolDefs: [{name: get_order}]", tool, kPrecondition, "OVERRIDE_NOT_ALLOWED", "\"tools\""},
      {"output: {format: text}", schema, kPrecondition, "OVERRIDE_NOT_ALLOWED", "\"output\""},
      {"output: {schema: {kind: string}}", schema, kPrecondition, "OVERRIDE_NOT_ALLOWED",
       "\"output\""},
      {"output: {format: json}", R"({"output_format": "text"})", kPrecondition,
       "OVERRIDE_NOT_ALLOWED", "\"output\""},
      {"config: {max_tokens: 9}", R"({"config": {"maxOutputTokens": 50}})", kPrecondition,
       "OVERRIDE_NOT_ALLOWED", "maxOutputTokens"},
      {"config: {topP: 0.1}", R"({"config": {"top_p": 0.5}})", kPrecondition,
       "OVERRIDE_NOT_ALLOWED", "top_p"},
      {"", R"({"tools": [{"name": "no name"}]})", kInvalid, "BAD_TOOL", "overrides.tools[0].name"},
      {"", R"({"tools": [{"name": "x", "input_schema": "["}]})", kInvalid, "BAD_TOOL",
       "overrides.tools[0].input_schema"},
      {"", R"({"output_schema": "{\"type\": \"strng\"}"})", kInvalid, "BAD_SCHEMA",
       "overrides.output_schema"},
      {"", R"({"output_schema": "["})", kInvalid, "BAD_SCHEMA", "JSON object"},
      {"", R"({"output_format": "xml"})", kInvalid, "BAD_VALUE", "json or text"},
      {"", R"({"output_strict": true})", kInvalid, "BAD_VALUE", "output_strict"},
      {"", R"({"output_format": "text", "output_schema": "{}"})", kInvalid, "BAD_VALUE",
       "output_format"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.matter + " " + c.overrides);
    EXPECT_THAT(CompleteWith(c.matter, c.overrides), ErrorIs(c.code, c.reason, HasSubstr(c.words)));
  }
  EXPECT_EQ(provider_->call_count(), 0);
}

}  // namespace
}  // namespace colophon
