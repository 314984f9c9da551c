#include "service/provider/tool_choice.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

std::string After(void (*write)(json::object*), const std::string& text) {
  json::object body = ParseJson(text)->get_object();
  write(&body);
  return WriteJson(body);
}

TEST(ToolChoiceTest, EachApiHasItsOwnWords) {
  const struct {
    std::string openai, anthropic;
  } cases[] = {
      {R"({"tool_choice":"auto"})", R"({"tool_choice":{"type":"auto"}})"},
      {R"({"tool_choice":"none"})", R"({"tool_choice":{"type":"none"}})"},
      {R"({"tool_choice":"required"})", R"({"tool_choice":{"type":"any"}})"},
      {R"({"tool_choice":{"type":"function","function":{"name":"look"}}})",
       R"({"tool_choice":{"type":"tool","name":"look"}})"},
      {R"({"tool_choice":"auto","parallel_tool_calls":false})",
       R"({"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"},
      {"{}", "{}"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(After(WriteOpenAiToolChoice, c.anthropic), c.openai);
    EXPECT_EQ(After(WriteAnthropicToolChoice, c.openai), c.anthropic);
    // Who has the words already keeps them.
    EXPECT_EQ(After(WriteOpenAiToolChoice, c.openai), c.openai);
    EXPECT_EQ(After(WriteAnthropicToolChoice, c.anthropic), c.anthropic);
  }
}

TEST(ToolChoiceTest, SeveralAtOnceIsWhatAnthropicDoesAnyway) {
  EXPECT_EQ(After(WriteAnthropicToolChoice, R"({"parallel_tool_calls":true})"), "{}");
  EXPECT_EQ(After(WriteAnthropicToolChoice, R"({"parallel_tool_calls":false})"),
            R"({"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})");
}

TEST(ToolChoiceTest, WhatIsUnknownStays) {
  const std::string odd = R"({"tool_choice":{"type":"allowed_tools","tools":[]}})";
  EXPECT_EQ(After(WriteOpenAiToolChoice, odd), odd);
  EXPECT_EQ(After(WriteAnthropicToolChoice, odd), odd);
}

}  // namespace
}  // namespace colophon
