#include "service/shape/anthropic_messages.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "service/base/reasoning.h"
#include "service/shape/answer.h"
#include "service/shape/error_body.h"
#include "service/shape/fields.h"

namespace colophon::shape {
namespace {

std::string StopReasonOf(const v1::Completion& completion) {
  switch (completion.stop_reason()) {
    case v1::STOP_REASON_LENGTH:
      return "max_tokens";
    case v1::STOP_REASON_TOOL:
      return "tool_use";
    case v1::STOP_REASON_STOP_SEQUENCE:
      return "stop_sequence";
    case v1::STOP_REASON_FILTER:
      return "refusal";
    case v1::STOP_REASON_OTHER:
      return completion.provider_stop_reason();
    default:
      return "end_turn";
  }
}

// What isn't known is left out. Tokens of the cache are not among the input's there.
json::object UsageOf(const v1::Usage& usage) {
  json::object object;
  if (usage.has_input_tokens()) {
    const int64_t cached = usage.cached_input_tokens() + usage.cache_write_tokens();
    object["input_tokens"] = std::max<int64_t>(0, usage.input_tokens() - cached);
  }
  if (usage.has_output_tokens()) object["output_tokens"] = usage.output_tokens();
  if (usage.has_cached_input_tokens()) {
    object["cache_read_input_tokens"] = usage.cached_input_tokens();
  }
  if (usage.has_cache_write_tokens()) {
    object["cache_creation_input_tokens"] = usage.cache_write_tokens();
  }
  return object;
}

json::object ThinkingBlock(const v1::Reasoning& reasoning) {
  const std::string& signature = reasoning.signature();
  if (signature.starts_with(kRedactedReasoning)) {
    return {{"type", "redacted_thinking"}, {"data", signature.substr(kRedactedReasoning.size())}};
  }
  return {{"type", "thinking"}, {"thinking", reasoning.text()}, {"signature", signature}};
}

// Arguments are an object there. What a model wrote that is none is kept as its text.
json::object InputOf(const std::string& arguments) {
  if (arguments.empty()) return {};
  absl::StatusOr<json::value> value = ParseJson(arguments);
  if (value.ok() && value->is_object()) return std::move(value->get_object());
  return {{"arguments", arguments}};
}

json::array ContentOf(const v1::Message& message) {
  json::array content;
  for (const v1::Part& part : message.parts()) {
    if (part.has_text()) {
      content.push_back({{"type", "text"}, {"text", part.text()}});
    } else if (part.has_reasoning()) {
      content.push_back(ThinkingBlock(part.reasoning()));
    } else if (part.has_tool_request()) {
      const v1::ToolRequest& request = part.tool_request();
      content.push_back({{"type", "tool_use"},
                         {"id", request.id()},
                         {"name", request.name()},
                         {"input", InputOf(request.arguments())}});
    }
  }
  return content;
}

json::object MessageOf(const std::string& record, const std::string& version) {
  return {{"id", record}, {"type", "message"}, {"role", "assistant"}, {"model", version}};
}

std::string Event(const char* type, json::object members) {
  members["type"] = type;
  return ServerSentEvent(type, WriteJson(members));
}

// The content blocks of a stream, each begun, added to and ended.
class Blocks {
 public:
  std::string Add(const v1::Piece& piece) {
    if (piece.has_text()) return AddText(piece.text());
    if (piece.has_reasoning()) return AddReasoning(piece.reasoning());
    if (piece.has_tool_request()) return AddTool(piece.tool_request());
    return "";
  }

  // Ends what is open, and begins and ends what never had a name.
  std::string Finish() {
    std::string events;
    for (auto& [number, tool] : tools_) {
      if (tool.block < 0) events += Begin(&tool);
    }
    return events + Close();
  }

 private:
  enum class Kind { kNone, kText, kThinking, kTool };
  struct Tool {
    std::string id;
    std::string name;
    std::string early;  // Of its arguments, before its name was told.
    int block = -1;
  };

  int open_index() const { return count_ - 1; }

  static std::string Delta(int block, json::object delta) {
    return Event("content_block_delta", {{"index", block}, {"delta", std::move(delta)}});
  }

  std::string Open(Kind kind, json::object block) {
    if (open_ == kind && kind != Kind::kTool) return "";
    std::string events = Close();
    open_ = kind;
    return events +
           Event("content_block_start", {{"index", count_++}, {"content_block", std::move(block)}});
  }

  std::string Close() {
    if (std::exchange(open_, Kind::kNone) == Kind::kNone) return "";
    return Event("content_block_stop", {{"index", open_index()}});
  }

  std::string AddText(const std::string& text) {
    std::string events = Open(Kind::kText, {{"type", "text"}, {"text", ""}});
    return events + Delta(open_index(), {{"type", "text_delta"}, {"text", text}});
  }

  std::string AddReasoning(const v1::Reasoning& reasoning) {
    if (reasoning.signature().starts_with(kRedactedReasoning)) {
      std::string events = Close();
      events += Open(Kind::kThinking, ThinkingBlock(reasoning));
      return events + Close();
    }
    std::string events =
        Open(Kind::kThinking, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
    if (!reasoning.text().empty()) {
      events += Delta(open_index(), {{"type", "thinking_delta"}, {"thinking", reasoning.text()}});
    }
    if (!reasoning.signature().empty()) {
      events +=
          Delta(open_index(), {{"type", "signature_delta"}, {"signature", reasoning.signature()}});
    }
    return events;
  }

  std::string AddTool(const v1::ToolRequestPiece& piece) {
    Tool& tool = tools_[piece.index()];
    if (!piece.id().empty()) tool.id = piece.id();
    tool.name += piece.name();
    std::string events;
    if (tool.block < 0) {
      tool.early += piece.arguments();
      return tool.name.empty() ? "" : Begin(&tool);
    }
    if (piece.arguments().empty()) return "";
    return Delta(tool.block, {{"type", "input_json_delta"}, {"partial_json", piece.arguments()}});
  }

  std::string Begin(Tool* tool) {
    std::string events = Open(
        Kind::kTool,
        {{"type", "tool_use"}, {"id", tool->id}, {"name", tool->name}, {"input", json::object()}});
    tool->block = open_index();
    if (tool->early.empty()) return events;
    return events + Delta(tool->block, {{"type", "input_json_delta"},
                                        {"partial_json", std::exchange(tool->early, {})}});
  }

  Kind open_ = Kind::kNone;
  int count_ = 0;
  std::map<int, Tool> tools_;  // By their number in the answer.
};

class AnthropicMessages final : public Shape {
 public:
  AnthropicMessages(Request request, bool is_stream)
      : request_(std::move(request)), is_stream_(is_stream) {}

  bool is_stream() const override { return is_stream_; }

  absl::Status Read(v1::CompleteRequest* call) override {
    absl::Status read = ReadMessagesRequest(request_, call);
    request_ = {};
    return read;
  }

  std::string WriteAnswer(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    json::object answer = MessageOf(response.record(), response.version());
    answer["content"] = ContentOf(completion.message());
    answer["stop_reason"] = StopReasonOf(completion);
    answer["stop_sequence"] = nullptr;
    if (json::object usage = UsageOf(completion.usage()); !usage.empty()) {
      answer["usage"] = std::move(usage);
    }
    answer["colophon"] = Colophon(response);
    return WriteJson(answer);
  }

  // With the first piece, so that a call that fails before it fails as a whole.
  std::string WriteStart(const v1::StreamStart& start) override {
    json::object message = MessageOf(start.record(), start.version());
    message["content"] = json::array();
    message["stop_reason"] = nullptr;
    message["stop_sequence"] = nullptr;
    // The API has numbers here, which message_delta puts right.
    message["usage"] = {{"input_tokens", 0}, {"output_tokens", 0}};
    start_ = Event("message_start", {{"message", std::move(message)}});
    return "";
  }

  std::string WritePiece(const v1::Piece& piece) override {
    const std::string events = blocks_.Add(piece);
    return events.empty() ? "" : std::exchange(start_, {}) + events;
  }

  std::string WriteLast(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    std::string events = std::exchange(start_, {}) + blocks_.Finish();
    events +=
        Event("message_delta",
              {{"delta", {{"stop_reason", StopReasonOf(completion)}, {"stop_sequence", nullptr}}},
               {"usage", UsageOf(completion.usage())},
               {"colophon", Colophon(response)}});
    return events + Event("message_stop", {});
  }

  std::string WriteFailure(const absl::Status& status) override {
    return ServerSentEvent("error", WriteError(Api::kAnthropic, status));
  }

 private:
  Request request_;
  const bool is_stream_;
  std::string start_;  // Until it is sent.
  Blocks blocks_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Shape>> NewAnthropicMessages(Request request) {
  Fields body(request.body, "");
  ASSIGN_OR_RETURN(const std::optional<bool> is_stream, body.Flag("stream"));
  return std::make_unique<AnthropicMessages>(std::move(request), is_stream.value_or(false));
}

}  // namespace colophon::shape
