#include <map>

#include "service/provider/anthropic.h"
#include "service/provider/json_fields.h"
#include "service/provider/provider_error.h"

namespace colophon {
namespace {

v1::StopReason StopReasonOf(std::string_view word) {
  if (word == "end_turn") return v1::STOP_REASON_END;
  if (word == "max_tokens" || word == "model_context_window_exceeded") {
    return v1::STOP_REASON_LENGTH;
  }
  if (word == "stop_sequence") return v1::STOP_REASON_STOP_SEQUENCE;
  if (word == "tool_use") return v1::STOP_REASON_TOOL;
  if (word == "refusal") return v1::STOP_REASON_FILTER;
  return v1::STOP_REASON_OTHER;
}

// One answer.
class AnthropicAnswer : public AnswerParser {
 public:
  absl::Status ReadWhole(std::string_view body) override;
  absl::Status ReadEvent(const ServerEvent& event) override;

 private:
  struct ToolBlock {
    int index = 0;  // Among the tool requests.
    bool has_arguments = false;
  };

  void ReadMessage(const json::object& message);
  void ReadStopReason(const json::object& from);
  void ReadInputUsage(const json::object& usage);
  void ReadOutputUsage(const json::object& usage);
  void BeginBlock(int64_t index, const json::object& block);
  void ReadDelta(int64_t index, const json::object& delta);
  void EndBlock(int64_t index);

  std::map<int64_t, ToolBlock> tools_;  // By the index of their block.
};

absl::Status AnthropicAnswer::ReadWhole(std::string_view body) {
  absl::StatusOr<json::value> value = ParseAnswer(body);
  if (!value.ok()) return NotJson("answers with something that is not JSON", body);
  const json::object* message = value->if_object();
  const json::array* content = message == nullptr ? nullptr : ArrayOf(*message, "content");
  if (content == nullptr) {
    if (const std::optional<ApiError> error = FindApiError(*value)) return StatusOfApiError(*error);
    return Malformed("answers without content", body);
  }
  ReadMessage(*message);
  ReadStopReason(*message);
  if (const json::object* usage = ObjectOf(*message, "usage")) ReadOutputUsage(*usage);
  for (size_t i = 0; i < content->size(); ++i) {
    if (!(*content)[i].is_object()) return Malformed("has content that is not an object", body);
    BeginBlock(static_cast<int64_t>(i), (*content)[i].get_object());
    EndBlock(static_cast<int64_t>(i));
  }
  done_ = true;
  return absl::OkStatus();
}

// Events of types that are not known are passed over, as the API's
// documentation asks of its clients.
absl::Status AnthropicAnswer::ReadEvent(const ServerEvent& event) {
  absl::StatusOr<json::value> value = ParseAnswer(event.data);
  if (!value.ok()) return BadEvent(value.status(), event.data);
  if (!value->is_object()) return Malformed("sends JSON that is not an object", event.data);
  const json::object& object = value->get_object();
  std::string type = TextOf(object, "type");
  if (type.empty()) type = event.type;
  const json::object empty;
  const auto member = [&](std::string_view key) -> const json::object& {
    const json::object* found = ObjectOf(object, key);
    return found == nullptr ? empty : *found;
  };
  const int64_t index = CountOf(object, "index").value_or(0);
  if (type == "message_start") {
    ReadMessage(member("message"));
  } else if (type == "content_block_start") {
    BeginBlock(index, member("content_block"));
  } else if (type == "content_block_delta") {
    ReadDelta(index, member("delta"));
  } else if (type == "content_block_stop") {
    EndBlock(index);
  } else if (type == "message_delta") {
    ReadStopReason(member("delta"));
    ReadInputUsage(member("usage"));
    ReadOutputUsage(member("usage"));
  } else if (type == "message_stop") {
    done_ = true;
  } else if (type == "error") {
    return StatusOfApiError(FindApiError(*value).value_or(ApiError{}));
  }
  return absl::OkStatus();
}

void AnthropicAnswer::ReadMessage(const json::object& message) {
  metadata_.set_provider_id(TextOf(message, "id"));
  metadata_.set_provider_model(TextOf(message, "model"));
  if (const json::object* usage = ObjectOf(message, "usage")) ReadInputUsage(*usage);
}

void AnthropicAnswer::ReadStopReason(const json::object& from) {
  const std::string word = TextOf(from, "stop_reason");
  if (word.empty()) return;
  metadata_.set_provider_stop_reason(word);
  metadata_.set_stop_reason(StopReasonOf(word));
}

// The API counts cached tokens beside input_tokens, our Usage within.
void AnthropicAnswer::ReadInputUsage(const json::object& from) {
  const auto input = CountOf(from, "input_tokens");
  if (!input) return;
  const auto written = CountOf(from, "cache_creation_input_tokens");
  const auto read = CountOf(from, "cache_read_input_tokens");
  v1::Usage* usage = metadata_.mutable_usage();
  usage->set_input_tokens(*input + written.value_or(0) + read.value_or(0));
  if (written) usage->set_cache_write_tokens(*written);
  if (read) usage->set_cached_input_tokens(*read);
}

// message_start tells a count too, of what had been made by then; an answer
// that breaks off after it has an unknown one.
void AnthropicAnswer::ReadOutputUsage(const json::object& from) {
  if (const auto output = CountOf(from, "output_tokens")) {
    metadata_.mutable_usage()->set_output_tokens(*output);
  }
}

void AnthropicAnswer::BeginBlock(int64_t index, const json::object& block) {
  const std::string type = TextOf(block, "type");
  if (type == "text") {
    AddText(TextOf(block, "text"));
  } else if (type == "thinking") {
    AddReasoning(TextOf(block, "thinking"), TextOf(block, "signature"));
  } else if (type == "redacted_thinking") {
    AddReasoning("", std::string(AnthropicFormat::kRedacted) + TextOf(block, "data"));
  } else if (type == "tool_use") {
    ToolBlock& tool = tools_[index];
    tool.index = static_cast<int>(tools_.size()) - 1;
    const json::object* input = ObjectOf(block, "input");
    // A stream begins with an empty input, whatever it is going to be.
    tool.has_arguments = input != nullptr && !input->empty();
    AddToolRequest(tool.index, TextOf(block, "id"), TextOf(block, "name"),
                   tool.has_arguments ? WriteJson(*input) : "");
  }
}

void AnthropicAnswer::ReadDelta(int64_t index, const json::object& delta) {
  const std::string type = TextOf(delta, "type");
  if (type == "text_delta") {
    AddText(TextOf(delta, "text"));
  } else if (type == "thinking_delta") {
    AddReasoning(TextOf(delta, "thinking"));
  } else if (type == "signature_delta") {
    AddReasoning("", TextOf(delta, "signature"));
  } else if (type == "input_json_delta") {
    const auto tool = tools_.find(index);
    std::string arguments = TextOf(delta, "partial_json");
    if (tool == tools_.end() || arguments.empty()) return;
    tool->second.has_arguments = true;
    AddToolRequest(tool->second.index, "", "", std::move(arguments));
  }
}

void AnthropicAnswer::EndBlock(int64_t index) {
  const auto tool = tools_.find(index);
  if (tool == tools_.end() || tool->second.has_arguments) return;
  tool->second.has_arguments = true;
  AddToolRequest(tool->second.index, "", "", "{}");
}

}  // namespace

std::unique_ptr<AnswerParser> AnthropicFormat::NewAnswer() const {
  return std::make_unique<AnthropicAnswer>();
}

}  // namespace colophon
