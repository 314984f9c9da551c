// What model APIs really send, by the real provider and completer: the record and what
// the caller got say the same, and that is what is expected.

#include "fmt/format.h"
#include "tests/cases/cases.h"
#include "tests/completion/completion_fixture.h"
#include "tests/testing/model_wire.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// One case as text, to compare what was got with what is wanted.
class Differences {
 public:
  void Want(std::string_view what, const std::string& want, const std::string& got) {
    if (want != got) text_ += fmt::format("\n    {}: want {}, got {}", what, want, got);
  }
  void Say(std::string_view what) { text_ += fmt::format("\n    {}", what); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct Said {
  std::string text;
  std::string reasoning;
  json::array tools;
};

Said SaidIn(const v1::Message& message) {
  Said said;
  for (const v1::Part& part : message.parts()) {
    said.text += part.text();
    said.reasoning += part.reasoning().text();
    if (!part.has_tool_request()) continue;
    const v1::ToolRequest& tool = part.tool_request();
    said.tools.push_back(
        json::object{{"id", tool.id()}, {"name", tool.name()}, {"arguments", tool.arguments()}});
  }
  return said;
}

// The arguments as JSON, where their spelling doesn't matter.
std::string ByMeaning(const json::value& tools) {
  json::value read = tools;
  for (json::value& tool : read.as_array()) {
    json::value& arguments = tool.as_object()["arguments"];
    const auto parsed = ParseJson(View(arguments.as_string()));
    if (parsed.ok()) arguments = *parsed;
  }
  return WriteCanonicalJson(read);
}

void CompareUsage(const json::object& want, const v1::Usage& got, Differences* differences) {
  const std::pair<const char*, std::optional<int64_t>> counts[] = {
      {"input_tokens", got.has_input_tokens() ? std::optional(got.input_tokens()) : std::nullopt},
      {"output_tokens",
       got.has_output_tokens() ? std::optional(got.output_tokens()) : std::nullopt},
      {"cached_input_tokens",
       got.has_cached_input_tokens() ? std::optional(got.cached_input_tokens()) : std::nullopt}};
  for (const auto& [name, count] : counts) {
    if (!want.contains(name)) continue;
    differences->Want(name, std::to_string(want.at(name).as_int64()),
                      count ? std::to_string(*count) : "none");
  }
}

void CompareStatus(const FieldCase& field_case, const v1::Outcome& outcome,
                   Differences* differences) {
  constexpr size_t kPrefix = std::string_view("RECORD_STATUS_").size();
  const std::string status = v1::RecordStatus_Name(outcome.status()).substr(kPrefix);
  const std::string want = TextAt(field_case.expect, "status");
  if (want == "not a plain OK") {
    if (status == "OK") differences->Say("status: OK");
  } else {
    differences->Want("status", want, status);
  }
  for (const char* key : {"error_reason", "provider_stop_reason"}) {
    if (!field_case.expect.contains(key)) continue;
    differences->Want(key, TextAt(field_case.expect, key),
                      std::string_view(key) == "error_reason"
                          ? outcome.error_reason()
                          : outcome.completion().provider_stop_reason());
  }
  const std::string words = TextAt(field_case.expect, "error_contains");
  if (outcome.error_message().find(words) == std::string::npos) {
    differences->Want("error", words, outcome.error_message());
  }
}

void CompareCompletion(const FieldCase& field_case, const v1::Completion& completion,
                       Differences* differences) {
  const json::object& want = field_case.expect;
  const Said said = SaidIn(completion.message());
  if (want.contains("text")) differences->Want("text", TextAt(want, "text"), said.text);
  if (want.contains("text_bytes")) {
    differences->Want("text_bytes", std::to_string(want.at("text_bytes").as_int64()),
                      std::to_string(said.text.size()));
  }
  if (want.contains("reasoning")) {
    differences->Want("reasoning", TextAt(want, "reasoning"), said.reasoning);
  }
  if (want.contains("tools")) {
    differences->Want("tools", WriteCanonicalJson(want.at("tools")),
                      WriteCanonicalJson(said.tools));
  }
  if (want.contains("tools_json")) {
    differences->Want("tools", ByMeaning(want.at("tools_json")), ByMeaning(said.tools));
  }
  if (want.contains("stop_reason")) {
    differences->Want("stop_reason", "STOP_REASON_" + TextAt(want, "stop_reason"),
                      v1::StopReason_Name(completion.stop_reason()));
  }
  if (want.contains("usage")) {
    CompareUsage(want.at("usage").as_object(), completion.usage(), differences);
  }
  if (TextAt(want, "output_tokens") == "absent" && completion.usage().has_output_tokens()) {
    differences->Say("output_tokens are given");
  }
}

// The data line that no file holds, for being large.
std::string BigEvent() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" +
         Event(R"({"choices":[{"index":0,"delta":{"content":")" + std::string(1'300'000, 'a') +
               R"("},"finish_reason":"stop"}]})") +
         Event("[DONE]");
}

class ModelCasesTest : public CompletionFixture {
 protected:
  ModelCasesTest() {
    for (const char* api : {"openai", "anthropic"}) {
      config::v1::Provider* config = provider_configs_.Add();
      config->set_name(api);
      config->set_kind(std::string_view(api) == "openai" ? config::v1::Provider::KIND_OPENAI
                                                         : config::v1::Provider::KIND_ANTHROPIC);
      config->set_base_url(server_.base_url());
    }
    Open();
    Publish("openai", "---\nmodel: openai/m-1\n---\nHi");
    Publish("anthropic", "---\nmodel: anthropic/m-1\n---\nHi");
  }

  void RunAll(const std::string& api) {
    std::vector<std::string> wrong;
    const std::vector<FieldCase> cases = CasesIn(api);
    for (const FieldCase& field_case : cases) {
      const std::string difference = RunCase(api, field_case);
      if (!difference.empty()) wrong.push_back(fmt::format("  {}{}", field_case.name, difference));
    }
    Report(api, cases.size(), wrong);
  }

  // What differs; empty: nothing.
  std::string RunCase(const std::string& api, const FieldCase& field_case) {
    const std::string bytes =
        field_case.input.empty() ? BigEvent() : ReadFileOrDie(field_case.input);
    server_.SetHandler([bytes](const ModelRequest&) { return ModelAnswer().Send(bytes).Close(); });
    const bool stream = TextAt(field_case.expect, "mode") == "stream";
    const auto sink = std::make_shared<CollectingSink>();
    Ending ending;
    completer_->Start({}, Request("acme/" + api), stream ? sink : nullptr, ending.Done());
    const auto response = ending.Wait();
    Differences differences;
    const auto record =
        Record(response.ok() ? response->record() : MetadataOf(response.status())["record"]);
    if (!record.ok()) return "\n    no record: " + record.status().ToString();
    const v1::Outcome& outcome = record->outcome();
    CompareStatus(field_case, outcome, &differences);
    CompareCompletion(field_case, outcome.completion(), &differences);
    if (response.ok()) {
      CompareCompletion(field_case, response->completion(), &differences);
    } else {
      differences.Want("the caller's error", outcome.error_reason(), ReasonOf(response.status()));
    }
    if (stream) {
      differences.Want("the stream", SaidIn(outcome.completion().message()).text, sink->text());
    }
    return differences.text();
  }

  ModelServer server_;
};

TEST_F(ModelCasesTest, OpenAi) { RunAll("openai"); }
TEST_F(ModelCasesTest, Anthropic) { RunAll("anthropic"); }

}  // namespace
}  // namespace colophon
