// POST /v1/responses and GET /v1/responses/ID, from a real socket.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/http/shape_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kPath[] = "/v1/responses";
constexpr char kTriage[] =
    "---\nmodel: openai/gpt-4o-mini\nconfig: {temperature: 0.2}\ninput: {schema: {topic: string}}\n"
    "---\n{{role \"system\"}}Sort mail about {{topic}}.{{history}}\n";
constexpr char kPrompt[] =
    R"("prompt":{"id":"acme/support/triage","version":"1","variables":{"topic":"parcels"}})";

class OpenAiResponsesTest : public ShapeFixture {
 protected:
  void SetUp() override {
    ShapeFixture::SetUp();
    Publish("support/triage", kTriage);
  }

  static std::string Body(const std::string& more = R"("input":"Where is it?")") {
    return fmt::format("{{{}{}{}}}", kPrompt, more.empty() ? "" : ",", more);
  }
  RawResponse Get(const std::string& id) {
    RawClient client(port());
    client.Send("GET", fmt::format("{}/{}", kPath, id), {});
    return client.Read();
  }
  // What the model was sent last.
  std::string Sent() const { return openai_.requests().back().body; }
};

std::vector<std::string> TypesOf(const std::vector<std::string>& data) {
  std::vector<std::string> types;
  for (size_t i = 0; i < data.size(); ++i) {
    types.push_back(At(data[i], "/type"));
    EXPECT_EQ(At(data[i], "/sequence_number"), std::to_string(i));
  }
  return types;
}

TEST_F(OpenAiResponsesTest, AnswersAndRecordsTheExactVersion) {
  const RawResponse response = Post(
      kPath, Body(R"("input":"Where is it?","instructions":"Be brief.","max_output_tokens":50,)"
                  R"("reasoning":{"effort":"low"},"metadata":{"env":"prod"},"store":true)"));
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string id = At(response.body, "/id");
  EXPECT_EQ(response.headers.at("colophon-record"), id);
  EXPECT_EQ(At(response.body, "/object"), "response");
  EXPECT_EQ(At(response.body, "/status"), "completed");
  EXPECT_EQ(At(response.body, "/model"), "acme/support/triage@v1");
  EXPECT_EQ(At(response.body, "/instructions"), "Be brief.");
  EXPECT_EQ(At(response.body, "/prompt/version"), "1");
  EXPECT_EQ(At(response.body, "/output/0/type"), "message");
  EXPECT_EQ(At(response.body, "/output/0/status"), "completed");
  EXPECT_EQ(At(response.body, "/output/0/content"),
            R"([{"type":"output_text","text":"Hello there","annotations":[],"logprobs":[]}])");
  EXPECT_NE(At(response.body, "/usage/total_tokens"), "");
  EXPECT_EQ(At(response.body, "/colophon/model"), "openai/gpt-4o-mini");

  EXPECT_EQ(At(Sent(), "/messages/0/content"), "Sort mail about parcels.");
  EXPECT_EQ(At(Sent(), "/messages/1/content"), "Be brief.");
  EXPECT_EQ(At(Sent(), "/messages/2/content"), "Where is it?");
  EXPECT_EQ(At(Sent(), "/reasoning_effort"), "low");

  const v1::Record record = Record(id);
  EXPECT_EQ(record.intent().version(), 1u);
  EXPECT_EQ(record.intent().variables_json(), R"({"topic":"parcels"})");
  EXPECT_EQ(record.intent().tags().at("env"), "prod");
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_OK);

  // It is given again from its record.
  const RawResponse again = Get(id);
  ASSERT_EQ(again.status, 200) << again.body;
  for (const char* const same : {"/id", "/status", "/created_at", "/model", "/instructions",
                                 "/metadata", "/output", "/usage", "/prompt", "/colophon"}) {
    EXPECT_EQ(At(again.body, same), At(response.body, same)) << same;
  }
}

TEST_F(OpenAiResponsesTest, StreamsEveryEventOfTheApi) {
  const RawResponse response = Post(kPath, Body(R"("input":"Where?","stream":true)"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_THAT(response.body, testing::StartsWith("event: response.created\n"));
  const std::vector<std::string> data = DataOf(response.body);
  ASSERT_THAT(
      TypesOf(data),
      ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                  "response.content_part.added", "response.output_text.delta",
                  "response.output_text.delta", "response.output_text.done",
                  "response.content_part.done", "response.output_item.done", "response.completed"));
  const std::string id = response.headers.at("colophon-record");
  EXPECT_EQ(At(data[0], "/response/id"), id);
  EXPECT_EQ(At(data[0], "/response/status"), "in_progress");
  EXPECT_EQ(At(data[2], "/item/content"), "[]");
  EXPECT_EQ(At(data[4], "/delta"), "Hello");
  EXPECT_EQ(At(data[4], "/item_id"), At(data[2], "/item/id"));
  EXPECT_EQ(At(data[6], "/text"), "Hello there");
  EXPECT_EQ(At(data[9], "/response/output/0"), At(data[8], "/item"));
  EXPECT_EQ(At(data[9], "/response/status"), "completed");
  EXPECT_EQ(At(data[9], "/response/colophon/version"), "acme/support/triage@v1");
  EXPECT_EQ(At(Get(id).body, "/output"), At(data[9], "/response/output"));
  EXPECT_TRUE(Record(id).intent().stream());
}

TEST_F(OpenAiResponsesTest, AnAnswerAtItsLimitIsIncomplete) {
  openai_.SetHandler([](const ModelRequest&) {
    const std::string head = R"({"id":"c1","model":"m","choices":[{"index":0,"delta":)";
    return StreamAnswer({Event(head + R"({"content":"Hel"}}]})"),
                         Event(head + R"({},"finish_reason":"length"}]})"), Event("[DONE]")});
  });
  const RawResponse response = Post(kPath, Body(R"("input":"Where?","stream":true)"));
  const std::vector<std::string> data = DataOf(response.body);
  ASSERT_FALSE(data.empty()) << response.body;
  EXPECT_EQ(At(data.back(), "/type"), "response.incomplete");
  EXPECT_EQ(At(data.back(), "/response/incomplete_details/reason"), "max_output_tokens");
  EXPECT_EQ(At(data.back(), "/response/output/0/status"), "incomplete");
  EXPECT_EQ(At(Get(At(data.back(), "/response/id")).body, "/status"), "incomplete");
}

TEST_F(OpenAiResponsesTest, GoesOnFromTheRecordItNames) {
  const RawResponse first =
      Post(kPath, Body(R"("input":"Where is it?","instructions":"Be brief.")"));
  ASSERT_EQ(first.status, 200) << first.body;
  const std::string id = At(first.body, "/id");
  const RawResponse second =
      Post(kPath, Body(fmt::format(R"("previous_response_id":"{}","input":"And now?",)"
                                   R"("instructions":"Be kind.")",
                                   id)));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(At(second.body, "/previous_response_id"), id);
  // Instructions are of one call; the prompt says its own messages once.
  const json::value sent = Json(Sent());
  std::vector<std::string> said;
  for (const json::value& message : sent.at("messages").as_array()) {
    said.push_back(fmt::format("{}: {}", View(message.at("role").as_string()),
                               View(message.at("content").as_string())));
  }
  EXPECT_THAT(said, ElementsAre("system: Sort mail about parcels.", "system: Be kind.",
                                "user: Where is it?", "assistant: Hello there", "user: And now?"));
  EXPECT_EQ(Record(At(second.body, "/id")).intent().tags().at("previous_response_id"), id);
  EXPECT_EQ(At(Get(At(second.body, "/id")).body, "/previous_response_id"), id);
  EXPECT_EQ(At(Get(At(second.body, "/id")).body, "/instructions"), "Be kind.");
  EXPECT_EQ(At(Get(At(second.body, "/id")).body, "/metadata"), "{}");
}

TEST_F(OpenAiResponsesTest, ALargeConversationGoesOnToo) {
  const std::string text(300'000, 'x');
  openai_.SetHandler([&](const ModelRequest&) { return OpenAiAnswer(text); });
  const RawResponse first = Post(kPath, Body(R"("input":")" + text + R"(")"));
  ASSERT_EQ(first.status, 200) << first.body;
  const std::string id = At(first.body, "/id");
  EXPECT_EQ(At(Get(id).body, "/output/0/content/0/text"), text);
  const RawResponse second =
      Post(kPath, Body(fmt::format(R"("input":"x","previous_response_id":"{}")", id)));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(At(Sent(), "/messages/1/content"), text);
  EXPECT_EQ(At(Sent(), "/messages/2/content"), text);
}

TEST_F(OpenAiResponsesTest, ToolsGoRound) {
  openai_.SetHandler([](const ModelRequest& request) {
    if (request.body.find("tool_call_id") != std::string::npos) return OpenAiAnswer("It is here.");
    return JsonAnswer(200, R"({"id":"c1","model":"gpt-4o-mini","choices":[{"index":0,)"
                           R"("finish_reason":"tool_calls","message":{"role":"assistant",)"
                           R"("content":null,"reasoning_content":"Hm.","tool_calls":[{"id":"t1",)"
                           R"("type":"function","function":{"name":"get_order",)"
                           R"("arguments":"{\"id\": 7}"}}]}}]})");
  });
  const std::string tools =
      R"("tools":[{"type":"function","name":"get_order","description":"Finds it.",)"
      R"("parameters":{"type":"object","properties":{"id":{"type":"integer"}}},"strict":true}],)"
      R"("tool_choice":{"type":"function","name":"get_order"})";
  const RawResponse first = Post(kPath, Body(R"("input":"Where is it?",)" + tools));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(At(first.body, "/output/0/type"), "reasoning");
  EXPECT_EQ(At(first.body, "/output/0/summary/0/text"), "Hm.");
  EXPECT_EQ(At(first.body, "/output/1/type"), "function_call");
  EXPECT_EQ(At(first.body, "/output/1/call_id"), "t1");
  EXPECT_EQ(At(first.body, "/output/1/arguments"), R"({"id": 7})");
  EXPECT_EQ(At(Sent(), "/tools/0/function/strict"), "true");
  EXPECT_EQ(At(Sent(), "/tool_choice/function/name"), "get_order");
  EXPECT_EQ(At(Get(At(first.body, "/id")).body, "/tools/0/name"), "get_order");

  // Both ways: the output is sent back as it came, or the record has it.
  const std::string output = At(first.body, "/output");
  const std::string items = output.substr(1, output.size() - 2);
  const std::string answer =
      R"({"type":"function_call_output","call_id":"t1","output":"{\"at\":\"door\"}"})";
  for (const std::string& more :
       {fmt::format(R"("input":[{{"role":"user","content":"Where is it?"}},{},{}],)", items,
                    answer),
        fmt::format(R"("previous_response_id":"{}","input":[{}],)", At(first.body, "/id"),
                    answer)}) {
    SCOPED_TRACE(more);
    const RawResponse second = Post(kPath, Body(more + tools));
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(At(second.body, "/output/0/content/0/text"), "It is here.");
    EXPECT_EQ(At(Sent(), "/messages/2/tool_calls/0/id"), "t1");
    EXPECT_EQ(At(Sent(), "/messages/3/tool_call_id"), "t1");
    const v1::Intent intent = Record(At(second.body, "/id")).intent();
    EXPECT_EQ(intent.history(2).parts(0).tool_response().name(), "get_order");
  }
}

TEST_F(OpenAiResponsesTest, ImagesAndFilesGoThrough) {
  const std::string png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";
  const std::string pdf = "data:application/pdf;base64,JVBERi0xLjQ=";
  const RawResponse response = Post(
      kPath, Body(fmt::format(
                 R"("input":[{{"role":"user","content":[{{"type":"input_text","text":"What?"}},)"
                 R"({{"type":"input_image","image_url":"{}","detail":"low"}},)"
                 R"({{"type":"input_file","filename":"a.pdf","file_data":"{}"}}]}}])",
                 png, pdf)));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/messages/1/content/1/image_url"),
            fmt::format(R"({{"url":"{}","detail":"low"}})", png));
  EXPECT_EQ(At(Sent(), "/messages/1/content/2/file/filename"), "a.pdf");
}

TEST_F(OpenAiResponsesTest, AnOutputFollowsItsSchema) {
  openai_.SetHandler([](const ModelRequest&) { return OpenAiAnswer(R"({"kind": 7})"); });
  const RawResponse response =
      Post(kPath, Body(R"("input":"x","text":{"verbosity":"low","format":{"type":"json_schema",)"
                       R"("name":"sorted","strict":true,"schema":{"type":"object",)"
                       R"("properties":{"kind":{"type":"string"}},"required":["kind"],)"
                       R"("additionalProperties":false}}})"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(Sent(), "/response_format/json_schema/strict"), "true");
  EXPECT_EQ(At(Sent(), "/verbosity"), "low");
  EXPECT_EQ(At(response.body, "/colophon/output_valid"), "false");
  EXPECT_EQ(At(response.body, "/text/format/name"), "sorted");
}

// What Anthropic's model thinks, and its signature, go out and come back unchanged.
TEST_F(OpenAiResponsesTest, APromptOfAnthropicsAnswersToo) {
  Publish("other",
          "---\nmodel: anthropic/claude-sonnet-4-5\n---\n{{role \"system\"}}Hi.{{history}}");
  anthropic_.SetHandler([](const ModelRequest& request) {
    if (request.body.find(R"("stream":true)") != std::string::npos) {
      return AnthropicStream({"Hello", " there"});
    }
    return JsonAnswer(200, R"({"id":"m1","type":"message","role":"assistant","model":"claude",)"
                           R"("content":[{"type":"thinking","thinking":"Hm.","signature":"sig"},)"
                           R"({"type":"text","text":"Hello there"}],"stop_reason":"end_turn",)"
                           R"("usage":{"input_tokens":3,"output_tokens":4}})");
  });
  const std::string body = R"({"model":"acme/other","input":[{"role":"user","content":"Where?"})";
  const RawResponse first = Post(kPath, body + "]}");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(At(first.body, "/output/0/encrypted_content"), "sig");
  EXPECT_EQ(At(first.body, "/output/1/content/0/text"), "Hello there");
  const std::string output = At(first.body, "/output");
  const RawResponse second =
      Post(kPath, fmt::format(R"({},{},{{"role":"user","content":"And?"}}],"stream":true}})", body,
                              output.substr(1, output.size() - 2)));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(At(anthropic_.requests().back().body, "/messages/1/content/0"),
            R"({"type":"thinking","thinking":"Hm.","signature":"sig"})");
  EXPECT_EQ(At(DataOf(second.body).back(), "/response/output/0/content/0/text"), "Hello there");
}

TEST_F(OpenAiResponsesTest, WhatIsNotToBeStoredIsNotGivenAgain) {
  const RawResponse response = Post(kPath, Body(R"("input":"x","store":false)"));
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string id = At(response.body, "/id");
  const RawResponse again = Get(id);
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(At(again.body, "/error/code"), "RECORD_NOT_FOUND");
  const RawResponse next =
      Post(kPath, Body(fmt::format(R"("input":"x","previous_response_id":"{}")", id)));
  EXPECT_EQ(next.status, 400);
  EXPECT_EQ(At(next.body, "/error/param"), "previous_response_id");
  EXPECT_EQ(Record(id).outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_F(OpenAiResponsesTest, ErrorsAreOpenAis) {
  const auto with = [&](const std::string& more) { return Post(kPath, Body(more)); };
  const auto item = [&](const std::string& text) { return with(R"("input":[)" + text + "]"); };
  const std::string unknown = "01a21aeb-432c-774b-a88c-f1eed092c615";
  struct Case {
    std::string what;
    RawResponse response;
    int status;
    std::string code, param;
  };
  const std::vector<Case> cases = {
      {"no JSON", Post(kPath, "{"), 400, "BAD_JSON", "null"},
      {"no prompt", Post(kPath, R"({"input":"x"})"), 400, "BAD_REFERENCE", "model"},
      {"no such prompt", Post(kPath, R"({"prompt":{"id":"acme/support/triaje"},"input":"x"})"), 404,
       "PROMPT_NOT_FOUND", ""},
      {"no such version",
       Post(kPath, R"({"prompt":{"id":"acme/support/triage","version":"9"},"input":"x"})"), 404,
       "VERSION_NOT_FOUND", ""},
      {"another member of prompt", Post(kPath, R"({"prompt":{"id":"acme/x","env":"y"}})"), 400,
       "UNSUPPORTED", "prompt.env"},
      {"no text or list", with(R"("input":7)"), 400, "BAD_REQUEST", "input"},
      {"a reference", item(R"({"type":"item_reference","id":"msg_1"})"), 400, "UNSUPPORTED",
       "input[0].type"},
      {"a role", item(R"({"role":"robot","content":"x"})"), 400, "BAD_REQUEST", "input[0].role"},
      {"no content", item(R"({"role":"user"})"), 400, "BAD_REQUEST", "input[0].content"},
      {"a member of an item", item(R"({"role":"user","content":"x","name":"Ada"})"), 400,
       "UNSUPPORTED", "input[0].name"},
      {"a file of OpenAI's",
       item(R"({"role":"user","content":[{"type":"input_file","file_id":"file-1"}]})"), 400,
       "UNSUPPORTED", "input[0].content[0].file_id"},
      {"no call", item(R"({"type":"function_call_output","output":"x"})"), 400, "BAD_REQUEST",
       "input[0].call_id"},
      {"a tool of OpenAI's", with(R"("input":"x","tools":[{"type":"web_search"}])"), 400,
       "UNSUPPORTED", "tools[0].type"},
      {"a choice of it", with(R"("input":"x","tool_choice":{"type":"mcp"})"), 400, "UNSUPPORTED",
       "tool_choice.type"},
      {"a format", with(R"("input":"x","text":{"format":{"type":"grammar"}})"), 400, "UNSUPPORTED",
       "text.format.type"},
      {"the background", with(R"("input":"x","background":true)"), 400, "UNSUPPORTED",
       "background"},
      {"a conversation", with(R"("input":"x","conversation":"conv_1")"), 400, "UNSUPPORTED",
       "conversation"},
      {"truncation", with(R"("input":"x","truncation":"auto")"), 400, "UNSUPPORTED", "truncation"},
      {"included", with(R"("input":"x","include":["message.output_text.logprobs"])"), 400,
       "UNSUPPORTED", "include[0]"},
      {"our own mark", with(R"("input":"x","store":false,"metadata":{"store":"yes"})"), 400,
       "UNSUPPORTED", "metadata"},
      {"the prompt says it", with(R"("input":"x","temperature":1)"), 400, "OVERRIDE_NOT_ALLOWED",
       "temperature"},
      {"no record's id", with(R"("input":"x","previous_response_id":"resp_1")"), 400,
       "BAD_RECORD_ID", "previous_response_id"},
      {"no such record", with(R"("input":"x","previous_response_id":")" + unknown + R"(")"), 404,
       "RECORD_NOT_FOUND", "previous_response_id"},
      {"no such response", Get(unknown), 404, "RECORD_NOT_FOUND", ""},
      {"a stream of one", Get(unknown + "?stream=true"), 400, "UNSUPPORTED", "stream"},
      {"its items", Get(unknown + "/input_items"), 400, "BAD_RECORD_ID", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what + ": " + c.response.body);
    EXPECT_EQ(c.response.status, c.status);
    EXPECT_EQ(At(c.response.body, "/error/type"), "invalid_request_error");
    EXPECT_EQ(At(c.response.body, "/error/code"), c.code);
    if (!c.param.empty()) {
      EXPECT_EQ(At(c.response.body, "/error/param"), c.param);
    }
  }
  EXPECT_THAT(At(cases[2].response.body, "/error/message"), HasSubstr("support/triage"));
}

TEST_F(OpenAiResponsesTest, WhatTheModelRefusesIsToldWithItsStatus) {
  struct Case {
    ModelAnswer answer;
    int status;
    std::string code;
  };
  const std::string body = R"({"error":{"message":"no","type":"x"}})";
  const std::vector<Case> cases = {
      {JsonAnswer(429, body, {"retry-after: 7"}), 429, "PROVIDER_THROTTLED"},
      {JsonAnswer(401, body), 400, "PROVIDER_KEY_REJECTED"},
      {JsonAnswer(503, body), 503, "PROVIDER_UNAVAILABLE"},
  };
  for (const Case& c : cases) {
    openai_.SetHandler([&](const ModelRequest&) { return c.answer; });
    for (const std::string stream : {R"("stream":false)", R"("stream":true)"}) {
      SCOPED_TRACE(c.code + " " + stream);
      const RawResponse response = Post(kPath, Body(R"("input":"x",)" + stream));
      EXPECT_EQ(response.status, c.status) << response.body;
      EXPECT_EQ(At(response.body, "/error/code"), c.code);
      const std::string id = response.headers.at("colophon-record");
      EXPECT_EQ(Record(id).outcome().error_reason(), c.code);
      // And the response that the record keeps has failed.
      EXPECT_EQ(At(Get(id).body, "/status"), "failed");
      EXPECT_EQ(At(Get(id).body, "/error/code"), c.code);
    }
  }
}

TEST_F(OpenAiResponsesTest, AStreamThatIsCutHasFailed) {
  openai_.SetHandler([](const ModelRequest&) {
    return BytesAnswer(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Hel"))).Close();
  });
  const RawResponse response = Post(kPath, Body(R"("input":"x","stream":true)"));
  EXPECT_EQ(response.status, 200);
  const std::vector<std::string> data = DataOf(response.body);
  EXPECT_THAT(
      TypesOf(data),
      ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                  "response.content_part.added", "response.output_text.delta", "response.failed"));
  EXPECT_EQ(At(data.back(), "/response/error/code"), "PROVIDER_CUT");
  EXPECT_EQ(At(data.back(), "/response/output/0/status"), "incomplete");
  const std::string id = response.headers.at("colophon-record");
  EXPECT_EQ(Record(id).outcome().status(), v1::RECORD_STATUS_CUT);
  EXPECT_EQ(At(Get(id).body, "/output"), At(data.back(), "/response/output"));
  const RawResponse next =
      Post(kPath, Body(fmt::format(R"("input":"x","previous_response_id":"{}")", id)));
  EXPECT_EQ(next.status, 400);
  EXPECT_THAT(At(next.body, "/error/message"), HasSubstr("PROVIDER_CUT"));
}

TEST_F(OpenAiResponsesTest, WhoLeavesEndsTheCallAndItsRecord) {
  auto gate = std::make_shared<ModelGate>();
  openai_.SetHandler([gate](const ModelRequest&) {
    return BytesAnswer(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Hel"))).WaitFor(gate);
  });
  {
    RawClient client(port());
    client.Send("POST", kPath, {"Content-Type: application/json"},
                Body(R"("input":"x","stream":true)"));
    client.ReadHead();
    EXPECT_THAT(client.ReadChunk(), HasSubstr("Hel"));
  }
  EXPECT_TRUE(
      Eventually([&] { return RecordCount("status = cancelled AND output : \"Hel\"") == 1; }));
  gate->Open();
}

}  // namespace
}  // namespace colophon
