#include "service/shape/openai_chat.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/base/message_parts.h"
#include "service/shape/answer.h"
#include "service/shape/error_body.h"

namespace colophon::shape {
namespace {

std::string_view FinishReasonOf(v1::StopReason reason) {
  switch (reason) {
    case v1::STOP_REASON_LENGTH:
      return "length";
    case v1::STOP_REASON_TOOL:
      return "tool_calls";
    case v1::STOP_REASON_FILTER:
      return "content_filter";
    default:
      return "stop";
  }
}

json::string_view Text(std::string_view text) { return {text.data(), text.size()}; }

// What isn't known is left out. Null: nothing is.
json::value UsageOf(const v1::Usage& usage) {
  json::object object;
  if (usage.has_input_tokens()) object["prompt_tokens"] = usage.input_tokens();
  if (usage.has_output_tokens()) object["completion_tokens"] = usage.output_tokens();
  if (object.empty()) return nullptr;
  if (object.size() == 2) object["total_tokens"] = usage.input_tokens() + usage.output_tokens();
  if (usage.has_cached_input_tokens()) {
    object["prompt_tokens_details"] = {{"cached_tokens", usage.cached_input_tokens()}};
  }
  if (usage.has_reasoning_tokens()) {
    object["completion_tokens_details"] = {{"reasoning_tokens", usage.reasoning_tokens()}};
  }
  return object;
}

json::object MessageOf(const v1::Message& message) {
  json::object object{{"role", "assistant"}};
  const std::string text = TextOfParts(message);
  json::array calls;
  for (const v1::Part& part : message.parts()) {
    if (!part.has_tool_request()) continue;
    const v1::ToolRequest& request = part.tool_request();
    calls.push_back({{"id", request.id()},
                     {"type", "function"},
                     {"function", {{"name", request.name()}, {"arguments", request.arguments()}}}});
  }
  object["content"] = text.empty() && !calls.empty() ? json::value(nullptr) : json::value(text);
  object["refusal"] = nullptr;
  if (std::string reasoning = ReasoningOfParts(message); !reasoning.empty()) {
    object["reasoning_content"] = std::move(reasoning);
  }
  if (!calls.empty()) object["tool_calls"] = std::move(calls);
  return object;
}

json::object DeltaOf(const v1::Piece& piece) {
  switch (piece.piece_case()) {
    case v1::Piece::kText:
      return {{"content", piece.text()}};
    case v1::Piece::kReasoning:
      if (piece.reasoning().text().empty()) return {};
      return {{"reasoning_content", piece.reasoning().text()}};
    case v1::Piece::kToolRequest: {
      const v1::ToolRequestPiece& request = piece.tool_request();
      json::object function;
      if (!request.name().empty()) function["name"] = request.name();
      function["arguments"] = request.arguments();
      json::object call{{"index", request.index()}};
      if (!request.id().empty()) {
        call["id"] = request.id();
        call["type"] = "function";
      }
      call["function"] = std::move(function);
      return {{"tool_calls", json::array{std::move(call)}}};
    }
    case v1::Piece::kOther:
    case v1::Piece::PIECE_NOT_SET:
      break;
  }
  return {};
}

class OpenAiChat final : public Shape {
 public:
  OpenAiChat(Request request, ChatStream stream) : request_(std::move(request)), stream_(stream) {}

  bool is_stream() const override { return stream_.is_wanted; }

  absl::Status Read(v1::CompleteRequest* call) override {
    absl::Status read = ReadChatRequest(request_, call);
    request_ = {};
    return read;
  }

  std::string WriteAnswer(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    json::object choice{{"index", 0},
                        {"message", MessageOf(completion.message())},
                        {"logprobs", nullptr},
                        {"finish_reason", Text(FinishReasonOf(completion.stop_reason()))}};
    json::object answer{{"id", response.record()},
                        {"object", "chat.completion"},
                        {"created", SecondsOfRecord(response.record())},
                        {"model", response.version()},
                        {"choices", json::array{std::move(choice)}}};
    if (json::value usage = UsageOf(completion.usage()); !usage.is_null()) {
      answer["usage"] = std::move(usage);
    }
    answer["colophon"] = Colophon(response);
    return WriteJson(answer);
  }

  std::string WriteStart(const v1::StreamStart& start) override {
    const json::object head{{"id", start.record()},
                            {"object", "chat.completion.chunk"},
                            {"created", SecondsOfRecord(start.record())},
                            {"model", start.version()}};
    head_ = WriteJson(head);
    head_.pop_back();  // The rest of the object follows.
    return "";
  }

  std::string WritePiece(const v1::Piece& piece) override {
    json::object delta = DeltaOf(piece);
    return delta.empty() ? "" : Chunk(std::move(delta), "null");
  }

  std::string WriteLast(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    std::string events = Chunk({}, fmt::format("\"{}\"", FinishReasonOf(completion.stop_reason())),
                               fmt::format(",\"colophon\":{}", WriteJson(Colophon(response))));
    if (stream_.include_usage) {
      events += ServerSentEvent("", fmt::format("{},\"choices\":[],\"usage\":{}}}", head_,
                                                WriteJson(UsageOf(completion.usage()))));
    }
    return events + ServerSentEvent("", "[DONE]");
  }

  std::string WriteFailure(const absl::Status& status) override {
    return ServerSentEvent("", WriteError(Api::kOpenAi, status));
  }

 private:
  std::string Chunk(json::object delta, std::string_view finish_reason,
                    std::string_view more = "") {
    if (!std::exchange(has_begun_, true)) {
      delta["role"] = "assistant";
      delta.emplace("content", "");
    }
    return ServerSentEvent(
        "", fmt::format("{},\"choices\":[{{\"index\":0,\"delta\":{},\"logprobs\":null,"
                        "\"finish_reason\":{}}}]{}{}}}",
                        head_, WriteJson(delta), finish_reason,
                        stream_.include_usage ? ",\"usage\":null" : "", more));
  }

  Request request_;
  const ChatStream stream_;
  std::string head_;  // Of every chunk: {"id":…,"model":…
  bool has_begun_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Shape>> NewOpenAiChat(Request request) {
  ASSIGN_OR_RETURN(const ChatStream stream, ReadChatStream(request.body));
  return std::make_unique<OpenAiChat>(std::move(request), stream);
}

}  // namespace colophon::shape
