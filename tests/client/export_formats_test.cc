// Records as the formats of others have them.

#include "client/cli/export/formats.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

v1::ExportedRecord ExportedOf(const std::string& text) {
  v1::ExportedRecord exported;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &exported)) << text;
  return exported;
}

// A conversation with a tool and an image.
v1::ExportedRecord Conversation() {
  return ExportedOf(R"(
    record {
      id: '0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37'
      intent {
        repository: 'acme' prompt: 'support/triage' version: 12 caller: 'web'
        variables_json: '{"message":"Say \\"hi\\",\\nplease","list":["a","{{b}}"],"n":1}'
        tags { key: 'env' value: 'prod' } start_time { seconds: 1764000000 }
      }
      outcome {
        status: RECORD_STATUS_OK model: 'openai/small' latency { nanos: 500000000 }
        completion {
          message { role: ROLE_MODEL parts { text: 'Hi, "you".' } }
          usage { input_tokens: 7 }
        }
      }
      scores { name: 'quality' number: 0.5 caller: 'ada' }
    }
    rendered {
      messages { role: ROLE_SYSTEM parts { text: 'Be kind.' } }
      messages { role: ROLE_USER parts { text: 'What is it?' }
                 parts { media { data: 'png' content_type: 'image/png' } } }
      messages { role: ROLE_MODEL
                 parts { tool_request { id: 'c1' name: 'look' arguments: '{"at": 1}' } } }
      messages { role: ROLE_TOOL parts { tool_response { id: 'c1' name: 'look' output: 'A cat.' } } }
      messages { role: ROLE_USER parts { text: 'Say it.' } }
      tools { name: 'look' description: 'Looks.' input_schema: '{"type":"object"}' }
    })");
}

TEST(ExportFormatsTest, OpenAiHasTheConversationAndTheAnswer) {
  ASSERT_OK_AND_ASSIGN(const std::string line, WriteOpenAiMessages(Conversation()));
  EXPECT_EQ(line,
            R"({"messages":[{"role":"system","content":"Be kind."},)"
            R"({"role":"user","content":[{"type":"text","text":"What is it?"},)"
            R"({"type":"image_url","image_url":{"url":"data:image/png;base64,cG5n"}}]},)"
            R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
            R"("function":{"name":"look","arguments":"{\"at\": 1}"}}]},)"
            R"({"role":"tool","tool_call_id":"c1","content":"A cat."},)"
            R"({"role":"user","content":"Say it."},)"
            R"({"role":"assistant","content":"Hi, \"you\"."}],)"
            R"("tools":[{"type":"function","function":{"name":"look","description":"Looks.",)"
            R"("parameters":{"type":"object"}}}]})"
            "\n");
}

TEST(ExportFormatsTest, AnthropicHasTheSystemApartAndRolesThatTakeTurns) {
  ASSERT_OK_AND_ASSIGN(const std::string line, WriteAnthropicMessages(Conversation()));
  EXPECT_EQ(
      line,
      R"({"system":"Be kind.","messages":[{"role":"user","content":[)"
      R"({"type":"text","text":"What is it?"},{"type":"image","source":{"type":"base64",)"
      R"("media_type":"image/png","data":"cG5n"}}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"look",)"
      R"("input":{"at":1}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"A cat."},)"
      R"({"type":"text","text":"Say it."}]},)"
      R"({"role":"assistant","content":"Hi, \"you\"."}],)"
      R"("tools":[{"name":"look","description":"Looks.","input_schema":{"type":"object"}}]})"
      "\n");
}

TEST(ExportFormatsTest, CsvQuotesWhatWouldBreakIt) {
  EXPECT_THAT(CsvHeading(), EndsWith(",scores,variables,output\r\n"));
  ASSERT_OK_AND_ASSIGN(const std::string line, WriteCsv(Conversation()));
  EXPECT_EQ(line,
            "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37,2025-11-24T16:00:00+00:00,support/triage,v12,,,"
            "ok,,openai/small,web,,env=prod,0.5,,7,,,quality=0.5,"
            "\"{\"\"message\"\":\"\"Say \\\"\"hi\\\"\",\\nplease\"\",\"\"list\"\":[\"\"a\"\","
            "\"\"{{b}}\"\"],\"\"n\"\":1}\",\"Hi, \"\"you\"\".\"\r\n");
}

// A value is no template of promptfoo's, and a list is one value.
TEST(ExportFormatsTest, PromptfooHasTheVariablesAndWhereTheyAreFrom) {
  ASSERT_OK_AND_ASSIGN(const std::string yaml, WritePromptfooCase(Conversation()));
  EXPECT_EQ(yaml,
            "- description: \"record 0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37\"\n"
            "  vars:\n"
            "    \"message\": \"Say \\\"hi\\\",\\nplease\"\n"
            "    \"list\": [\"a\",\"{% raw %}{{b}}{% endraw %}\"]\n"
            "    \"n\": 1\n"
            "  options: {disableVarExpansion: true}\n"
            "  metadata:\n"
            "    record: \"0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37\"\n"
            "    version: \"acme/support/triage@v12\"\n"
            "    output: \"Hi, \\\"you\\\".\"\n"
            "    scores: \"quality=0.5\"\n");
  v1::ExportedRecord odd;
  odd.mutable_record()->mutable_intent()->set_variables_json(
      "{\"a\":\"\x7f \xc2\x85 \xe2\x80\xa8 \xef\xbb\xbf é\"}");
  ASSERT_OK_AND_ASSIGN(const std::string escaped, WritePromptfooCase(odd));
  EXPECT_THAT(escaped, HasSubstr("    \"a\": \"\\u007f \\u0085 \\u2028 \\ufeff é\"\n"));
  EXPECT_THAT(*WritePromptfooCase({}), HasSubstr("  vars: {}\n"));
}

TEST(ExportFormatsTest, JsonLinesAreTheApisMessages) {
  ASSERT_OK_AND_ASSIGN(const std::string line, WriteJsonLine(Conversation()));
  ASSERT_OK_AND_ASSIGN(const json::value value, ParseJson(line));
  EXPECT_EQ(value.at("record").at("intent").at("prompt").as_string(), "support/triage");
  EXPECT_THAT(line.substr(0, line.size() - 1), Not(HasSubstr("\n")));
}

// What can't be a conversation says why.
TEST(ExportFormatsTest, WhatHasNoPlaceIsLeftOut) {
  const struct {
    const char* change;
    const char* why;
  } cases[] = {
      {"record { outcome { status: RECORD_STATUS_CUT } }", "that didn't end well"},
      {"rendered { messages { role: ROLE_USER parts { section: 'x' } } }", "with a section"},
      {"rendered { messages { role: ROLE_USER parts { media { data: 'x' content_type: "
       "'application/pdf' } } } }",
       "with a file that is no image"},
  };
  for (const auto& c : cases) {
    v1::ExportedRecord exported = Conversation();
    exported.MergeFrom(ExportedOf(c.change));
    for (const auto write : {&WriteOpenAiMessages, &WriteAnthropicMessages}) {
      EXPECT_THAT(write(exported), ErrorIs(absl::StatusCode::kFailedPrecondition, "RECORD_UNUSABLE",
                                           HasSubstr(c.why)))
          << c.change;
    }
  }
  v1::ExportedRecord silent = Conversation();
  silent.mutable_record()->mutable_outcome()->clear_completion();
  EXPECT_THAT(WriteOpenAiMessages(silent).status().message(), HasSubstr("without an output"));
  v1::ExportedRecord unrendered = Conversation();
  unrendered.clear_rendered();
  EXPECT_THAT(WriteOpenAiMessages(unrendered).status().message(),
              HasSubstr("couldn't be rendered again"));
  v1::ExportedRecord system = Conversation();
  system.mutable_rendered()->mutable_messages()->DeleteSubrange(1, 4);
  EXPECT_THAT(WriteAnthropicMessages(system).status().message(),
              HasSubstr("no message of the user's"));
}

}  // namespace
}  // namespace colophon
