// What a request holds when it is sent, by the real completer and encoders.

#include "client/cli/arguments.h"
#include "fmt/format.h"
#include "tests/cases/cases.h"
#include "tests/completion/completion_fixture.h"
#include "tests/testing/model_wire.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

class RequestCasesTest : public CompletionFixture {
 protected:
  RequestCasesTest() {
    server_.SetHandler([](const ModelRequest& request) {
      const bool is_openai = request.target.ends_with("/chat/completions");
      return is_openai ? OpenAiAnswer("Yes") : AnthropicAnswer("Yes");
    });
    for (const char* name : {"replay", "replaya"}) {
      config::v1::Provider* config = provider_configs_.Add();
      config->set_name(name);
      config->set_kind(std::string_view(name) == "replay" ? config::v1::Provider::KIND_OPENAI
                                                          : config::v1::Provider::KIND_ANTHROPIC);
      config->set_base_url(server_.base_url());
    }
    provider_configs_.Mutable(0)->set_send_reasoning("reasoning_content");
    Open();
  }

  // The body that was sent for the case; empty: there is no such case.
  std::string SentFor(const std::string& name) {
    for (const FieldCase& field_case : CasesIn("request")) {
      if (field_case.name != name) continue;
      v1::CompleteRequest request = Request("acme/ask");
      if (field_case.input.ends_with(".prompt")) {
        Publish("ask", ReadFileOrDie(field_case.input));
      } else {
        Publish("ask", "---\nmodel: replay/m-1\n---\n{{history}}");
        const auto history = ParseHistory(ReadFileOrDie(field_case.input));
        EXPECT_OK(history);
        if (!history.ok()) return "";
        request.mutable_history()->Assign(history->begin(), history->end());
      }
      EXPECT_OK(Complete(request));
      return server_.requests().empty() ? "" : server_.requests().back().body;
    }
    return "";
  }

  json::object Sent(const std::string& name) {
    const auto body = ParseJson(SentFor(name));
    return body.ok() ? body->as_object() : json::object();
  }

  ModelServer server_;
};

TEST_F(RequestCasesTest, ReasoningGoesBackWhereItIsWanted) {
  const json::object sent = Sent("tool-turn");
  if (sent.empty()) GTEST_SKIP() << "COLOPHON_CASES names no folder with this case";
  EXPECT_EQ(sent.at("messages").at(1).at("reasoning_content"), "I have to look it up.");
}

TEST_F(RequestCasesTest, TheThinkingBudgetFits) {
  const json::object sent = Sent("thinking-budget");
  if (sent.empty()) GTEST_SKIP() << "COLOPHON_CASES names no folder with this case";
  EXPECT_GT(sent.at("max_tokens").as_int64(), 10'000);
}

TEST_F(RequestCasesTest, ObjectsAreClosed) {
  const json::object sent = Sent("open-object-schema");
  if (sent.empty()) GTEST_SKIP() << "COLOPHON_CASES names no folder with this case";
  const json::value& schema = sent.at("output_config").at("format").at("schema");
  EXPECT_EQ(schema.at("additionalProperties"), json::value(false));
  EXPECT_EQ(schema.at("properties").at("geo").at("additionalProperties"), json::value(false));
}

}  // namespace
}  // namespace colophon
