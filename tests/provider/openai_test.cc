#include "service/provider/openai.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "tests/provider/answers.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

const OpenAiFormat kFormat({});

std::string Encoded(const char* rendered, bool stream = false) {
  const absl::StatusOr<std::string> body = kFormat.Encode(Parsed(rendered), "gpt-4o", stream);
  return body.ok() ? *body : body.status().ToString();
}

TEST(OpenAiEncodeTest, WritesNamesDetailsAndStrictSchemas) {
  const std::string body = Encoded(R"pb(
    messages {
      role: ROLE_USER
      parts { media { url: "https://x.example/a.png" detail: "low" } }
      parts { media { data: "%PDF" content_type: "application/pdf" filename: "a.pdf" } }
    }
    tools { name: "look" strict: true }
    output_schema: "{\"type\":\"object\"}"
    output_strict: true
  )pb");
  EXPECT_THAT(body, HasSubstr(R"("image_url":{"url":"https://x.example/a.png","detail":"low"})"));
  EXPECT_THAT(body, HasSubstr(R"("filename":"a.pdf")"));
  EXPECT_THAT(body, HasSubstr(R"("parameters":{"type":"object","properties":{}},"strict":true)"));
  EXPECT_THAT(body, HasSubstr(R"("schema":{"type":"object"},"strict":true)"));
}

TEST(OpenAiEncodeTest, WritesTheWholeOfAPrompt) {
  constexpr char kRendered[] = R"pb(
    messages {
      role: ROLE_SYSTEM
      parts { text: "Be " }
      parts { text: "brief." }
    }
    messages {
      role: ROLE_USER
      parts { text: "What is \"this\"?\n" }
      parts { media { data: "\001\002\377" content_type: "image/png" } }
      parts { media { url: "https://x.example/a.jpg" } }
    }
    messages {
      role: ROLE_MODEL
      parts { reasoning { text: "hm" signature: "s" } }
      parts { tool_request { id: "c1" name: "look" arguments: "{ \"a\":1.0}" } }
      parts { tool_request { id: "c2" name: "now" } }
    }
    messages {
      role: ROLE_TOOL
      parts { tool_response { id: "c1" name: "look" output: "a cat" } }
      parts { tool_response { id: "c2" name: "now" output: "noon" } }
    }
    messages {
      role: ROLE_MODEL
      parts { text: "A cat." }
    }
    config {
      fields {
        key: "topP"
        value { number_value: 0.9 }
      }
      fields {
        key: "temperature"
        value { number_value: 0.7 }
      }
      fields {
        key: "maxOutputTokens"
        value { number_value: 256 }
      }
      fields {
        key: "stopSequences"
        value { list_value { values { string_value: "END" } } }
      }
      fields {
        key: "seed"
        value { number_value: 7 }
      }
      fields {
        key: "frequencyPenalty"
        value { number_value: -0.5 }
      }
      fields {
        key: "presencePenalty"
        value { number_value: 1 }
      }
      fields {
        key: "reasoning_effort"
        value { string_value: "low" }
      }
      fields {
        key: "min_p"
        value { number_value: 0.05 }
      }
    }
    tools {
      name: "look"
      description: "Looks."
      input_schema: "{\"type\":\"object\",\"b\":1,\"a\":2}"
    }
    tools { name: "now" }
    output_schema: "{\"type\":\"object\"}"
    output_format: "json"
  )pb";
  const std::string common =
      R"({"model":"gpt-4o","messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":[{"type":"text","text":"What is \"this\"?\n"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AQL/"}},)"
      R"({"type":"image_url","image_url":{"url":"https://x.example/a.jpg"}}]},)"
      R"({"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"c1","type":"function","function":{"name":"look","arguments":"{ \"a\":1.0}"}},)"
      R"({"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"a cat"},)"
      R"({"role":"tool","tool_call_id":"c2","content":"noon"},)"
      R"({"role":"assistant","content":"A cat."}],)"
      R"("tools":[{"type":"function","function":{"name":"look","description":"Looks.",)"
      R"("parameters":{"type":"object","b":1,"a":2}}},{"type":"function","function":)"
      R"({"name":"now","parameters":{"type":"object","properties":{}}}}],)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"output",)"
      R"("schema":{"type":"object"}}},)"
      R"("frequency_penalty":-0.5,"max_tokens":256,"min_p":0.05,"presence_penalty":1,)"
      R"("reasoning_effort":"low","seed":7,"stop":["END"],"temperature":0.7,"top_p":0.9)";
  EXPECT_EQ(Encoded(kRendered), common + "}");
  EXPECT_EQ(Encoded(kRendered, true),
            common + R"(,"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(OpenAiEncodeTest, NamesTheTokenLimitAsItsServerDoes) {
  const v1::Rendered rendered = Parsed(
      R"pb(messages {
             role: ROLE_USER
             parts { text: "x" }
           }
           config {
             fields {
               key: "maxOutputTokens"
               value { number_value: 9 }
             }
           })pb");
  ASSERT_OK_AND_ASSIGN(std::string body,
                       OpenAiFormat({.is_vendor = true}).Encode(rendered, "o3", false));
  EXPECT_EQ(body, R"({"model":"o3","messages":[{"role":"user","content":"x"}],)"
                  R"("max_completion_tokens":9})");
}

TEST(OpenAiEncodeTest, AsksForJsonWithoutASchema) {
  EXPECT_THAT(Encoded(R"pb(messages {
                             role: ROLE_USER
                             parts { text: "x" }
                           }
                           output_format: "json")pb"),
              HasSubstr(R"("response_format":{"type":"json_object"})"));
}

TEST(OpenAiEncodeTest, TextOfVariablesStaysText) {
  EXPECT_THAT(Encoded(R"pb(messages {
                             role: ROLE_USER
                             parts { text: "\"}],\"x\":[{\000\342\200\250" }
                           })pb"),
              HasSubstr("\"content\":\"\\\"}],\\\"x\\\":[{\\u0000\xe2\x80\xa8\""));
}

TEST(OpenAiEncodeTest, RefusesWhatTheApiCannotTake) {
  const struct {
    const char* rendered;
    const char* message;
  } cases[] = {
      {R"pb(messages { parts { text: "x" } })pb", "messages[0].role"},
      {R"pb(messages {
              role: ROLE_USER
              parts { text: "x" }
              parts { section: "s" }
            })pb",
       "messages[0].parts[1]: section \"s\""},
      {R"pb(messages {
              role: ROLE_SYSTEM
              parts { media { url: "https://x" } }
            })pb",
       "messages[0].parts[0]"},
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
              parts { media { data: "x" content_type: "video/mp4" } }
            })pb",
       "video/mp4"},
      {R"pb(messages {
              role: ROLE_USER
              parts { tool_response { id: "1" } }
            })pb",
       "tool responses"},
      {R"pb(messages {
              role: ROLE_TOOL
              parts { text: "1" }
            })pb",
       "tool responses only"},
      {R"pb(messages {
              role: ROLE_USER
              parts { tool_request { id: "1" } }
            })pb",
       "only the model"},
      {R"pb(messages { role: ROLE_USER }
            tools { name: "t" input_schema: "[]" })pb",
       "tool \"t\""},
      {R"pb(messages { role: ROLE_USER }
            output_schema: "{")pb",
       "output.schema"},
      {R"pb(config {
              fields {
                key: "n"
                value { number_value: 2 }
              }
            })pb",
       "config.n"},
      {R"pb(config {
              fields {
                key: "apiKey"
                value { string_value: "x" }
              }
            })pb",
       "config.apiKey"},
      {R"pb(config {
              fields {
                key: "messages"
                value { null_value: 0 }
              }
            })pb",
       "config.messages"},
      {R"pb(config {
              fields {
                key: "top_p"
                value { number_value: 1 }
              }
              fields {
                key: "topP"
                value { number_value: 1 }
              }
            })pb",
       "twice"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(kFormat.Encode(Parsed(test.rendered), "m", false),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr(test.message)));
  }
}

TEST(OpenAiAnswerTest, ReadsAUnaryAnswer) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(OpenAiBody("Hello")));
  EXPECT_TRUE(answer->done());
  EXPECT_EQ(Show(*answer), "text(Hello)");
  EXPECT_THAT(
      answer->metadata(), EqualsProto(R"pb(
        stop_reason: STOP_REASON_END
        provider_stop_reason: "stop"
        usage { input_tokens: 12 output_tokens: 5 cached_input_tokens: 8 reasoning_tokens: 3 }
        provider_model: "gpt-4o-mini-2024-07-18"
        provider_id: "chatcmpl-9xyz"
      )pb"));
}

TEST(OpenAiAnswerTest, ReadsEverythingAMessageCanHold) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(R"({"choices":[{"index":0,"message":{"role":"assistant",
    "content":"Look:","reasoning_content":"I think","tool_calls":[
      {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},
      {"id":"b","type":"function","function":{"name":"g","arguments":""}}]},
    "finish_reason":"tool_calls"}]})"));
  EXPECT_EQ(Show(*answer), "reasoning(I think|)text(Look:)tool(0|a|f|{\"x\": 1})tool(1|b|g|)");
  EXPECT_EQ(answer->metadata().stop_reason(), v1::STOP_REASON_TOOL);
  EXPECT_FALSE(answer->metadata().has_usage());
}

TEST(OpenAiAnswerTest, ReadsAStream) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents(OpenAiEvents({"Hel", "lo"}), answer.get()));
  EXPECT_TRUE(answer->done());
  EXPECT_EQ(Show(*answer), "text(Hel)text(lo)");
  EXPECT_THAT(
      answer->metadata(), EqualsProto(R"pb(
        stop_reason: STOP_REASON_END
        provider_stop_reason: "stop"
        usage { input_tokens: 12 output_tokens: 5 cached_input_tokens: 8 reasoning_tokens: 3 }
        provider_model: "gpt-4o-mini-2024-07-18"
        provider_id: "chatcmpl-9xyz"
      )pb"));
}

std::string Delta(const std::string& delta, const std::string& finish = "null") {
  return Event(R"({"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + finish +
               "}]}");
}

TEST(OpenAiAnswerTest, JoinsToolCallsByTheirIndex) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents(
      {Delta(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]})"),
       Delta(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]})"),
       Delta(
           R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{"}},{"index":0,"function":{"arguments":":1}"}}]})"),
       Delta(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"}"}}]})"),
       Delta("{}", "\"tool_calls\""), Event("[DONE]")},
      answer.get()));
  EXPECT_EQ(Show(*answer), "tool(0|a|f|)tool(0|||{\"x\")tool(1|b|g|{)tool(0|||:1})tool(1|||})");
}

TEST(OpenAiAnswerTest, TakesToolCallsWithoutIndex) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(
      ReadEvents({Delta(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]})"),
                  Delta(R"({"tool_calls":[{"function":{"arguments":"}"}}]})"),
                  Delta(R"({"tool_calls":[{"id":"b","function":{"name":"g"}}]})")},
                 answer.get()));
  EXPECT_EQ(Show(*answer), "tool(0|a|f|{)tool(0|||})tool(1|b|g|)");
}

TEST(OpenAiAnswerTest, ReadsReasoningUnderEitherName) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents({Delta(R"({"reasoning_content":"a"})"), Delta(R"({"reasoning":"b"})"),
                        Delta(R"({"content":"c","reasoning":null})")},
                       answer.get()));
  EXPECT_EQ(Show(*answer), "reasoning(a|)reasoning(b|)text(c)");
}

TEST(OpenAiAnswerTest, ARefusalIsAFilteredText) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents({Delta(R"({"refusal":"I can't"})"), Delta("{}", "\"stop\"")}, answer.get()));
  EXPECT_EQ(Show(*answer), "text(I can't)");
  EXPECT_EQ(answer->metadata().stop_reason(), v1::STOP_REASON_FILTER);
  EXPECT_EQ(answer->metadata().provider_stop_reason(), "stop");
}

TEST(OpenAiAnswerTest, MapsStopReasons) {
  const std::pair<const char*, v1::StopReason> cases[] = {
      {"stop", v1::STOP_REASON_END},
      {"length", v1::STOP_REASON_LENGTH},
      {"tool_calls", v1::STOP_REASON_TOOL},
      {"function_call", v1::STOP_REASON_TOOL},
      {"content_filter", v1::STOP_REASON_FILTER},
      {"eos", v1::STOP_REASON_OTHER}};
  for (const auto& [word, reason] : cases) {
    const auto answer = kFormat.NewAnswer();
    ASSERT_OK(ReadEvents({Delta("{}", "\"" + std::string(word) + "\"")}, answer.get()));
    EXPECT_EQ(answer->metadata().stop_reason(), reason) << word;
    EXPECT_EQ(answer->metadata().provider_stop_reason(), word);
  }
}

// What was read of chunks, each the delta of one choice.
std::string ToolsOf(const std::vector<std::string>& calls) {
  const auto answer = kFormat.NewAnswer();
  for (const std::string& call : calls) {
    EXPECT_OK(ReadEvents({Delta(R"({"tool_calls":[)" + call + "]}", "null")}, answer.get()));
  }
  return Show(*answer);
}

TEST(OpenAiAnswerTest, TellsToolCallsApart) {
  // One index for all, and an id for each.
  EXPECT_EQ(ToolsOf({R"({"index":0,"id":"x","function":{"name":"f","arguments":"{}"}})",
                     R"({"index":0,"id":"y","function":{"name":"g","arguments":"{}"}})"}),
            "tool(0|x|f|{})tool(1|y|g|{})");
  // An id in every piece, and no index.
  EXPECT_EQ(ToolsOf({R"({"id":"x","function":{"name":"f","arguments":"{"}})",
                     R"({"id":"x","function":{"name":"f","arguments":"}"}})"}),
            "tool(0|x|f|{)tool(0|||})");
  // Neither: the name after whole arguments.
  EXPECT_EQ(ToolsOf({R"({"function":{"name":"f","arguments":"{}"}})",
                     R"({"function":{"name":"f","arguments":"{}"}})"}),
            "tool(0||f|{})tool(1||f|{})");
  // The name comes late, the arguments as an object.
  EXPECT_EQ(ToolsOf({R"({"index":0,"id":"x","function":{"name":""}})",
                     R"({"index":0,"function":{"name":"f","arguments":{"a":1}}})"}),
            "tool(0|x||)tool(0||f|{\"a\":1})");
}

TEST(OpenAiAnswerTest, TakesPartsOfEveryKind) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(answer->ReadWhole(R"({"choices":[{"finish_reason":"stop","message":{"content":[
      {"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"Yes"},
      {"type":"map","at":[1,2]}],"audio":{"id":"a1"}}}]})"));
  EXPECT_EQ(Show(*answer),
            "reasoning(Hm.|)text(Yes)other({\"type\":\"map\",\"at\":[1,2]})"
            "other({\"audio\":{\"id\":\"a1\"}})");
  EXPECT_EQ(answer->notes().size(), 2u);
}

TEST(OpenAiAnswerTest, BytesThatAreNoTextAreReplacedAndTold) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents({Delta("{\"content\":\"a\xf0\x9f\xffz\"}", "null")}, answer.get()));
  EXPECT_EQ(Show(*answer), "text(a\xef\xbf\xbd\xef\xbf\xbdz)");
  EXPECT_THAT(answer->notes(), testing::ElementsAre(HasSubstr("U+FFFD")));
}

TEST(OpenAiAnswerTest, AFinishReasonDoesNotEndTheAnswer) {
  const auto answer = kFormat.NewAnswer();
  ASSERT_OK(ReadEvents({Delta(R"({"content":"a"})", "\"stop\"")}, answer.get()));
  EXPECT_FALSE(answer->done());
}

TEST(OpenAiAnswerTest, RefusesWhatIsNoAnswer) {
  const struct {
    const char* data;
    StatusCode code;
    const char* reason;
  } cases[] = {
      {"}", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {"[]", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {"<html>", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {R"({"choices":[1]})", StatusCode::kUnavailable, "PROVIDER_MALFORMED"},
      {R"({"error":{"message":"slow down","type":"rate_limit_exceeded"}})",
       StatusCode::kResourceExhausted, "PROVIDER_THROTTLED"},
      {R"({"error":{"message":"m","code":502},"choices":[]})", StatusCode::kUnavailable,
       "PROVIDER_UNAVAILABLE"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(kFormat.NewAnswer()->ReadEvent({.type = "", .data = test.data}),
                ErrorIs(test.code, test.reason))
        << test.data;
    EXPECT_THAT(kFormat.NewAnswer()->ReadWhole(test.data), ErrorIs(test.code, test.reason))
        << test.data;
  }
  EXPECT_THAT(kFormat.NewAnswer()->ReadWhole(R"({"choices":[]})"),
              ErrorIs(StatusCode::kUnavailable, "PROVIDER_MALFORMED"));
}

}  // namespace
}  // namespace colophon
