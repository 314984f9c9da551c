#include <map>

#include "service/provider/json_fields.h"
#include "service/provider/openai.h"
#include "service/provider/provider_error.h"

namespace colophon {
namespace {

v1::StopReason StopReasonOf(std::string_view word) {
  if (word == "stop") return v1::STOP_REASON_END;
  if (word == "length") return v1::STOP_REASON_LENGTH;
  if (word == "tool_calls" || word == "function_call") return v1::STOP_REASON_TOOL;
  if (word == "content_filter") return v1::STOP_REASON_FILTER;
  return v1::STOP_REASON_OTHER;
}

void ReadUsage(const json::object& from, v1::Usage* to) {
  if (const auto count = CountOf(from, "prompt_tokens")) to->set_input_tokens(*count);
  if (const auto count = CountOf(from, "completion_tokens")) to->set_output_tokens(*count);
  if (const json::object* details = ObjectOf(from, "prompt_tokens_details")) {
    if (const auto count = CountOf(*details, "cached_tokens")) to->set_cached_input_tokens(*count);
  }
  if (const json::object* details = ObjectOf(from, "completion_tokens_details")) {
    if (const auto count = CountOf(*details, "reasoning_tokens")) to->set_reasoning_tokens(*count);
  }
}

// One answer. `message` of a unary answer and `delta` of a streamed one have
// the same members, so both are read by the same code.
class OpenAiAnswer : public AnswerParser {
 public:
  absl::Status ReadWhole(std::string_view body) override;
  absl::Status ReadEvent(const ServerEvent& event) override;

 private:
  absl::Status Read(const json::value& value, std::string_view text, const char* message_key);
  void ReadChoice(const json::object& choice, const json::object& message);
  void ReadContent(const json::object& message);
  void ReadToolCall(const json::object& call);

  // From the provider's index of a tool call to ours, which has no gaps.
  std::map<int64_t, int> tool_indexes_;
  bool refused_ = false;
};

absl::Status OpenAiAnswer::ReadWhole(std::string_view body) {
  absl::StatusOr<json::value> value = ParseAnswer(body);
  if (!value.ok()) return NotJson("answers with something that is not JSON", body);
  RETURN_IF_ERROR(Read(*value, body, "message"));
  const json::array* choices = ArrayOf(value->get_object(), "choices");
  if (choices == nullptr || choices->empty()) {
    return Malformed("answers without a choice", body);
  }
  done_ = true;
  return absl::OkStatus();
}

absl::Status OpenAiAnswer::ReadEvent(const ServerEvent& event) {
  if (event.data == "[DONE]") {
    done_ = true;
    return absl::OkStatus();
  }
  if (event.data.empty()) return absl::OkStatus();
  absl::StatusOr<json::value> value = ParseAnswer(event.data);
  if (!value.ok()) return BadEvent(value.status(), event.data);
  return Read(*value, event.data, "delta");
}

absl::Status OpenAiAnswer::Read(const json::value& value, std::string_view text,
                                const char* message_key) {
  if (!value.is_object()) return Malformed("sends JSON that is not an object", text);
  const json::object& object = value.get_object();
  const json::array* choices = ArrayOf(object, "choices");
  if (choices == nullptr || FieldOf(object, "error") != nullptr) {
    if (const std::optional<ApiError> error = FindApiError(value)) return StatusOfApiError(*error);
  }
  if (std::string id = TextOf(object, "id"); !id.empty()) metadata_.set_provider_id(id);
  if (std::string model = TextOf(object, "model"); !model.empty()) {
    metadata_.set_provider_model(model);
  }
  if (const json::object* usage = ObjectOf(object, "usage")) {
    ReadUsage(*usage, metadata_.mutable_usage());
  }
  if (choices == nullptr) return absl::OkStatus();
  for (const json::value& element : *choices) {
    const json::object* choice = element.if_object();
    if (choice == nullptr) return Malformed("sends a choice that is not an object", text);
    if (CountOf(*choice, "index").value_or(0) != 0) continue;
    const json::object* message = ObjectOf(*choice, message_key);
    ReadChoice(*choice, message == nullptr ? json::object() : *message);
  }
  return absl::OkStatus();
}

void OpenAiAnswer::ReadChoice(const json::object& choice, const json::object& message) {
  // Two names for it: DeepSeek and vLLM, OpenRouter and Ollama.
  std::string reasoning = TextOf(message, "reasoning_content");
  if (reasoning.empty()) reasoning = TextOf(message, "reasoning");
  AddReasoning(std::move(reasoning));
  ReadContent(message);
  if (std::string refusal = TextOf(message, "refusal"); !refusal.empty()) {
    refused_ = true;
    AddText(std::move(refusal));
  }
  if (const json::array* calls = ArrayOf(message, "tool_calls")) {
    for (const json::value& call : *calls) {
      if (call.is_object()) ReadToolCall(call.get_object());
    }
  }
  if (const std::string word = TextOf(choice, "finish_reason"); !word.empty()) {
    metadata_.set_provider_stop_reason(word);
    metadata_.set_stop_reason(refused_ ? v1::STOP_REASON_FILTER : StopReasonOf(word));
  }
}

void OpenAiAnswer::ReadContent(const json::object& message) {
  AddText(TextOf(message, "content"));
  // Mistral's reasoning models answer with a list of parts.
  const json::array* parts = ArrayOf(message, "content");
  if (parts == nullptr) return;
  for (const json::value& part : *parts) {
    if (part.is_object()) AddText(TextOf(part.get_object(), "text"));
  }
}

void OpenAiAnswer::ReadToolCall(const json::object& call) {
  // Without an index, as in a unary answer: one with an id is a new one.
  const std::string id = TextOf(call, "id");
  const int count = static_cast<int>(tool_indexes_.size());
  const int64_t given = CountOf(call, "index").value_or(id.empty() ? count - 1 : count);
  const auto [found, is_new] = tool_indexes_.emplace(given, count);
  const json::object* function = ObjectOf(call, "function");
  const json::object empty;
  const json::object& said = function == nullptr ? empty : *function;
  // Some servers repeat id and name in every piece.
  AddToolRequest(found->second, is_new ? id : "", is_new ? TextOf(said, "name") : "",
                 TextOf(said, "arguments"));
}

}  // namespace

std::unique_ptr<AnswerParser> OpenAiFormat::NewAnswer() const {
  return std::make_unique<OpenAiAnswer>();
}

}  // namespace colophon
