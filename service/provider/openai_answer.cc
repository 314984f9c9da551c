#include <algorithm>

#include "service/provider/json_fields.h"
#include "service/provider/openai.h"
#include "service/provider/provider_error.h"
#include "service/provider/tool_calls.h"

namespace colophon {
namespace {

v1::StopReason StopReasonOf(std::string_view word) {
  if (word == "stop") return v1::STOP_REASON_END;
  if (word == "length") return v1::STOP_REASON_LENGTH;
  if (word == "tool_calls" || word == "function_call") return v1::STOP_REASON_TOOL;
  if (word == "content_filter" || word == "sensitive") return v1::STOP_REASON_FILTER;
  return v1::STOP_REASON_OTHER;
}

// What is told again and again: a 0 tells nothing about a count that is known.
void SetCount(const std::optional<int64_t>& count, bool is_known, v1::Usage* usage,
              void (v1::Usage::*set)(int64_t)) {
  if (count && (*count > 0 || !is_known)) (usage->*set)(*count);
}

void ReadUsage(const json::object& from, v1::Usage* to) {
  SetCount(CountOf(from, "prompt_tokens"), to->has_input_tokens(), to,
           &v1::Usage::set_input_tokens);
  SetCount(CountOf(from, "completion_tokens"), to->has_output_tokens(), to,
           &v1::Usage::set_output_tokens);
  if (const json::object* details = ObjectOf(from, "prompt_tokens_details")) {
    SetCount(CountOf(*details, "cached_tokens"), to->has_cached_input_tokens(), to,
             &v1::Usage::set_cached_input_tokens);
  }
  if (const json::object* details = ObjectOf(from, "completion_tokens_details")) {
    SetCount(CountOf(*details, "reasoning_tokens"), to->has_reasoning_tokens(), to,
             &v1::Usage::set_reasoning_tokens);
  }
}

// A text as it is; anything else as its JSON.
std::string TextOrJson(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  if (value == nullptr) return "";
  return value->is_string() ? TextOf(object, key) : WriteJson(*value);
}

// One answer. `message` of a unary answer and `delta` of a streamed one have
// the same members, so both are read by the same code.
class OpenAiAnswer : public AnswerParser {
 private:
  absl::Status ReadBody(const json::value& value, std::string_view text) override;
  absl::Status ReadData(const std::string& type, const json::value& value,
                        std::string_view text) override;
  absl::Status ReadDone() override;
  bool IsWhole() const override { return stopped_; }

  absl::Status Read(const json::object& object, std::string_view text, bool is_whole);
  absl::Status ReadChoice(const json::object& choice, bool is_whole);
  const json::object* MessageOf(const json::object& choice, bool is_whole) const;
  void ReadMessage(const json::object& message, bool is_whole);
  void ReadReasoning(const json::object& message);
  void ReadPart(const json::value& part);
  void ReadThinking(const json::object& part);
  void ReadToolCall(const json::object& call, const json::object& function, bool is_whole);
  void ReadUnknown(const json::object& message);

  ToolCalls calls_;
  bool has_choice_ = false;
  bool has_delta_ = false;
  bool refused_ = false;
  bool stopped_ = false;  // A finish_reason was given.
};

absl::Status OpenAiAnswer::ReadBody(const json::value& value, std::string_view text) {
  if (!value.is_object()) return Malformed("sends JSON that is not an object", text);
  RETURN_IF_ERROR(Read(value.get_object(), text, true));
  if (!has_choice_) return Malformed("answers without a choice", text);
  return absl::OkStatus();
}

absl::Status OpenAiAnswer::ReadData(const std::string&, const json::value& value,
                                    std::string_view text) {
  return Read(value.get_object(), text, false);
}

absl::Status OpenAiAnswer::ReadDone() {
  if (!has_choice_) return Malformed("ends its stream without a choice");
  done_ = true;
  return absl::OkStatus();
}

absl::Status OpenAiAnswer::Read(const json::object& object, std::string_view text, bool is_whole) {
  const json::array* choices = ArrayOf(object, "choices");
  if (choices == nullptr || FieldOf(object, "error") != nullptr) {
    if (const std::optional<ApiError> error = FindApiError(object)) return StatusOfApiError(*error);
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
    if (CountOf(*choice, "index").value_or(0) != 0) {
      Note("sent more than one choice: the first one counts");
      continue;
    }
    RETURN_IF_ERROR(ReadChoice(*choice, is_whole));
  }
  return absl::OkStatus();
}

absl::Status OpenAiAnswer::ReadChoice(const json::object& choice, bool is_whole) {
  has_choice_ = true;
  has_delta_ = has_delta_ || ObjectOf(choice, "delta") != nullptr;
  const json::object* message = MessageOf(choice, is_whole);
  if (message != nullptr) ReadMessage(*message, is_whole);
  // Some servers count here.
  if (const json::object* usage = ObjectOf(choice, "usage")) {
    ReadUsage(*usage, metadata_.mutable_usage());
  }
  const std::string word = TextOf(choice, "finish_reason");
  if (!word.empty()) metadata_.set_provider_stop_reason(word);
  for (const json::object* place : {&choice, message}) {
    if (place == nullptr || FieldOf(*place, "error") == nullptr) continue;
    if (const std::optional<ApiError> error = FindApiError(*place)) return StatusOfApiError(*error);
  }
  if (word.empty()) return absl::OkStatus();
  stopped_ = true;
  v1::StopReason reason = refused_ ? v1::STOP_REASON_FILTER : StopReasonOf(word);
  // Who asks for a tool waits for its answer, whatever the word.
  if (reason == v1::STOP_REASON_END && !calls_.empty()) reason = v1::STOP_REASON_TOOL;
  return SetStopReason(word, reason);
}

// Beside a delta, `message` is what was said so far; without any delta it is the answer
// when the last chunk has it.
const json::object* OpenAiAnswer::MessageOf(const json::object& choice, bool is_whole) const {
  if (is_whole) return ObjectOf(choice, "message");
  if (has_delta_) return ObjectOf(choice, "delta");
  return TextOf(choice, "finish_reason").empty() ? nullptr : ObjectOf(choice, "message");
}

void OpenAiAnswer::ReadMessage(const json::object& message, bool is_whole) {
  ReadReasoning(message);
  AddText(TextOf(message, "content"));
  // Mistral's reasoning models answer with a list of parts.
  if (const json::array* parts = ArrayOf(message, "content")) {
    for (const json::value& part : *parts) ReadPart(part);
  } else if (const json::object* part = ObjectOf(message, "content")) {
    ReadPart(*part);
  }
  if (std::string refusal = TextOf(message, "refusal"); !refusal.empty()) {
    refused_ = true;
    AddText(std::move(refusal));
  }
  if (const json::array* calls = ArrayOf(message, "tool_calls")) {
    for (const json::value& call : *calls) {
      const json::object* object = call.if_object();
      const json::object* function = object == nullptr ? nullptr : ObjectOf(*object, "function");
      if (function != nullptr) {
        ReadToolCall(*object, *function, is_whole);
      } else if (object != nullptr && FieldOf(*object, "custom") == nullptr) {
        ReadToolCall(*object, json::object(), is_whole);
      } else {
        AddOther("tool_calls", call);
      }
    }
  }
  // What tool_calls was called before.
  if (const json::object* call = ObjectOf(message, "function_call")) {
    ReadToolCall(json::object(), *call, is_whole);
  }
  ReadUnknown(message);
}

// Three names for it: DeepSeek and vLLM, OpenRouter and Ollama, and OpenRouter's list.
void OpenAiAnswer::ReadReasoning(const json::object& message) {
  std::string reasoning = TextOf(message, "reasoning_content");
  if (reasoning.empty()) reasoning = TextOf(message, "reasoning");
  const bool is_told = !reasoning.empty();
  AddReasoning(std::move(reasoning));
  const json::array* details = ArrayOf(message, "reasoning_details");
  if (details == nullptr) return;
  for (const json::value& element : *details) {
    const json::object* detail = element.if_object();
    const std::string type = detail == nullptr ? "" : TextOf(*detail, "type");
    if (type != "reasoning.text" && type != "reasoning.summary") {
      AddOther("reasoning_details", element);
      continue;
    }
    const char* const key = type == "reasoning.text" ? "text" : "summary";
    AddReasoning(is_told ? "" : TextOf(*detail, key), TextOf(*detail, "signature"));
  }
}

void OpenAiAnswer::ReadPart(const json::value& part) {
  const json::object* object = part.if_object();
  const std::string type = object == nullptr ? "" : TextOf(*object, "type");
  if (part.is_string()) {
    AddText(std::string(View(part.get_string())));
  } else if (object != nullptr && (type == "thinking" || type == "reasoning")) {
    ReadThinking(*object);
  } else if (object != nullptr && type == "refusal") {
    refused_ = true;
    AddText(TextOf(*object, "refusal"));
  } else if (object != nullptr && (type.empty() || type == "text" || type == "output_text") &&
             FieldOf(*object, "text") != nullptr) {
    AddText(TextOf(*object, "text"));
  } else {
    AddOther(type.empty() ? "content" : type, part);
  }
}

// {"type": "thinking", "thinking": TEXT or [{"type": "text", "text": TEXT} ...]}
void OpenAiAnswer::ReadThinking(const json::object& part) {
  const std::string signature = TextOf(part, "signature");
  const std::string type = TextOf(part, "type");
  AddReasoning(TextOf(part, type), signature);
  AddReasoning(TextOf(part, "text"));
  const json::array* texts = ArrayOf(part, type);
  if (texts == nullptr) return;
  for (const json::value& text : *texts) {
    if (text.is_object() && FieldOf(text.get_object(), "text") != nullptr) {
      AddReasoning(TextOf(text.get_object(), "text"));
    } else {
      AddOther(type, text);
    }
  }
}

void OpenAiAnswer::ReadToolCall(const json::object& call, const json::object& function,
                                bool is_whole) {
  std::string arguments = TextOrJson(function, "arguments");
  ToolCalls::Place place = calls_.Add(CountOf(call, "index"), TextOrJson(call, "id"),
                                      TextOf(function, "name"), arguments, is_whole);
  AddToolRequest(place.call, std::move(place.id), std::move(place.name), std::move(arguments));
}

// What else a message holds and may be a part of the answer: a recording, images,
// citations. Words and numbers beside them are of the server's own.
void OpenAiAnswer::ReadUnknown(const json::object& message) {
  static constexpr std::string_view kKnown[] = {"content", "tool_calls", "function_call",
                                                "reasoning_details", "error"};
  for (const auto& member : message) {
    const std::string_view key = View(member.key());
    if (std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown)) continue;
    const json::object* object = member.value().if_object();
    const json::array* list = member.value().if_array();
    const bool has_parts = (object != nullptr && !object->empty()) ||
                           (list != nullptr && !list->empty() && list->front().is_object());
    if (has_parts) AddOther(key, json::object{{member.key(), member.value()}});
  }
}

}  // namespace

std::unique_ptr<AnswerParser> OpenAiFormat::NewAnswer() const {
  return std::make_unique<OpenAiAnswer>();
}

}  // namespace colophon
