#include "tests/bench/prompts.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "colophon/v1/registry.pb.h"
#include "fmt/format.h"
#include "google/protobuf/message.h"
#include "service/base/json.h"
#include "tests/bench/echo.pb.h"

namespace colophon::bench {
namespace {

constexpr std::array<std::string_view, 40> kWords = {
    "the",     "answer", "customer", "order", "refund", "ticket", "and",    "with",
    "policy",  "please", "within",   "days",  "reply",  "in",     "polite", "words",
    "account", "never",  "ask",      "for",   "a",      "card",   "number", "when",
    "item",    "was",    "late",     "say",   "sorry",  "once",   "then",   "offer",
    "next",    "step",   "to",       "them",  "is",     "open",   "closed", "team"};

std::string Path(const std::string& prompt) { return prompt + ".prompt"; }

std::string NameOf(const std::string& prompt) {
  return fmt::format("{}/{}@production", kRepository, prompt);
}

LoadTarget CallOf(const std::string& address, const std::string& method,
                  const google::protobuf::Message& request) {
  return {address, method, request.SerializeAsString()};
}

}  // namespace

std::string TextOfSize(size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) {
    text += kWords[random() % kWords.size()];
    text += text.size() % 80 > 70 ? '\n' : ' ';
  }
  text.resize(bytes);
  return text;
}

std::string PromptOfSize(size_t bytes, unsigned seed) {
  const std::string head = "---\nmodel: echo/echo\n---\n{{role \"system\"}}\n";
  return head + TextOfSize(bytes - std::min(bytes, head.size()), seed);
}

std::string PromptOfText(const std::string& model) {
  return fmt::format("---\nmodel: {}\n---\n{{{{text}}}}", model);
}

absl::Status PublishPrompt(const std::string& address, const std::string& prompt,
                           const std::string& content) {
  v1::CreateRepositoryRequest create;
  create.set_repository(kRepository);
  // It may be there already; if anything else is wrong, Publish says so too.
  CallOnce(CallOf(address, "/colophon.v1.RegistryService/CreateRepository", create)).IgnoreError();

  v1::PublishRequest publish;
  publish.set_repository(kRepository);
  publish.set_description("A prompt to measure with");
  publish.set_author("Bench <bench@example.com>");
  v1::FileEdit* edit = publish.add_edits();
  edit->set_path(Path(prompt));
  edit->set_content(content);
  v1::LabelMove* move = publish.add_label_moves();
  move->set_prompt(prompt);
  move->set_label("production");
  move->mutable_targets()->add_targets();
  return CallOnce(CallOf(address, "/colophon.v1.RegistryService/Publish", publish)).status();
}

LoadTarget GetVersionCall(const std::string& address, const std::string& prompt) {
  v1::GetVersionRequest request;
  request.set_name(NameOf(prompt));
  return CallOf(address, "/colophon.v1.RegistryService/GetVersion", request);
}

LoadTarget CompleteCall(const std::string& address, const std::string& prompt) {
  v1::CompleteRequest request;
  request.set_name(NameOf(prompt));
  (*request.mutable_variables()->mutable_fields())["text"].set_string_value(
      TextOfSize(kCallTextBytes, 1));
  return CallOf(address, "/colophon.v1.CompletionService/Complete", request);
}

absl::Status CheckGetVersionAnswer(const std::string& answer, const std::string& prompt) {
  v1::GetVersionResponse response;
  if (!response.ParseFromString(answer) || response.version().prompt() != prompt ||
      response.version().version() == 0 || response.label() != "production" ||
      response.version().files().empty() || response.version().files(0).content().empty()) {
    return Internal("GetVersion answered something else: " + response.ShortDebugString());
  }
  return absl::OkStatus();
}

absl::Status CheckCompleteAnswer(const std::string& answer, size_t text_bytes) {
  v1::CompleteResponse response;
  if (!response.ParseFromString(answer) || response.record().empty() ||
      response.completion().message().parts().empty() ||
      response.completion().message().parts(0).text().size() < text_bytes) {
    return Internal("Complete answered something else: " + response.ShortDebugString());
  }
  return absl::OkStatus();
}

std::string EchoRequest(const std::string& payload) {
  EchoMessage message;
  message.set_payload(payload);
  return message.SerializeAsString();
}

std::string ChatRequest(const std::string& text) {
  const json::object request = {
      {"model", "instant"},
      {"messages", json::array{json::object{{"role", "user"},
                                            {"content", json::string(text.data(), text.size())}}}}};
  return WriteJson(request);
}

}  // namespace colophon::bench
