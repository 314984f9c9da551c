#include <map>

#include "fmt/format.h"
#include "service/base/reasoning.h"
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
  if (word == "refusal" || word == "sensitive") return v1::STOP_REASON_FILTER;
  return v1::STOP_REASON_OTHER;
}

// The counts of input as they were told: a 0 tells nothing about one that is known.
struct InputCounts {
  std::optional<int64_t> input;
  std::optional<int64_t> written;
  std::optional<int64_t> read;
};

void Take(const json::object& from, std::string_view key, std::optional<int64_t>* count) {
  const std::optional<int64_t> told = CountOf(from, key);
  if (told && (*told > 0 || !*count)) *count = told;
}

// One answer.
class AnthropicAnswer : public AnswerParser {
 public:
  void Close() override;

 private:
  struct ToolBlock {
    int index = 0;  // Among the tool requests.
    bool has_arguments = false;
  };
  // A block of a kind that isn't known, until its end.
  struct OtherBlock {
    json::object block;
    std::string json;  // The pieces of its input.
    json::array deltas;
  };

  absl::Status ReadBody(const json::value& value, std::string_view text) override;
  absl::Status ReadData(const std::string& event_type, const json::value& value,
                        std::string_view text) override;
  absl::Status ReadDone() override;
  bool IsWhole() const override { return stopped_ && tools_.empty() && others_.empty(); }

  void ReadMessage(const json::object& message);
  absl::Status ReadStopReason(const json::object& from);
  void ReadInputUsage(const json::object& usage);
  void ReadOutputUsage(const json::object& usage);
  void BeginBlock(int64_t index, const json::object& block);
  void BeginTool(int64_t index, const json::object& block);
  void ReadDelta(int64_t index, const json::object& delta);
  void EndBlock(int64_t index);

  InputCounts counts_;
  std::map<int64_t, ToolBlock> tools_;    // Open ones, by the index of their block.
  std::map<int64_t, OtherBlock> others_;  // The same.
  int tool_count_ = 0;
  bool has_message_ = false;
  bool stopped_ = false;  // A stop_reason was given.
};

absl::Status AnthropicAnswer::ReadBody(const json::value& value, std::string_view text) {
  const json::object* message = value.if_object();
  const json::array* content = message == nullptr ? nullptr : ArrayOf(*message, "content");
  if (content == nullptr || FieldOf(*message, "error") != nullptr) {
    if (const std::optional<ApiError> error = FindApiError(value)) return StatusOfApiError(*error);
  }
  if (content == nullptr) return Malformed("answers without content", text);
  ReadMessage(*message);
  if (const json::object* usage = ObjectOf(*message, "usage")) ReadOutputUsage(*usage);
  for (size_t i = 0; i < content->size(); ++i) {
    if (!(*content)[i].is_object()) return Malformed("has content that is not an object", text);
    BeginBlock(static_cast<int64_t>(i), (*content)[i].get_object());
    EndBlock(static_cast<int64_t>(i));
  }
  return ReadStopReason(*message);
}

// Events of types that are not known are passed over, as the API's documentation asks
// of its clients; but an error is one whatever it is called.
absl::Status AnthropicAnswer::ReadData(const std::string& event_type, const json::value& value,
                                       std::string_view) {
  const json::object& object = value.get_object();
  std::string type = TextOf(object, "type");
  if (type.empty()) type = event_type;
  const json::object empty;
  const auto member = [&](std::string_view key) -> const json::object& {
    const json::object* found = ObjectOf(object, key);
    return found == nullptr ? empty : *found;
  };
  const int64_t index = CountOf(object, "index").value_or(0);
  if (type == "error" || FieldOf(object, "error") != nullptr) {
    return StatusOfApiError(FindApiError(value).value_or(ApiError{}));
  }
  if (type == "message_start") {
    ReadMessage(member("message"));
  } else if (type == "content_block_start") {
    EndBlock(index);  // Of a server that doesn't count, or doesn't end its blocks.
    BeginBlock(index, member("content_block"));
  } else if (type == "content_block_delta") {
    ReadDelta(index, member("delta"));
  } else if (type == "content_block_stop") {
    EndBlock(index);
  } else if (type == "message_delta") {
    ReadInputUsage(member("usage"));
    ReadOutputUsage(member("usage"));
    return ReadStopReason(member("delta"));
  } else if (type == "message_stop") {
    return ReadDone();
  } else if (type != "ping") {
    Note(fmt::format("sent an event of the type \"{}\", which isn't known here", type));
  }
  return absl::OkStatus();
}

absl::Status AnthropicAnswer::ReadDone() {
  if (!has_message_) return Malformed("ends its stream without a message");
  done_ = true;
  return absl::OkStatus();
}

void AnthropicAnswer::ReadMessage(const json::object& message) {
  has_message_ = true;
  metadata_.set_provider_id(TextOf(message, "id"));
  metadata_.set_provider_model(TextOf(message, "model"));
  if (const json::object* usage = ObjectOf(message, "usage")) ReadInputUsage(*usage);
}

absl::Status AnthropicAnswer::ReadStopReason(const json::object& from) {
  const std::string word = TextOf(from, "stop_reason");
  if (word.empty()) return absl::OkStatus();
  stopped_ = true;
  v1::StopReason reason = StopReasonOf(word);
  // Who asks for a tool waits for its answer, whatever the word.
  if (reason == v1::STOP_REASON_END && tool_count_ > 0) reason = v1::STOP_REASON_TOOL;
  return SetStopReason(word, reason);
}

// The API counts cached tokens beside input_tokens, our Usage within.
void AnthropicAnswer::ReadInputUsage(const json::object& from) {
  Take(from, "input_tokens", &counts_.input);
  Take(from, "cache_creation_input_tokens", &counts_.written);
  Take(from, "cache_read_input_tokens", &counts_.read);
  if (!counts_.input) return;
  v1::Usage* usage = metadata_.mutable_usage();
  usage->set_input_tokens(*counts_.input + counts_.written.value_or(0) + counts_.read.value_or(0));
  if (counts_.written) usage->set_cache_write_tokens(*counts_.written);
  if (counts_.read) usage->set_cached_input_tokens(*counts_.read);
}

// message_start tells a count too, of what had been made by then; an answer
// that breaks off after it has an unknown one.
void AnthropicAnswer::ReadOutputUsage(const json::object& from) {
  const auto output = CountOf(from, "output_tokens");
  const bool is_known = metadata_.usage().has_output_tokens();
  if (output && (*output > 0 || !is_known)) metadata_.mutable_usage()->set_output_tokens(*output);
}

void AnthropicAnswer::BeginBlock(int64_t index, const json::object& block) {
  const std::string type = TextOf(block, "type");
  if (type == "text") {
    AddText(TextOf(block, "text"));
    if (const json::array* citations = ArrayOf(block, "citations");
        citations != nullptr && !citations->empty()) {
      AddOther("citations", json::object{{"citations", *citations}});
    }
  } else if (type == "thinking") {
    AddReasoning(TextOf(block, "thinking"), TextOf(block, "signature"));
  } else if (type == "redacted_thinking") {
    AddReasoning("", std::string(kRedactedReasoning) + TextOf(block, "data"));
  } else if (type == "tool_use") {
    BeginTool(index, block);
  } else {
    others_[index].block = block;
  }
}

void AnthropicAnswer::BeginTool(int64_t index, const json::object& block) {
  ToolBlock& tool = tools_[index];
  tool.index = tool_count_++;
  const json::value* input = FieldOf(block, "input");
  // A stream begins with an empty input, whatever it is going to be.
  const bool is_empty = input == nullptr || *input == json::value(json::object()) ||
                        *input == json::value(json::string());
  tool.has_arguments = !is_empty;
  std::string arguments;
  if (!is_empty) arguments = input->is_string() ? TextOf(block, "input") : WriteJson(*input);
  AddToolRequest(tool.index, TextOf(block, "id"), TextOf(block, "name"), std::move(arguments));
}

void AnthropicAnswer::ReadDelta(int64_t index, const json::object& delta) {
  const std::string type = TextOf(delta, "type");
  const auto tool = tools_.find(index);
  const auto other = others_.find(index);
  if (other != others_.end()) {
    if (type == "input_json_delta") {
      other->second.json += TextOf(delta, "partial_json");
    } else {
      other->second.deltas.push_back(delta);
    }
  } else if (type == "text_delta") {
    AddText(TextOf(delta, "text"));
  } else if (type == "thinking_delta") {
    AddReasoning(TextOf(delta, "thinking"));
  } else if (type == "signature_delta") {
    AddReasoning("", TextOf(delta, "signature"));
  } else if (type == "input_json_delta" && tool != tools_.end()) {
    std::string arguments = TextOf(delta, "partial_json");
    if (arguments.empty()) return;
    tool->second.has_arguments = true;
    AddToolRequest(tool->second.index, "", "", std::move(arguments));
  } else {
    AddOther(type, delta);
  }
}

void AnthropicAnswer::EndBlock(int64_t index) {
  if (const auto tool = tools_.find(index); tool != tools_.end()) {
    if (!tool->second.has_arguments) AddToolRequest(tool->second.index, "", "", "{}");
    tools_.erase(tool);
  }
  if (const auto other = others_.find(index); other != others_.end()) {
    json::object block = std::move(other->second.block);
    if (!other->second.json.empty()) {
      absl::StatusOr<json::value> input = ParseJson(other->second.json);
      block["input"] = input.ok() ? *std::move(input) : json::value(JsonText(other->second.json));
    }
    if (!other->second.deltas.empty()) block["deltas"] = std::move(other->second.deltas);
    others_.erase(other);
    AddOther(TextOf(block, "type"), block);
  }
}

// What was cut is kept as far as it came; the arguments of a tool came as pieces.
void AnthropicAnswer::Close() {
  tools_.clear();
  while (!others_.empty()) EndBlock(others_.begin()->first);
}

}  // namespace

std::unique_ptr<AnswerParser> AnthropicFormat::NewAnswer() const {
  return std::make_unique<AnthropicAnswer>();
}

}  // namespace colophon
