// POST /v1/messages, from a real socket.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/http/shape_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPath[] = "/v1/messages";
constexpr char kTriage[] =
    "---\nmodel: anthropic/claude-sonnet-4-5\ninput: {schema: {topic: string}}\n"
    "---\n{{role \"system\"}}Sort mail about {{topic}}.{{history}}\n";

class AnthropicMessagesTest : public ShapeFixture {
 protected:
  void SetUp() override {
    ShapeFixture::SetUp();
    Publish("support/triage", kTriage);
  }

  static std::string Named(const std::string& more) {
    return R"({"model":"acme/support/triage@v1","max_tokens":100,)"
           R"("colophon":{"variables":{"topic":"parcels"}},)" +
           more + "}";
  }
  static std::string Body(const std::string& more = "") {
    return Named(R"("messages":[{"role":"user","content":"Where is it?"}])" +
                 (more.empty() ? "" : "," + more));
  }
  RawResponse Send(const std::string& body, std::vector<std::string> headers = {}) {
    headers.push_back("anthropic-version: 2023-06-01");
    return Post(kPath, body, headers);
  }
  std::string Sent() const { return anthropic_.requests().back().body; }

  // What a stream says, each event's type and its data.
  static std::vector<std::string> TypesOf(const std::string& events) {
    std::vector<std::string> types;
    for (const std::string& data : DataOf(events)) types.push_back(At(data, "/type"));
    return types;
  }
};

TEST_F(AnthropicMessagesTest, AnswersAndRecordsTheExactVersion) {
  const RawResponse response = Send(Body(R"("system":"Be kind.","metadata":{"user_id":"u1"})"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(response.body, "/type"), "message");
  EXPECT_EQ(At(response.body, "/role"), "assistant");
  EXPECT_EQ(At(response.body, "/model"), "acme/support/triage@v1");
  EXPECT_EQ(At(response.body, "/content"), R"([{"type":"text","text":"Hello there"}])");
  EXPECT_EQ(At(response.body, "/stop_reason"), "end_turn");
  EXPECT_THAT(At(response.body, "/usage"), HasSubstr("input_tokens"));
  EXPECT_EQ(response.headers.at("request-id"), At(response.body, "/id"));

  const v1::Record record = Record(response.headers.at("colophon-record"));
  EXPECT_EQ(record.intent().version(), 1u);
  EXPECT_EQ(record.intent().tags().at("user_id"), "u1");
  EXPECT_EQ(WriteJson(record.intent().overrides().config()), R"({"maxOutputTokens":100})");
  EXPECT_EQ(At(Sent(), "/max_tokens"), "100");
  EXPECT_EQ(At(Sent(), "/system/0/text"), "Sort mail about parcels.");
  EXPECT_EQ(At(Sent(), "/system/1/text"), "Be kind.");
  EXPECT_EQ(At(Sent(), "/messages/0/content/0/text"), "Where is it?");
}

TEST_F(AnthropicMessagesTest, StreamsItsEvents) {
  const RawResponse response = Send(Body(R"("stream":true)"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(
      TypesOf(response.body),
      ElementsAre("message_start", "content_block_start", "content_block_delta",
                  "content_block_delta", "content_block_stop", "message_delta", "message_stop"));
  const std::vector<std::string> data = DataOf(response.body);
  EXPECT_THAT(response.body, HasSubstr("event: message_start\ndata: "));
  EXPECT_EQ(At(data[0], "/message/id"), response.headers.at("colophon-record"));
  EXPECT_EQ(At(data[0], "/message/content"), "[]");
  EXPECT_EQ(At(data[1], "/content_block"), R"({"type":"text","text":""})");
  EXPECT_EQ(At(data[2], "/delta"), R"({"type":"text_delta","text":"Hello"})");
  EXPECT_EQ(At(data[2], "/index"), "0");
  EXPECT_EQ(At(data[5], "/delta/stop_reason"), "end_turn");
  EXPECT_THAT(At(data[5], "/usage"), HasSubstr("output_tokens"));
  EXPECT_EQ(At(data[5], "/colophon/version"), "acme/support/triage@v1");
  EXPECT_TRUE(Record(response.headers.at("colophon-record")).intent().stream());
}

TEST_F(AnthropicMessagesTest, TokensAreCountedByTheProvider) {
  anthropic_.SetHandler(
      [](const ModelRequest&) { return JsonAnswer(200, R"({"input_tokens":14})"); });
  const std::string path = std::string(kPath) + "/count_tokens";
  const RawResponse counted = Post(path, Body(R"("tools":[{"name":"look","input_schema":{}}])"));
  ASSERT_EQ(counted.status, 200) << counted.body;
  EXPECT_EQ(counted.body, R"({"input_tokens":14})");
  EXPECT_EQ(counted.headers.count("colophon-record"), 0u);
  EXPECT_EQ(RecordCount(""), 0);
  const ModelRequest asked = anthropic_.requests().back();
  EXPECT_EQ(asked.target, "/v1/messages/count_tokens");
  EXPECT_EQ(At(asked.body, "/tools/0/name"), "look");
  EXPECT_EQ(At(asked.body, "/max_tokens"), "");  // The endpoint refuses what is of the answer.
  EXPECT_NE(At(asked.body, "/messages"), "");

  Publish("other", "---\nmodel: openai/gpt-4o-mini\n---\nHi.{{history}}");
  // The same by our own method.
  const RawResponse own = Post("/colophon.v1.CompletionService/CountTokens",
                               R"({"call":{"name":"acme/support/triage","variables":{"topic":"x"},)"
                               R"("history":[{"role":"ROLE_USER","parts":[{"text":"Hi"}]}]}})");
  ASSERT_EQ(own.status, 200) << own.body;
  EXPECT_EQ(At(own.body, "/inputTokens"), "14");
  EXPECT_EQ(At(own.body, "/version"), "acme/support/triage@v1");
  EXPECT_EQ(At(own.body, "/model"), "anthropic/claude-sonnet-4-5");
  const auto answers = [&](ModelAnswer answer) {
    anthropic_.SetHandler([answer](const ModelRequest&) { return answer; });
    return Post(path, Body());
  };
  struct Case {
    std::string what;
    RawResponse response;
    int status;
    std::string code;
  };
  const std::string error = R"({"type":"error","error":{"type":"x","message":"no"}})";
  const std::vector<Case> cases = {
      {"no JSON", Post(path, "{"), 400, "BAD_JSON"},
      {"no such prompt", Post(path, R"({"model":"acme/nothing","messages":[]})"), 404,
       "PROMPT_NOT_FOUND"},
      {"a stream", Post(path, Body(R"("stream":true)")), 400, "UNSUPPORTED"},
      {"OpenAI's model", Post(path, R"({"model":"acme/other","messages":[]})"), 400, "UNSUPPORTED"},
      {"throttled", answers(JsonAnswer(429, error)), 429, "PROVIDER_THROTTLED"},
      {"a bad key", answers(JsonAnswer(401, error)), 400, "PROVIDER_KEY_REJECTED"},
      {"down", answers(JsonAnswer(503, error)), 503, "PROVIDER_UNAVAILABLE"},
      {"no count", answers(JsonAnswer(200, "{}")), 503, "PROVIDER_MALFORMED"},
      {"cut", answers(BytesAnswer("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{").Close()), 503,
       "PROVIDER_CUT"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what + ": " + c.response.body);
    EXPECT_EQ(c.response.status, c.status);
    EXPECT_EQ(At(c.response.body, "/error/code"), c.code);
  }
  EXPECT_EQ(RecordCount(""), 0);
}

TEST_F(AnthropicMessagesTest, ThinkingAndToolsGoRound) {
  anthropic_.SetHandler([](const ModelRequest&) {
    return JsonAnswer(
        200, R"({"id":"m","type":"message","role":"assistant","model":"claude","content":[)"
             R"({"type":"thinking","thinking":"Hm.","signature":"sig"},)"
             R"({"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"I look."},)"
             R"({"type":"tool_use","id":"t1","name":"get_order","input":{"id":7}}],)"
             R"("stop_reason":"tool_use","usage":{"input_tokens":3,"cache_read_input_tokens":5,)"
             R"("output_tokens":4}})");
  });
  const std::string tools =
      R"("tools":[{"name":"get_order","description":"Finds it.","input_schema":{"type":"object"}}],)"
      R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true},)"
      R"("thinking":{"type":"enabled","budget_tokens":50})";
  const RawResponse first = Send(Body(tools));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(At(first.body, "/stop_reason"), "tool_use");
  const std::string content = At(first.body, "/content");
  EXPECT_EQ(content,
            R"([{"type":"thinking","thinking":"Hm.","signature":"sig"},)"
            R"({"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"I look."},)"
            R"({"type":"tool_use","id":"t1","name":"get_order","input":{"id":7}}])");
  EXPECT_EQ(At(first.body, "/usage"),
            R"({"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":5})");
  EXPECT_EQ(At(Sent(), "/tool_choice"), R"({"disable_parallel_tool_use":true,"type":"auto"})");
  EXPECT_EQ(At(Sent(), "/thinking/budget_tokens"), "50");

  const RawResponse second = Send(Named(
      R"("messages":[{"role":"user","content":"Where is it?"},{"role":"assistant","content":)" +
      content +
      R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,)"
      R"("content":[{"type":"text","text":"No such order"}]},{"type":"text","text":"And now?"}]}],)" +
      tools));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(At(Sent(), "/messages/1/content"), content);
  EXPECT_EQ(
      At(Sent(), "/messages/2/content/0"),
      R"({"type":"tool_result","tool_use_id":"t1","content":"No such order","is_error":true})");
  EXPECT_EQ(At(Sent(), "/messages/2/content/1/text"), "And now?");
  const v1::Intent intent = Record(second.headers.at("colophon-record")).intent();
  EXPECT_EQ(intent.history(2).role(), v1::ROLE_TOOL);
  EXPECT_EQ(intent.history(2).parts(0).tool_response().name(), "get_order");
  EXPECT_EQ(intent.history(3).role(), v1::ROLE_USER);
}

TEST_F(AnthropicMessagesTest, BlocksOfEveryKindAreStreamed) {
  anthropic_.SetHandler([](const ModelRequest&) {
    const auto event = [](const std::string& type, const std::string& rest) {
      return Event(type, fmt::format(R"({{"type":"{}",{}}})", type, rest));
    };
    const auto start = [&](int index, const std::string& block) {
      return event("content_block_start",
                   fmt::format(R"("index":{},"content_block":{})", index, block));
    };
    const auto delta = [&](int index, const std::string& body) {
      return event("content_block_delta", fmt::format(R"("index":{},"delta":{})", index, body));
    };
    const auto stop = [&](int index) {
      return event("content_block_stop", fmt::format(R"("index":{})", index));
    };
    return StreamAnswer({
        event("message_start", R"("message":{"id":"m","model":"c","usage":{"input_tokens":3}})"),
        start(0, R"({"type":"thinking","thinking":"","signature":""})"),
        delta(0, R"({"type":"thinking_delta","thinking":"Hm."})"),
        delta(0, R"({"type":"signature_delta","signature":"sig"})"),
        stop(0),
        start(1, R"({"type":"redacted_thinking","data":"xyz"})"),
        stop(1),
        start(2, R"({"type":"text","text":""})"),
        delta(2, R"({"type":"text_delta","text":"I look."})"),
        stop(2),
        start(3, R"({"type":"tool_use","id":"t1","name":"get_order","input":{}})"),
        delta(3, R"({"type":"input_json_delta","partial_json":"{\"id\":7}"})"),
        stop(3),
        start(4, R"({"type":"tool_use","id":"t2","name":"get_order","input":{}})"),
        stop(4),
        event("message_delta", R"("delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9})"),
        event("message_stop", R"("ok":true)"),
    });
  });
  const RawResponse response =
      Send(Body(R"("tools":[{"name":"get_order","input_schema":{}}],"stream":true)"));
  const std::vector<std::string> data = DataOf(response.body);
  std::vector<std::string> blocks;
  std::vector<std::string> deltas;
  for (const std::string& event : data) {
    if (At(event, "/type") == "content_block_start") blocks.push_back(At(event, "/content_block"));
    if (At(event, "/type") == "content_block_delta") {
      deltas.push_back(At(event, "/index") + At(event, "/delta"));
    }
  }
  EXPECT_THAT(
      blocks,
      ElementsAre(R"({"type":"thinking","thinking":"","signature":""})",
                  R"({"type":"redacted_thinking","data":"xyz"})", R"({"type":"text","text":""})",
                  R"({"type":"tool_use","id":"t1","name":"get_order","input":{}})",
                  R"({"type":"tool_use","id":"t2","name":"get_order","input":{}})"));
  EXPECT_THAT(deltas, ElementsAre(R"(0{"type":"thinking_delta","thinking":"Hm."})",
                                  R"(0{"type":"signature_delta","signature":"sig"})",
                                  R"(2{"type":"text_delta","text":"I look."})",
                                  R"(3{"type":"input_json_delta","partial_json":"{\"id\":7}"})",
                                  R"(4{"type":"input_json_delta","partial_json":"{}"})"));
  const std::vector<std::string> types = TypesOf(response.body);
  EXPECT_EQ(std::count(types.begin(), types.end(), "content_block_stop"), 5);
  EXPECT_EQ(At(data[data.size() - 2], "/delta/stop_reason"), "tool_use");
}

TEST_F(AnthropicMessagesTest, ImagesDocumentsAndSchemasGoThrough) {
  const RawResponse response = Send(
      Named(R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
            R"("media_type":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="}},{"type":"document",)"
            R"("title":"a.pdf","source":{"type":"url","url":"https://example.com/a.pdf"}}]}],)"
            R"("output_config":{"effort":"low","format":{"type":"json_schema",)"
            R"("schema":{"type":"object","properties":{"kind":{"type":"string"}}}}})"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/messages/0/content/0/source/media_type"), "image/png");
  EXPECT_EQ(At(Sent(), "/messages/0/content/1/type"), "document");
  EXPECT_EQ(At(Sent(), "/messages/0/content/1/title"), "a.pdf");
  EXPECT_EQ(At(Sent(), "/output_config/effort"), "low");
  EXPECT_EQ(At(Sent(), "/output_config/format/schema/properties/kind/type"), "string");
  EXPECT_EQ(At(response.body, "/colophon/output_valid"), "false");
}

TEST_F(AnthropicMessagesTest, APromptOfOpenAisAnswersToo) {
  Publish("other", "---\nmodel: openai/gpt-4o-mini\n---\n{{role \"system\"}}Hi.{{history}}");
  const std::string body =
      R"({"model":"acme/other","max_tokens":9,"messages":[{"role":"user","content":"Where?"}],)"
      R"("tools":[{"name":"get_order","input_schema":{"type":"object"}}],)"
      R"("tool_choice":{"type":"tool","name":"get_order","disable_parallel_tool_use":true}})";
  const RawResponse response = Send(body);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(response.body, "/content/0/text"), "Hello there");
  const std::string sent = openai_.requests().back().body;
  EXPECT_EQ(At(sent, "/messages/1"), R"({"role":"user","content":"Where?"})");
  EXPECT_EQ(At(sent, "/tool_choice"), R"({"type":"function","function":{"name":"get_order"}})");
  EXPECT_EQ(At(sent, "/parallel_tool_calls"), "false");
}

TEST_F(AnthropicMessagesTest, TheNewerVersionIsSpokenToo) {
  const RawResponse response =
      Post(kPath,
           Named(R"("messages":[{"role":"user","content":"Where?"},{"role":"system",)"
                 R"("content":[{"type":"text","text":"Be kind."}]}])"),
           {"anthropic-version: 2026-10-21"});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/system/1/text"), "Be kind.");
}

TEST_F(AnthropicMessagesTest, ErrorsAreAnthropics) {
  const auto message = [&](const std::string& text) {
    return Send(Named(R"("messages":[)" + text + "]"));
  };
  const auto user = [&](const std::string& block) {
    return message(R"({"role":"user","content":[)" + block + "]}");
  };
  const std::string bad = "invalid_request_error";
  struct Case {
    std::string what;
    RawResponse response;
    int status;
    std::string type, code, param;
  };
  const std::vector<Case> cases = {
      {"no JSON", Send("{"), 400, bad, "BAD_JSON", "null"},
      {"no prompt", Send(R"({"max_tokens":1,"messages":[]})"), 400, bad, "BAD_REFERENCE", "model"},
      {"no such prompt", Send(R"({"model":"acme/nothing","max_tokens":1,"messages":[]})"), 404,
       "not_found_error", "PROMPT_NOT_FOUND", ""},
      {"another version", Post(kPath, Body(), {"anthropic-version: 2024-01-01"}), 400, bad,
       "UNSUPPORTED", "header anthropic-version"},
      {"a beta", Send(Body(), {"anthropic-beta: files-api-2025-04-14"}), 400, bad, "UNSUPPORTED",
       "header anthropic-beta"},
      {"a role", message(R"({"role":"robot","content":"x"})"), 400, bad, "BAD_REQUEST",
       "messages[0].role"},
      {"no content", message(R"({"role":"user"})"), 400, bad, "BAD_REQUEST", "messages[0].content"},
      {"a user's tool", user(R"({"type":"tool_use","id":"t","name":"x","input":{}})"), 400, bad,
       "UNSUPPORTED", "messages[0].content[0].type"},
      {"a mark", user(R"({"type":"text","text":"x","cache_control":{"type":"ephemeral"}})"), 400,
       bad, "UNSUPPORTED", "messages[0].content[0].cache_control"},
      {"a file", user(R"({"type":"image","source":{"type":"file","file_id":"f"}})"), 400, bad,
       "UNSUPPORTED", "messages[0].content[0].source.type"},
      {"an image of a tool",
       user(R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":)"
            R"({"type":"url","url":"https://example.com/a.png"}}]})"),
       400, bad, "UNSUPPORTED", "messages[0].content[0].content"},
      {"a tool of Anthropic's",
       Send(Body(R"("tools":[{"type":"web_search_20250305","name":"web_search"}])")), 400, bad,
       "UNSUPPORTED", "tools[0].type"},
      {"its service", Send(Body(R"("mcp_servers":[{"url":"x"}])")), 400, bad, "UNSUPPORTED",
       "mcp_servers"},
      {"another number", Send(Body(R"("temperature":"hot")")), 400, bad, "BAD_PARAMETER", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what + ": " + c.response.body);
    EXPECT_EQ(c.response.status, c.status);
    EXPECT_EQ(At(c.response.body, "/type"), "error");
    EXPECT_EQ(At(c.response.body, "/error/type"), c.type);
    EXPECT_EQ(At(c.response.body, "/error/code"), c.code);
    if (!c.param.empty()) {
      EXPECT_EQ(At(c.response.body, "/error/param"), c.param);
    }
    EXPECT_NE(At(c.response.body, "/error/message"), "");
  }
}

TEST_F(AnthropicMessagesTest, WhatTheModelRefusesIsToldWithItsStatus) {
  const std::string body = R"({"type":"error","error":{"type":"x","message":"no"}})";
  struct Case {
    ModelAnswer answer;
    int status;
    std::string type, code;
  };
  const std::vector<Case> cases = {
      {JsonAnswer(429, body, {"retry-after: 7"}), 429, "rate_limit_error", "PROVIDER_THROTTLED"},
      {JsonAnswer(529, body), 503, "overloaded_error", "PROVIDER_UNAVAILABLE"},
      {JsonAnswer(400, body), 400, "invalid_request_error", "PROVIDER_REJECTED"},
  };
  for (const Case& c : cases) {
    anthropic_.SetHandler([&](const ModelRequest&) { return c.answer; });
    for (const std::string stream : {R"("stream":false)", R"("stream":true)"}) {
      SCOPED_TRACE(c.code + " " + stream);
      const RawResponse response = Send(Body(stream));
      EXPECT_EQ(response.status, c.status) << response.body;
      EXPECT_EQ(At(response.body, "/error/type"), c.type);
      const v1::Record record = Record(response.headers.at("colophon-record"));
      EXPECT_EQ(record.outcome().error_reason(), c.code);
    }
  }
  anthropic_.SetHandler([](const ModelRequest&) {
    return BytesAnswer(HttpChunkedHead() + HttpChunk(AnthropicTextEvent("Hel"))).Close();
  });
  const RawResponse cut = Send(Body(R"("stream":true)"));
  EXPECT_EQ(cut.status, 200);
  EXPECT_THAT(cut.body, HasSubstr("event: error\ndata: "));
  EXPECT_THAT(TypesOf(cut.body),
              ElementsAre("message_start", "content_block_start", "content_block_delta", "error"));
}

TEST_F(AnthropicMessagesTest, WhoLeavesEndsTheCallAndItsRecord) {
  auto gate = std::make_shared<ModelGate>();
  anthropic_.SetHandler([gate](const ModelRequest&) { return ModelAnswer().WaitFor(gate); });
  {
    RawClient client(port());
    client.Send("POST", kPath, {"Content-Type: application/json"}, Body());
    ASSERT_TRUE(anthropic_.WaitForRequests(1));
  }
  EXPECT_TRUE(Eventually([&] { return RecordCount("status = cancelled") == 1; }));
  gate->Open();
}

}  // namespace
}  // namespace colophon
