// POST /v1/chat/completions, from a real socket.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/http/shape_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kPath[] = "/v1/chat/completions";
constexpr char kTriage[] =
    "---\nmodel: openai/gpt-4o-mini\nconfig: {temperature: 0.2}\ninput: {schema: {topic: string}}\n"
    "---\n{{role \"system\"}}Sort mail about {{topic}}.{{history}}\n";

class OpenAiChatTest : public ShapeFixture {
 protected:
  void SetUp() override {
    ShapeFixture::SetUp();
    Publish("support/triage", kTriage);
    Publish("support/triage", std::string(kTriage) + "Be brief.");
  }

  // With the prompt and a message, and `more` members.
  static std::string Body(const std::string& more = "") {
    return R"({"model":"acme/support/triage@v2","colophon":{"variables":{"topic":"parcels"}},)"
           R"("messages":[{"role":"user","content":"Where is it?"}])" +
           (more.empty() ? "}" : "," + more + "}");
  }
  // What the model was sent last.
  std::string Sent() const { return openai_.requests().back().body; }
};

TEST_F(OpenAiChatTest, AnswersAndRecordsTheExactVersion) {
  const RawResponse response = Post(kPath, Body(), {"Colophon-Caller: web"});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_EQ(At(response.body, "/object"), "chat.completion");
  EXPECT_EQ(At(response.body, "/model"), "acme/support/triage@v2");
  EXPECT_EQ(At(response.body, "/choices/0/message/role"), "assistant");
  EXPECT_EQ(At(response.body, "/choices/0/message/content"), "Hello there");
  EXPECT_EQ(At(response.body, "/choices/0/finish_reason"), "stop");
  EXPECT_THAT(At(response.body, "/usage"), HasSubstr("prompt_tokens"));
  EXPECT_EQ(At(response.body, "/colophon/model"), "openai/gpt-4o-mini");

  const std::string id = At(response.body, "/id");
  EXPECT_EQ(response.headers.at("colophon-record"), id);
  EXPECT_EQ(response.headers.at("colophon-version"), "acme/support/triage@v2");
  const v1::Record record = Record(id);
  EXPECT_EQ(record.intent().version(), 2u);
  EXPECT_EQ(record.intent().commit(), response.headers.at("colophon-commit"));
  EXPECT_EQ(record.intent().reference(), "acme/support/triage@v2");
  EXPECT_EQ(record.intent().caller(), "web");
  EXPECT_EQ(record.intent().variables_json(), R"({"topic":"parcels"})");
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_OK);
  EXPECT_FALSE(record.intent().stream());
  EXPECT_EQ(At(response.body, "/created"), std::to_string(record.intent().start_time().seconds()));

  EXPECT_EQ(At(Sent(), "/messages/0/content"), "Sort mail about parcels.");
  EXPECT_EQ(At(Sent(), "/messages/1/content"), "Where is it?");
}

TEST_F(OpenAiChatTest, StreamsChunksAsTheyCome) {
  RawClient client(port());
  client.Send("POST", kPath, {"Content-Type: application/json"},
              Body(R"("stream":true,"stream_options":{"include_usage":true})"));
  const RawResponse response = client.Read();
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "text/event-stream; charset=utf-8");
  const std::vector<std::string> data = DataOf(response.body);
  ASSERT_EQ(data.size(), 5u) << response.body;
  EXPECT_EQ(At(data[0], "/object"), "chat.completion.chunk");
  EXPECT_EQ(At(data[0], "/choices/0/delta"), R"({"content":"Hello","role":"assistant"})");
  EXPECT_EQ(At(data[1], "/choices/0/delta"), R"({"content":" there"})");
  EXPECT_EQ(At(data[1], "/choices/0/finish_reason"), "null");
  EXPECT_EQ(At(data[1], "/usage"), "null");
  EXPECT_EQ(At(data[2], "/choices/0/finish_reason"), "stop");
  EXPECT_EQ(At(data[3], "/choices"), "[]");
  EXPECT_THAT(At(data[3], "/usage"), HasSubstr("completion_tokens"));
  EXPECT_EQ(data[4], "[DONE]");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(At(data[i], "/id"), response.headers.at("colophon-record"));
  const v1::Record record = Record(response.headers.at("colophon-record"));
  EXPECT_TRUE(record.intent().stream());
  EXPECT_EQ(record.intent().version(), 2u);
  // The connection goes on.
  client.Send("GET", "/healthz", {});
  EXPECT_EQ(client.Read().body, "ok\n");

  const RawResponse without = Post(kPath, Body(R"("stream":true)"));
  EXPECT_THAT(without.body, Not(HasSubstr("usage")));
}

TEST_F(OpenAiChatTest, APromptHasFiveNames) {
  const std::string messages = R"("messages":[])";
  struct Case {
    std::string body;
    std::vector<std::string> headers;
    uint32_t version = 0;
  };
  const std::string variables = R"({"topic":"parcels"})";
  const std::string own = R"("colophon":{"variables":{"topic":"parcels"}})";
  const std::vector<Case> cases = {
      {R"("model":"acme/support/triage@v1",)" + own, {}, 1},
      {R"("model":"acme/support/triage",)" + own, {}, 2},
      {R"("prompt":{"id":"acme/support/triage","version":"1","variables":{"topic":"parcels"}})",
       {},
       1},
      {R"("prompt":{"id":"acme/support/triage","variables":{"topic":{"type":"input_text","text":"parcels"}}})",
       {},
       2},
      {R"("prompt":{"id":"acme/support/triage","version":"production"},)" + own, {}, 2},
      {R"("prompt_id":"acme/support/triage","prompt_version":1,"prompt_variables":)" + variables,
       {},
       1},
      {R"("prompt_id":"acme/support/triage","prompt_label":"latest","prompt_variables":)" +
           variables,
       {},
       2},
      {"", {"colophon-prompt: acme/support/triage@v1", "colophon-variables: " + variables}, 1},
      // What is said twice agrees, and a model is one where the prompt is named.
      {R"("model":"acme/support/triage@v1","prompt_id":"acme/support/triage","prompt_version":"v1",)" +
           own,
       {"colophon-variables: " + variables},
       1},
      {R"("model":"gpt-4o-mini","prompt":{"id":"acme/support/triage","version":"1"},)" + own,
       {},
       1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body);
    const RawResponse response =
        Post(kPath, "{" + c.body + (c.body.empty() ? "" : ",") + messages + "}", c.headers);
    ASSERT_EQ(response.status, 200) << response.body;
    const v1::Record record = Record(response.headers.at("colophon-record"));
    EXPECT_EQ(record.intent().version(), c.version);
    EXPECT_EQ(record.intent().variables_json(), variables);
  }
}

TEST_F(OpenAiChatTest, ToolsGoRound) {
  openai_.SetHandler([](const ModelRequest& request) {
    if (request.body.find("tool_call_id") != std::string::npos) return OpenAiAnswer("It is here.");
    return JsonAnswer(200, R"({"id":"c1","model":"gpt-4o-mini","choices":[{"index":0,)"
                           R"("finish_reason":"tool_calls","message":{"role":"assistant",)"
                           R"("content":null,"tool_calls":[{"id":"t1","type":"function",)"
                           R"("function":{"name":"get_order","arguments":"{\"id\": 7}"}}]}}]})");
  });
  const std::string tools =
      R"("tools":[{"type":"function","function":{"name":"get_order","description":"Finds it.",)"
      R"("parameters":{"type":"object","properties":{"id":{"type":"integer"}}},"strict":true}}],)"
      R"("tool_choice":"auto")";
  const RawResponse first = Post(kPath, Body(tools));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(At(first.body, "/choices/0/finish_reason"), "tool_calls");
  EXPECT_EQ(At(first.body, "/choices/0/message/content"), "null");
  EXPECT_EQ(At(first.body, "/choices/0/message/tool_calls/0/function"),
            R"({"name":"get_order","arguments":"{\"id\": 7}"})");
  EXPECT_EQ(At(Sent(), "/tools/0/function/name"), "get_order");
  EXPECT_EQ(At(Sent(), "/tools/0/function/strict"), "true");
  EXPECT_EQ(At(Sent(), "/tool_choice"), "auto");

  // The SDK sends the message back as it came, and the answer after it.
  const std::string message = At(first.body, "/choices/0/message");
  const RawResponse second =
      Post(kPath,
           R"({"model":"acme/support/triage@v2","colophon":{"variables":{"topic":"parcels"}},)"
           R"("messages":[{"role":"user","content":"Where is it?"},)" +
               message + R"(,{"role":"tool","tool_call_id":"t1","content":"{\"at\":\"door\"}"}],)" +
               tools + "}");
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(At(second.body, "/choices/0/message/content"), "It is here.");
  EXPECT_EQ(At(Sent(), "/messages/2/tool_calls/0/id"), "t1");
  EXPECT_EQ(At(Sent(), "/messages/3"),
            R"({"role":"tool","tool_call_id":"t1","content":"{\"at\":\"door\"}"})");
  const v1::Record record = Record(second.headers.at("colophon-record"));
  EXPECT_EQ(record.intent().overrides().tools(0).name(), "get_order");
  EXPECT_EQ(record.intent().history(2).parts(0).tool_response().name(), "get_order");
}

TEST_F(OpenAiChatTest, ToolRequestsComeInPieces) {
  openai_.SetHandler([](const ModelRequest&) {
    const std::string head = R"({"id":"c1","model":"m","choices":[{"index":0,"delta":)";
    return StreamAnswer(
        {Event(head + R"({"tool_calls":[{"index":0,"id":"t1","type":"function",)"
                      R"("function":{"name":"get_order","arguments":""}}]}}]})"),
         Event(head + R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"id\":7}"}}]}}]})"),
         Event(head + R"({},"finish_reason":"tool_calls"}]})"), Event("[DONE]")});
  });
  const std::string tool = R"("tools":[{"type":"function","function":{"name":"get_order"}}])";
  const std::vector<std::string> data = DataOf(Post(kPath, Body(tool + R"(,"stream":true)")).body);
  ASSERT_EQ(data.size(), 4u);
  EXPECT_EQ(
      At(data[0], "/choices/0/delta/tool_calls/0"),
      R"({"index":0,"id":"t1","type":"function","function":{"name":"get_order","arguments":""}})");
  EXPECT_EQ(At(data[1], "/choices/0/delta/tool_calls/0"),
            R"({"index":0,"function":{"arguments":"{\"id\":7}"}})");
  EXPECT_EQ(At(data[2], "/choices/0/finish_reason"), "tool_calls");
}

TEST_F(OpenAiChatTest, ImagesAndFilesGoThrough) {
  const std::string png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";
  const std::string pdf = "data:application/pdf;base64,JVBERi0xLjQ=";
  const RawResponse response =
      Post(kPath,
           fmt::format(
               R"({{"model":"acme/support/triage","colophon":{{"variables":{{"topic":"x"}}}},)"
               R"("messages":[{{"role":"user","content":[{{"type":"text","text":"What is this?"}},)"
               R"({{"type":"image_url","image_url":{{"url":"{}","detail":"low"}}}},)"
               R"({{"type":"file","file":{{"filename":"a.pdf","file_data":"{}"}}}}]}}]}})",
               png, pdf));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/messages/1/content/1/image_url"),
            fmt::format(R"({{"url":"{}","detail":"low"}})", png));
  EXPECT_EQ(At(Sent(), "/messages/1/content/2/file/filename"), "a.pdf");
}

TEST_F(OpenAiChatTest, AnOutputFollowsItsSchema) {
  openai_.SetHandler([](const ModelRequest&) { return OpenAiAnswer(R"({"kind": 7})"); });
  const std::string format =
      R"("response_format":{"type":"json_schema","json_schema":{"name":"sorted","strict":true,)"
      R"("schema":{"type":"object","properties":{"kind":{"type":"string"}},"required":["kind"],)"
      R"("additionalProperties":false}}})";
  const RawResponse response = Post(kPath, Body(format));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/response_format/json_schema/strict"), "true");
  EXPECT_EQ(At(Sent(), "/response_format/json_schema/schema/required"), R"(["kind"])");
  EXPECT_EQ(At(response.body, "/colophon/output_valid"), "false");
  EXPECT_EQ(At(response.body, "/colophon/output_violations/0/pointer"), "/kind");
  const v1::Record record = Record(response.headers.at("colophon-record"));
  EXPECT_TRUE(record.outcome().has_output_valid());
  EXPECT_FALSE(record.outcome().output_valid());
}

TEST_F(OpenAiChatTest, ParametersAreOverridesAndMetadataIsTags) {
  const RawResponse response = Post(
      kPath, Body(R"("max_completion_tokens":50,"stop":"END","top_p":0.5,"temperature":0.2,)"
                  R"("reasoning_effort":"low","n":1,"logprobs":null,"metadata":{"env":"prod"})"));
  ASSERT_EQ(response.status, 200) << response.body;
  const v1::Record record = Record(response.headers.at("colophon-record"));
  EXPECT_EQ(WriteJson(record.intent().overrides().config()),
            R"({"maxOutputTokens":50,"reasoning_effort":"low","stopSequences":["END"],)"
            R"("temperature":0.2,"topP":0.5})");
  EXPECT_EQ(record.intent().tags().at("env"), "prod");
  EXPECT_EQ(At(Sent(), "/reasoning_effort"), "low");
  EXPECT_EQ(At(Sent(), "/stop"), R"(["END"])");
}

TEST_F(OpenAiChatTest, ErrorsAreOpenAis) {
  const std::string named = R"({"model":"acme/support/triage",)";
  const auto with = [&](const std::string& more) { return Post(kPath, Body(more)); };
  const auto message = [&](const std::string& text) {
    return Post(kPath, named + R"("messages":[)" + text + "]}");
  };
  struct Case {
    std::string what;
    RawResponse response;
    int status;
    std::string type, code, param;
  };
  const std::string bad = "invalid_request_error";
  const std::vector<Case> cases = {
      {"no JSON", Post(kPath, "{"), 400, bad, "BAD_JSON", "null"},
      {"no object", Post(kPath, "[]"), 400, bad, "BAD_REQUEST", "null"},
      {"a number of 70 bits", with(R"("seed":1180591620717411303424)"), 400, bad, "BAD_JSON",
       "null"},
      {"no prompt", Post(kPath, R"({"messages":[]})"), 400, bad, "BAD_REFERENCE", "model"},
      {"a bare model", Post(kPath, R"({"model":"gpt-4o","messages":[]})"), 400, bad,
       "BAD_REFERENCE", "model"},
      {"no such prompt", Post(kPath, R"({"model":"acme/nothing","messages":[]})"), 404, bad,
       "PROMPT_NOT_FOUND", ""},
      {"no such version", Post(kPath, R"({"model":"acme/support/triage@v9","messages":[]})"), 404,
       bad, "VERSION_NOT_FOUND", ""},
      {"two names", with(R"("prompt_id":"acme/support/triage","prompt_version":"1")"), 400, bad,
       "BAD_VALUE", "model"},
      {"two versions", Post(kPath, R"({"prompt_id":"acme/x@v1","prompt_label":"staging"})"), 400,
       bad, "BAD_VALUE", "prompt_id"},
      {"a version of nothing", with(R"("prompt_version":"2")"), 400, bad, "BAD_REQUEST",
       "prompt_id"},
      {"two sets of variables", with(R"("prompt_variables":{"topic":"other"})"), 400, bad,
       "BAD_VALUE", ""},
      {"a variable is missing", message(""), 400, bad, "MISSING_VARIABLE", ""},
      {"the prompt says the model",
       with(R"("prompt_id":"acme/support/triage@v2")").status == 200
           ? Post(kPath, R"({"model":"gpt-4o","prompt_id":"acme/support/triage",)"
                         R"("prompt_variables":{"topic":"x"}})")
           : RawResponse(),
       400, bad, "OVERRIDE_NOT_ALLOWED", "model"},
      {"the prompt says it", with(R"("temperature":1)"), 400, bad, "OVERRIDE_NOT_ALLOWED",
       "temperature"},
      {"the prompt's other name for it", with(R"("max_tokens":5,"max_completion_tokens":6)"), 400,
       bad, "BAD_REQUEST", "max_completion_tokens"},
      {"more answers", with(R"("n":2)"), 400, bad, "UNSUPPORTED", "n"},
      {"sound", with(R"("modalities":["text","audio"])"), 400, bad, "UNSUPPORTED", "modalities"},
      {"a tool of OpenAI's", with(R"("tools":[{"type":"web_search"}])"), 400, bad, "UNSUPPORTED",
       "tools[0].type"},
      {"another prompt field", with(R"("prompt_environment":"x")"), 400, bad, "UNSUPPORTED",
       "prompt_environment"},
      {"our own", with(R"("stream":"yes")"), 400, bad, "BAD_REQUEST", "stream"},
      {"a role", message(R"({"role":"robot","content":"x"})"), 400, bad, "BAD_REQUEST",
       "messages[0].role"},
      {"a name", message(R"({"role":"user","name":"Ada","content":"x"})"), 400, bad, "UNSUPPORTED",
       "messages[0].name"},
      {"no content", message(R"({"role":"user"})"), 400, bad, "BAD_REQUEST", "messages[0].content"},
      {"a part", message(R"({"role":"user","content":[{"type":"video"}]})"), 400, bad,
       "UNSUPPORTED", "messages[0].content[0].type"},
      {"a file of OpenAI's",
       message(R"({"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]})"), 400,
       bad, "UNSUPPORTED", "messages[0].content[0].file.file_id"},
      {"a schema",
       with(R"("response_format":{"type":"json_schema","json_schema":{"name":"x",)"
            R"("schema":{"type":"strng"}}})"),
       400, bad, "BAD_SCHEMA", "overrides.output_schema"},
      {"two headers",
       Post(kPath, Body(), {"colophon-prompt: acme/a", "colophon-prompt: acme/support/triage@v2"}),
       400, bad, "BAD_REQUEST", "null"},
      {"a header's variables", Post(kPath, Body(), {"colophon-variables: [1]"}), 400, bad,
       "BAD_REQUEST", "header colophon-variables"},
      {"a page", Post(kPath, Body(), {"Origin: https://evil.example"}), 403, "permission_error",
       "ORIGIN_NOT_ALLOWED", "null"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what + ": " + c.response.body);
    EXPECT_EQ(c.response.status, c.status);
    EXPECT_EQ(At(c.response.body, "/error/type"), c.type);
    EXPECT_EQ(At(c.response.body, "/error/code"), c.code);
    if (!c.param.empty()) {
      EXPECT_EQ(At(c.response.body, "/error/param"), c.param);
    }
    EXPECT_NE(At(c.response.body, "/error/message"), "");
  }
  RawClient client(port());
  client.Send("GET", kPath, {});
  const RawResponse get = client.Read();
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  EXPECT_EQ(At(get.body, "/error/type"), bad);
}

TEST_F(OpenAiChatTest, WhatTheModelRefusesIsToldWithItsStatus) {
  struct Case {
    ModelAnswer answer;
    int status;
    std::string type, code;
  };
  const std::string body = R"({"error":{"message":"no","type":"x"}})";
  const std::vector<Case> cases = {
      {JsonAnswer(429, body, {"retry-after: 7"}), 429, "rate_limit_error", "PROVIDER_THROTTLED"},
      {JsonAnswer(400, body), 400, "invalid_request_error", "PROVIDER_REJECTED"},
      {JsonAnswer(401, body), 400, "invalid_request_error", "PROVIDER_KEY_REJECTED"},
      {JsonAnswer(503, body), 503, "server_error", "PROVIDER_UNAVAILABLE"},
  };
  for (const Case& c : cases) {
    openai_.SetHandler([&](const ModelRequest&) { return c.answer; });
    for (const std::string stream : {R"("stream":false)", R"("stream":true)"}) {
      SCOPED_TRACE(c.code + " " + stream);
      const RawResponse response = Post(kPath, Body(stream));
      EXPECT_EQ(response.status, c.status) << response.body;
      EXPECT_EQ(At(response.body, "/error/type"), c.type);
      EXPECT_EQ(At(response.body, "/error/code"), c.code);
      if (c.status == 429) {
        EXPECT_EQ(response.headers.at("retry-after"), "7");
      }
      const v1::Record record = Record(response.headers.at("colophon-record"));
      EXPECT_EQ(record.outcome().error_reason(), c.code);
    }
  }
}

TEST_F(OpenAiChatTest, AStreamThatIsCutSaysSoAndHasNoDone) {
  openai_.SetHandler([](const ModelRequest&) {
    return BytesAnswer(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Hel"))).Close();
  });
  const RawResponse response = Post(kPath, Body(R"("stream":true)"));
  EXPECT_EQ(response.status, 200);
  const std::vector<std::string> data = DataOf(response.body);
  ASSERT_EQ(data.size(), 2u) << response.body;
  EXPECT_EQ(At(data[0], "/choices/0/delta/content"), "Hel");
  EXPECT_EQ(At(data[1], "/error/code"), "PROVIDER_CUT");
  const v1::Record record = Record(response.headers.at("colophon-record"));
  EXPECT_EQ(record.outcome().error_reason(), "PROVIDER_CUT");
  EXPECT_EQ(record.outcome().completion().message().parts(0).text(), "Hel");
}

TEST_F(OpenAiChatTest, WhoLeavesEndsTheCallAndItsRecord) {
  auto gate = std::make_shared<ModelGate>();
  openai_.SetHandler([gate](const ModelRequest&) {
    return BytesAnswer(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Hel"))).WaitFor(gate);
  });
  {
    RawClient client(port());
    client.Send("POST", kPath, {"Content-Type: application/json"}, Body(R"("stream":true)"));
    client.ReadHead();
    EXPECT_THAT(client.ReadChunk(), HasSubstr("Hel"));
  }
  EXPECT_TRUE(
      Eventually([&] { return RecordCount("status = cancelled AND output : \"Hel\"") == 1; }));
  EXPECT_TRUE(openai_.WaitForOpenConnections(0));
  gate->Open();
}

TEST_F(OpenAiChatTest, APromptOfAnthropicsAnswersToo) {
  Publish("other",
          "---\nmodel: anthropic/claude-sonnet-4-5\n---\n{{role \"system\"}}Hi.{{history}}");
  const RawResponse response =
      Post(kPath, R"({"model":"acme/other","messages":[{"role":"user","content":"Where?"}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(response.body, "/choices/0/message/content"), "Hello there");
  EXPECT_EQ(At(anthropic_.requests().back().body, "/messages/0/content/0/text"), "Where?");
}

TEST_F(OpenAiChatTest, ALargeBodyIsTakenToo) {
  const std::string text(300'000, 'x');
  const RawResponse response =
      Post(kPath, R"({"model":"acme/support/triage","colophon":{"variables":{"topic":"x"}},)"
                  R"("messages":[{"role":"user","content":")" +
                      text + R"("}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/messages/1/content"), text);
}

}  // namespace
}  // namespace colophon
