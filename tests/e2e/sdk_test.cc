// The SDKs that apps hold, against the real program: tests/e2e/sdk has what each does, and
// every call of theirs has to leave the record that it says.

#include <atomic>
#include <optional>
#include <sstream>
#include <string>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

bool Has(const ModelRequest& request, std::string_view text) {
  return request.body.find(text) != std::string::npos;
}

class SdkTest : public E2eTest {
 protected:
  void SetUp() override {
    packages_ = SourceFolder() + "/build/npm/sdk/node_modules";
    ASSERT_EQ(
        Shell(fmt::format("test -d {0}/openai -a -d {0}/@anthropic-ai/sdk", packages_)).exit_code,
        0)
        << "the SDKs aren't there: run `tests/npm-install tests/e2e/sdk`, as tests/run does";
    openai_.SetHandler([this](const ModelRequest& request) { return AnswerOfOpenAi(request); });
    anthropic_.SetHandler(
        [this](const ModelRequest& request) { return AnswerOfAnthropic(request); });
    server().set_serves_http(true);
    Serve(
        fmt::format("providers {{ name: \"openai\" kind: KIND_OPENAI base_url: \"{}\" }}\n"
                    "providers {{ name: \"anthropic\" kind: KIND_ANTHROPIC base_url: \"{}\" }}\n",
                    openai_.base_url(), anthropic_.base_url()));
    v1::CreateRepositoryRequest create;
    create.set_repository("acme");
    ASSERT_OK(client().CreateRepository(create));
    Publish("chat",
            "---\nmodel: openai/gpt-4o-mini\n---\n{{role \"system\"}}Answer {{tone}}.{{history}}");
    Publish("claude", "---\nmodel: anthropic/claude\n---\n{{role \"system\"}}Answer.{{history}}");
  }

  void Publish(const std::string& prompt, const std::string& text) {
    v1::PublishRequest publish = PublishOf(prompt + ".prompt", text);
    v1::LabelMove* const move = publish.add_label_moves();
    move->set_prompt(prompt);
    move->set_label("production");
    move->mutable_targets()->add_targets()->set_version(1);
    ASSERT_OK(client().Publish(publish));
  }

  // By what the app says.
  ModelAnswer AnswerOfOpenAi(const ModelRequest& request);
  ModelAnswer AnswerOfAnthropic(const ModelRequest& request);
  std::optional<ModelAnswer> Fault(const ModelRequest& request, const std::string& text_event);

  // Runs tests/e2e/sdk/SCRIPT and looks for the records that it prints.
  void Run(const std::string& script, int least_records);

  std::string packages_;
  ModelServer openai_;
  ModelServer anthropic_;
  std::atomic<int> throttled_once_ = 0;
};

std::optional<ModelAnswer> SdkTest::Fault(const ModelRequest& request,
                                          const std::string& text_event) {
  const std::string body = R"({"type":"error","error":{"type":"x","message":"no"}})";
  if (Has(request, "throttle once")) {
    if (throttled_once_++ == 0) return JsonAnswer(429, body, {"retry-after: 1"});
    return std::nullopt;
  }
  if (Has(request, "throttle")) return JsonAnswer(429, body, {"retry-after: 1"});
  if (Has(request, "overload")) return JsonAnswer(503, body);
  const std::string begun = HttpChunkedHead() + HttpChunk(text_event);
  if (Has(request, "never ends")) return BytesAnswer(begun).Hang();
  if (Has(request, R"("cut")")) return BytesAnswer(begun).Close();
  return std::nullopt;
}

ModelAnswer SdkTest::AnswerOfOpenAi(const ModelRequest& request) {
  if (auto fault = Fault(request, OpenAiTextEvent("Hel"))) return *std::move(fault);
  const bool is_stream = Has(request, R"("stream":true)");
  if (Has(request, "tool_call_id")) return OpenAiAnswerTo(request, {"It is at", " the door"});
  if (Has(request, "use the tool")) {
    const std::string call = R"("tool_calls":[{"index":0,"id":"t1","type":"function",)"
                             R"("function":{"name":"get_order","arguments":"{\"id\":7}"}}])";
    const std::string head = R"({"id":"c1","model":"m","choices":[{"index":0,)";
    if (!is_stream) {
      return JsonAnswer(200, head +
                                 R"("finish_reason":"tool_calls","message":{"role":"assistant",)" +
                                 R"("content":null,)" + call + "}}]}");
    }
    return StreamAnswer({Event(head + R"("delta":{)" + call + "}}]}"),
                         Event(head + R"("delta":{},"finish_reason":"tool_calls"}]})"),
                         Event("[DONE]")});
  }
  if (Has(request, "as json")) return OpenAiAnswer(R"({"kind":"parcel"})");
  if (Has(request, "what was said?")) {
    const json::value body = *ParseJson(request.body);
    std::string said;
    for (const json::value& message : body.at("messages").as_array()) {
      const std::string_view role = View(message.at("role").as_string());
      if (!said.empty()) said += "|";
      said += role;
      if (role != "system") said += fmt::format(":{}", View(message.at("content").as_string()));
    }
    return OpenAiAnswer(said);
  }
  return OpenAiAnswerTo(request, {"Hello", " there"});
}

ModelAnswer SdkTest::AnswerOfAnthropic(const ModelRequest& request) {
  if (auto fault = Fault(request, AnthropicTextEvent("Hel"))) return *std::move(fault);
  if (request.target.ends_with("/count_tokens")) return JsonAnswer(200, R"({"input_tokens":14})");
  if (Has(request, "tool_result")) return AnthropicAnswer("It is at the door");
  if (Has(request, "use the tool")) {
    return JsonAnswer(200, R"({"id":"m1","type":"message","role":"assistant","model":"claude",)"
                           R"("content":[{"type":"tool_use","id":"t1","name":"get_order",)"
                           R"("input":{"id":7}}],"stop_reason":"tool_use",)"
                           R"("usage":{"input_tokens":3,"output_tokens":4}})");
  }
  if (Has(request, R"("stream":true)")) return AnthropicStream({"Hello", " there"});
  return AnthropicAnswer("Hello there");
}

void SdkTest::Run(const std::string& script, int least_records) {
  const ShellResult result = Shell(fmt::format(
      "no_proxy='*' NO_PROXY='*' NODE_PATH={} timeout 300 node {}/tests/e2e/sdk/{} http://{} 2>&1",
      packages_, SourceFolder(), script, server().http_address()));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  std::istringstream lines(result.output);
  int records = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, id, status;
    words >> word >> id >> status;
    if (word != "record") continue;
    SCOPED_TRACE(line);
    ++records;
    v1::GetRecordRequest request;
    request.set_id(id);
    request.set_rendered(true);
    absl::StatusOr<v1::GetRecordResponse> stored;
    // Of who left, the record is closed a moment later.
    EXPECT_TRUE(Eventually([&] {
      stored = client().GetRecord(request);
      return stored.ok() && stored->record().has_outcome();
    }));
    ASSERT_OK(stored);
    EXPECT_EQ(v1::RecordStatus_Name(stored->record().outcome().status()), status);
    EXPECT_EQ(stored->record().intent().version(), 1u);
    EXPECT_TRUE(stored->rendered_verified());
  }
  EXPECT_GE(records, least_records);
}

// The README's commands, with OpenAI's server played by a function, then its app.
TEST_F(SdkTest, TheReadmesMoveFromOpenAisPromptStoreWorks) {
  const std::string readme = ReadFileOrDie(SourceFolder() + "/README.md");
  const size_t section = readme.find("## Leave OpenAI's prompt store");
  ASSERT_NE(section, std::string::npos);
  const auto block = [&](const std::string& language) {
    const std::string fence = fmt::format("```{}\n", language);
    const size_t begin = readme.find(fence, section) + fence.size();
    return readme.substr(begin, readme.find("```", begin) - begin);
  };
  const std::string folder = dir().path();
  constexpr char kPlayed[] = R"sh(
OPENAI_API_KEY=none
curl() {
  echo '{"object": "response", "model": "gpt-4o-mini",
    "instructions": [{"type": "message", "role": "developer", "content": [
      {"type": "input_text", "text": "Sort mail about {{topic}}, '$version'."}]}],
    "prompt": {"id": "pmpt_68a1", "version": "'$version'", "variables": {"topic": "{{topic}}"}}}'
}
)sh";
  WriteFile(dir() / "commands",
            fmt::format("set -eu\ncd {}\ncolophon() {{ {} \"$@\"; }}\n", folder, COLOPHON_PROGRAM) +
                kPlayed + block("sh"));
  const ShellResult moved = Shell(
      fmt::format("HOME={0} COLOPHON_SERVER={1} sh {0}/commands 2>&1", folder, server().address()));
  ASSERT_EQ(moved.exit_code, 0) << moved.output;

  std::string app = block("js");
  const std::string base = "http://localhost:8080";
  ASSERT_NE(app.find(base), std::string::npos);
  app.replace(app.find(base), base.size(), "http://" + server().http_address());
  WriteFile(dir() / "app.mjs", app);
  const ShellResult ran =
      Shell(fmt::format("cd {} && ln -s {} node_modules && no_proxy='*' NO_PROXY='*' "
                        "timeout 100 node app.mjs 2>&1",
                        folder, packages_));
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  std::istringstream words(ran.output);
  std::string hello, there;
  v1::GetRecordRequest request;
  words >> hello >> there >> *request.mutable_id();
  EXPECT_EQ(hello + " " + there, "Hello there");
  const auto stored = client().GetRecord(request);
  ASSERT_OK(stored);
  EXPECT_EQ(stored->version(), "acme/support/triage@v2");
  EXPECT_TRUE(Has(openai_.requests().back(), "Sort mail about parcels, 2."));
}

TEST_F(SdkTest, OpenAisDoesWhatAppsDo) { Run("openai.js", 20); }

TEST_F(SdkTest, AnthropicsDoesWhatAppsDo) { Run("anthropic.js", 8); }

}  // namespace
}  // namespace colophon
