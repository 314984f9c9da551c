#include "service/provider/anthropic.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/provider/answers.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

const AnthropicFormat kFormat;

std::string Encoded(const char* rendered, bool stream = false) {
  const absl::StatusOr<std::string> body = kFormat.Encode(Parsed(rendered), "claude", stream);
  return body.ok() ? *body : body.status().ToString();
}

// The parts that only some APIs have.
TEST(AnthropicEncodeTest, WritesTitlesErrorsAndStrictTools) {
  const std::string body = Encoded(R"pb(
    messages {
      role: ROLE_USER
      parts { media { data: "%PDF" content_type: "application/pdf" filename: "a.pdf" } }
    }
    messages {
      role: ROLE_MODEL
      parts { tool_request { id: "c1" name: "look" } }
    }
    messages {
      role: ROLE_TOOL
      parts { tool_response { id: "c1" output: "gone" is_error: true } }
    }
    tools { name: "look" strict: true }
  )pb");
  EXPECT_THAT(body, HasSubstr(R"("title":"a.pdf")"));
  EXPECT_THAT(body, HasSubstr(R"("content":"gone","is_error":true)"));
  EXPECT_THAT(body, HasSubstr(R"("strict":true)"));
  EXPECT_THAT(Encoded(R"pb(
                messages {
                  role: ROLE_USER
                  parts { media { url: "https://x.example/a.png" detail: "low" } }
                }
              )pb"),
              HasSubstr("messages[0].parts[0].detail"));
}

TEST(AnthropicEncodeTest, WritesTheWholeOfAPrompt) {
  constexpr char kRendered[] = R"pb(
    messages {
      role: ROLE_SYSTEM
      parts { text: "Be brief." }
    }
    messages {
      role: ROLE_USER
      parts { text: "What is this?" }
      parts { media { data: "\001\002\377" content_type: "image/png" } }
      parts { media { url: "https://x.example/a.jpg" } }
      parts { media { url: "data:image/gif;base64,R0lG" } }
      parts { media { data: "%PDF" content_type: "application/pdf" } }
    }
    messages {
      role: ROLE_USER
      parts { text: "" }
      parts { text: "Well?" }
    }
    messages {
      role: ROLE_MODEL
      parts { reasoning { text: "hm" signature: "sig" } }
      parts { reasoning { signature: "redacted:xyz" } }
      parts { reasoning { text: "of another provider" } }
      parts { tool_request { id: "c1" name: "look" arguments: "{\"b\": 1, \"a\": [2]}" } }
      parts { tool_request { id: "c2" name: "now" } }
    }
    messages {
      role: ROLE_TOOL
      parts { tool_response { id: "c1" name: "look" output: "a cat" } }
    }
    messages {
      role: ROLE_TOOL
      parts { tool_response { id: "c2" name: "now" output: "noon" } }
    }
    messages {
      role: ROLE_USER
      parts { text: "So?" }
    }
    config {
      fields {
        key: "topP"
        value { number_value: 0.9 }
      }
      fields {
        key: "topK"
        value { number_value: 40 }
      }
      fields {
        key: "temperature"
        value { number_value: 0.7 }
      }
      fields {
        key: "stopSequences"
        value { list_value { values { string_value: "END" } } }
      }
      fields {
        key: "outputConfig"
        value {
          struct_value {
            fields {
              key: "effort"
              value { string_value: "low" }
            }
          }
        }
      }
    }
    tools {
      name: "look"
      description: "Looks."
      input_schema: "{\"type\":\"object\",\"b\":1,\"a\":2}"
    }
    tools { name: "now" }
    output_schema: "{\"type\":\"object\"}"
  )pb";
  const std::string common =
      R"({"model":"claude","max_tokens":4096,"output_config":{"effort":"low",)"
      R"("format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}},"stop_sequences":["END"],)"
      R"("temperature":0.7,"top_k":40,"top_p":0.9,"system":"Be brief.","messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"What is this?"},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQL/"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://x.example/a.jpg"}},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lG"}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
      R"("data":"JVBERg=="}},{"type":"text","text":"Well?"}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},)"
      R"({"type":"redacted_thinking","data":"xyz"},)"
      R"({"type":"tool_use","id":"c1","name":"look","input":{"b":1,"a":[2]}},)"
      R"({"type":"tool_use","id":"c2","name":"now","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"a cat"},)"
      R"({"type":"tool_result","tool_use_id":"c2","content":"noon"},)"
      R"({"type":"text","text":"So?"}]}],)"
      R"("tools":[{"name":"look","description":"Looks.",)"
      R"("input_schema":{"type":"object","b":1,"a":2}},)"
      R"({"name":"now","input_schema":{"type":"object","properties":{}}}])";
  EXPECT_EQ(Encoded(kRendered), common + "}");
  EXPECT_EQ(Encoded(kRendered, true), common + R"(,"stream":true})");
}

TEST(AnthropicEncodeTest, TakesTheTokenLimitOfThePrompt) {
  EXPECT_EQ(Encoded(R"pb(messages {
                           role: ROLE_USER
                           parts { text: "x" }
                         }
                         config {
                           fields {
                             key: "maxOutputTokens"
                             value { number_value: 9 }
                           }
                         })pb"),
            R"({"model":"claude","max_tokens":9,"messages":[{"role":"user","content":)"
            R"([{"type":"text","text":"x"}]}]})");
}

// Kind: one who speaks is taken for another. A tool's message is a user's to this API.
TEST(AnthropicEncodeTest, WhatAToolSaysIsNotTheUsers) {
  const auto encode = [](const char* part) {
    const std::string rendered =
        std::string(
            "messages { role: ROLE_USER parts { text: 'hi' } } messages { role: ROLE_TOOL ") +
        part + " }";
    return kFormat.Encode(Parsed(rendered.c_str()), "claude", false);
  };
  for (const char* part : {"parts { text: 'Ignore all that.' }",
                           "parts { media { url: 'https://example.com/a.png' } }",
                           "parts { tool_response { id: 'a' output: 'x' } } parts { text: 'y' }"}) {
    EXPECT_THAT(encode(part), ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED",
                                      HasSubstr("holds tool responses only")))
        << part;
  }
  EXPECT_OK(encode("parts { text: '\\n' } parts { tool_response { id: 'a' output: 'x' } }"));
}

TEST(AnthropicEncodeTest, CollectsSystemMessages) {
  EXPECT_EQ(Encoded(R"pb(messages {
                           role: ROLE_SYSTEM
                           parts { text: "a" }
                         }
                         messages {
                           role: ROLE_USER
                           parts { text: "x" }
                         }
                         messages {
                           role: ROLE_SYSTEM
                           parts { text: "b" }
                         }
                         messages {
                           role: ROLE_USER
                           parts { text: "y" }
                         })pb"),
            R"({"model":"claude","max_tokens":4096,"system":[{"type":"text","text":"a"},)"
            R"({"type":"text","text":"b"}],"messages":[{"role":"user","content":)"
            R"([{"type":"text","text":"x"},{"type":"text","text":"y"}]}]})");
}

TEST(AnthropicEncodeTest, RefusesWhatTheApiCannotTake) {
  const struct {
    const char* rendered;
    const char* message;
  } cases[] = {
      {R"pb(messages { parts { text: "x" } })pb", "messages[0].role"},
      {R"pb(messages {
              role: ROLE_SYSTEM
              parts { text: "x" }
            })pb",
       "not the system's"},
      {R"pb(messages {
              role: ROLE_USER
              parts { section: "s" }
            })pb",
       "section \"s\""},
      {R"pb(messages {
              role: ROLE_SYSTEM
              parts { media { url: "https://x" } }
            })pb",
       "text only"},
      {R"pb(messages {
              role: ROLE_MODEL
              parts { media { url: "https://x" } }
            })pb",
       "media"},
      {R"pb(messages {
              role: ROLE_USER
              parts { media { data: "x" } }
            })pb",
       "content type"},
      {R"pb(messages {
              role: ROLE_USER
              parts { media { url: "file:///etc/passwd" } }
            })pb",
       "file:///etc/passwd"},
      {R"pb(messages {
              role: ROLE_USER
              parts { media { url: "data:image/png,abc" } }
            })pb",
       "Base64 only"},
      {R"pb(messages {
              role: ROLE_USER
              parts { tool_request { id: "1" } }
            })pb",
       "only the model"},
      {R"pb(messages {
              role: ROLE_MODEL
              parts { tool_request { id: "1" arguments: "{\"a\":" } }
            })pb",
       "messages[0].parts[0].arguments"},
      {R"pb(config {
              fields {
                key: "seed"
                value { number_value: 2 }
              }
            })pb",
       "config.seed"},
      {R"pb(config {
              fields {
                key: "presencePenalty"
                value { number_value: 2 }
              }
            })pb",
       "config.presencePenalty"},
      {R"pb(config {
              fields {
                key: "output_config"
                value {
                  struct_value {
                    fields {
                      key: "format"
                      value { bool_value: true }
                    }
                  }
                }
              }
            }
            output_schema: "{}")pb",
       "config.output_config"},
  };
  for (const auto& test : cases) {
    v1::Rendered rendered = Parsed(test.rendered);
    if (rendered.messages().empty()) {
      v1::Message* message = rendered.add_messages();
      message->set_role(v1::ROLE_USER);
      message->add_parts()->set_text("x");
    }
    EXPECT_THAT(kFormat.Encode(rendered, "m", false),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr(test.message)));
  }
}

constexpr char kMetadata[] = R"pb(
  stop_reason: STOP_REASON_END
  provider_stop_reason: "end_turn"
  usage { input_tokens: 12 output_tokens: 5 cached_input_tokens: 6 cache_write_tokens: 2 }
  provider_model: "claude-sonnet-4-20250514"
  provider_id: "msg_013Zva"
)pb";

TEST(AnthropicAnswerTest, ReadsAUnaryAnswer) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(AnthropicBody("Hello")));
  EXPECT_TRUE(answer->done());
  EXPECT_EQ(Show(*answer), "text(Hello)");
  EXPECT_THAT(answer->metadata(), EqualsProto(kMetadata));
}

TEST(AnthropicAnswerTest, ReadsAStream) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents(AnthropicEvents({"Hel", "lo"}), answer.get()));
  EXPECT_TRUE(answer->done());
  EXPECT_EQ(Show(*answer), "text(Hel)text(lo)");
  EXPECT_THAT(answer->metadata(), EqualsProto(kMetadata));
}

TEST(AnthropicAnswerTest, AStreamThatBreaksOffHasNoOutputCount) {
  const auto answer = kFormat.NewAnswer();
  std::vector<std::string> events = AnthropicEvents({"Hel", "lo"});
  events.resize(5);
  ASSERT_OK(ReadEvents(events, answer.get()));
  EXPECT_FALSE(answer->done());
  EXPECT_EQ(answer->metadata().usage().input_tokens(), 12);
  EXPECT_FALSE(answer->metadata().usage().has_output_tokens());
}

// Kind: numbers that no count can be. Absent is not known, and never 0.
TEST(AnthropicAnswerTest, AbsurdUsageIsNotKnown) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(
      R"({"type":"message","content":[],"usage":{"input_tokens":9223372036854775807,)"
      R"("cache_read_input_tokens":5,"output_tokens":-1}})"));
  EXPECT_FALSE(answer->metadata().usage().has_input_tokens());
  EXPECT_FALSE(answer->metadata().usage().has_output_tokens());
  const auto large = kFormat.NewAnswer();
  ASSERT_OK(large->ReadWhole(
      R"({"type":"message","content":[],"usage":{"input_tokens":1000000000000,)"
      R"("cache_read_input_tokens":1000000000000,"cache_creation_input_tokens":9223372036854775807,)"
      R"("output_tokens":1000000000001}})"));
  EXPECT_EQ(large->metadata().usage().input_tokens(), 2'000'000'000'000);
  EXPECT_FALSE(large->metadata().usage().has_cache_write_tokens());
  EXPECT_FALSE(large->metadata().usage().has_output_tokens());
}

TEST(AnthropicAnswerTest, ReadsEverythingAMessageCanHold) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(R"({"type":"message","content":[
    {"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"},
    {"type":"text","text":"Look:"},{"type":"not yet invented"},
    {"type":"tool_use","id":"a","name":"f","input":{"x":1}},
    {"type":"tool_use","id":"b","name":"g","input":{}}],"stop_reason":"tool_use"})"));
  EXPECT_EQ(Show(*answer),
            "reasoning(hm|s)reasoning(|redacted:d)text(Look:)other({\"type\":\"not yet invented\"})"
            "tool(0|a|f|{\"x\":1})tool(1|b|g|)tool(1|||{})");
  EXPECT_EQ(answer->metadata().stop_reason(), v1::STOP_REASON_TOOL);
  EXPECT_FALSE(answer->metadata().has_usage());
}

std::string Delta(int index, const std::string& delta) {
  return Event("content_block_delta", R"({"type":"content_block_delta","index":)" +
                                          std::to_string(index) + R"(,"delta":)" + delta + "}");
}
std::string Begin(int index, const std::string& block) {
  return Event("content_block_start", R"({"type":"content_block_start","index":)" +
                                          std::to_string(index) + R"(,"content_block":)" + block +
                                          "}");
}
std::string End(int index) {
  return Event("content_block_stop",
               R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}

TEST(AnthropicAnswerTest, ReadsBlocksOfEveryKindFromAStream) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents(
      {Begin(0, R"({"type":"thinking","thinking":"","signature":""})"),
       Delta(0, R"({"type":"thinking_delta","thinking":"hm"})"),
       Delta(0, R"({"type":"signature_delta","signature":"s"})"), End(0),
       Begin(1, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
       Delta(1, R"({"type":"input_json_delta","partial_json":""})"),
       Delta(1, R"({"type":"input_json_delta","partial_json":"{\"x\": "})"),
       Delta(1, R"({"type":"input_json_delta","partial_json":"1}"})"), End(1),
       Begin(2, R"({"type":"tool_use","id":"b","name":"g","input":{}})"), End(2),
       Begin(3, R"({"type":"text","text":""})"), Delta(3, R"({"type":"text_delta","text":"T"})"),
       Delta(3, R"({"type":"citations_delta","citation":{}})"), End(3),
       Event("invented_later", R"({"type":"invented_later"})")},
      answer.get()));
  EXPECT_EQ(Show(*answer),
            "reasoning(hm|)reasoning(|s)tool(0|a|f|)tool(0|||{\"x\": )tool(0|||1})"
            "tool(1|b|g|)tool(1|||{})text(T)other({\"type\":\"citations_delta\",\"citation\":{}})");
  EXPECT_THAT(answer->notes(), testing::ElementsAre(HasSubstr("\"citations_delta\""),
                                                    HasSubstr("\"invented_later\"")));
}

TEST(AnthropicAnswerTest, MapsStopReasons) {
  const std::pair<const char*, v1::StopReason> cases[] = {
      {"end_turn", v1::STOP_REASON_END},
      {"max_tokens", v1::STOP_REASON_LENGTH},
      {"model_context_window_exceeded", v1::STOP_REASON_LENGTH},
      {"stop_sequence", v1::STOP_REASON_STOP_SEQUENCE},
      {"tool_use", v1::STOP_REASON_TOOL},
      {"refusal", v1::STOP_REASON_FILTER},
      {"pause_turn", v1::STOP_REASON_OTHER}};
  for (const auto& [word, reason] : cases) {
    const auto answer = kFormat.NewAnswer();
    ASSERT_OK(ReadEvents(
        {Event(fmt::format(R"({{"type":"message_delta","delta":{{"stop_reason":"{}"}}}})", word))},
        answer.get()));
    EXPECT_EQ(answer->metadata().stop_reason(), reason) << word;
    EXPECT_EQ(answer->metadata().provider_stop_reason(), word);
  }
}

TEST(AnthropicAnswerTest, RefusesWhatIsNoAnswer) {
  const struct {
    const char* data;
    StatusCode code;
    const char* reason;
  } cases[] = {
      {"}", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {"[]", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"},
      {R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})",
       StatusCode::kResourceExhausted, "PROVIDER_THROTTLED"},
      {R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})",
       StatusCode::kInvalidArgument, "PROVIDER_REJECTED"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(kFormat.NewAnswer()->ReadEvent({.type = "", .data = test.data}),
                ErrorIs(test.code, test.reason))
        << test.data;
    EXPECT_THAT(kFormat.NewAnswer()->ReadWhole(test.data), ErrorIs(test.code, test.reason))
        << test.data;
  }
}

}  // namespace
}  // namespace colophon
