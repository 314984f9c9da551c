#include "tests/testing/model_wire.h"

#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

std::string Quoted(std::string_view text) {
  return WriteJson(json::value(json::string(text.data(), text.size())));
}

std::string Join(const std::vector<std::string>& pieces) {
  std::string out;
  for (const std::string& piece : pieces) out += piece;
  return out;
}

std::string OpenAiChunkJson(std::string_view choices, std::string_view usage) {
  return fmt::format(
      R"({{"id":"chatcmpl-9xyz","object":"chat.completion.chunk","created":1721000000,)"
      R"("model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_1","choices":[{}],"usage":{}}})",
      choices, usage);
}

constexpr std::string_view kOpenAiUsage =
    R"({"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,)"
    R"("prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":0}})";

}  // namespace

std::string HttpMessage(int status, std::string_view body, const HeaderList& headers) {
  std::string out = fmt::format("HTTP/1.1 {} Status\r\n", status);
  for (const std::string& header : headers) out += header + "\r\n";
  return out + fmt::format("content-length: {}\r\n\r\n{}", body.size(), body);
}

std::string HttpChunkedHead(const HeaderList& headers) {
  std::string out = "HTTP/1.1 200 OK\r\n";
  for (const std::string& header : headers) out += header + "\r\n";
  return out + "transfer-encoding: chunked\r\n\r\n";
}

std::string HttpChunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string HttpChunkEnd() { return "0\r\n\r\n"; }

ModelAnswer BytesAnswer(std::string bytes) { return ModelAnswer().Send(std::move(bytes)); }

ModelAnswer HttpAnswer(int status, std::string_view body, const HeaderList& headers) {
  return BytesAnswer(HttpMessage(status, body, headers));
}

ModelAnswer JsonAnswer(int status, std::string_view body, HeaderList headers) {
  headers.push_back("content-type: application/json");
  return HttpAnswer(status, body, headers);
}

ModelAnswer StreamAnswer(const std::vector<std::string>& events) {
  ModelAnswer answer;
  answer.Send(HttpChunkedHead());
  for (const std::string& event : events) answer.Send(HttpChunk(event));
  return answer.Send(HttpChunkEnd());
}

std::string OpenAiBody(std::string_view text) {
  return fmt::format(
      R"({{"id":"chatcmpl-9xyz","object":"chat.completion","created":1721000000,)"
      R"("model":"gpt-4o-mini-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant",)"
      R"("content":{},"refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{}}})",
      Quoted(text), kOpenAiUsage);
}

std::string Event(std::string_view data) { return fmt::format("data: {}\n\n", data); }

std::string Event(std::string_view type, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", type, data);
}

std::string OpenAiTextEvent(std::string_view text) {
  return Event(OpenAiChunkJson(
      fmt::format(R"({{"index":0,"delta":{{"content":{}}},"logprobs":null,"finish_reason":null}})",
                  Quoted(text)),
      "null"));
}

std::vector<std::string> OpenAiEvents(const std::vector<std::string>& pieces) {
  std::vector<std::string> events = {Event(OpenAiChunkJson(
      R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})", "null"))};
  for (const std::string& piece : pieces) events.push_back(OpenAiTextEvent(piece));
  events.push_back(
      Event(OpenAiChunkJson(R"({"index":0,"delta":{},"finish_reason":"stop"})", "null")));
  events.push_back(Event(OpenAiChunkJson("", kOpenAiUsage)));
  events.push_back(Event("[DONE]"));
  return events;
}

std::string AnthropicBody(std::string_view text) {
  return fmt::format(
      R"({{"id":"msg_013Zva","type":"message","role":"assistant","model":"claude-sonnet-4-20250514",)"
      R"("content":[{{"type":"text","text":{}}}],"stop_reason":"end_turn","stop_sequence":null,)"
      R"("usage":{{"input_tokens":4,"cache_creation_input_tokens":2,"cache_read_input_tokens":6,)"
      R"("output_tokens":5}}}})",
      Quoted(text));
}

std::string AnthropicTextEvent(std::string_view text) {
  return Event("content_block_delta", fmt::format(R"({{"type":"content_block_delta","index":0,)"
                                                  R"("delta":{{"type":"text_delta","text":{}}}}})",
                                                  Quoted(text)));
}

std::vector<std::string> AnthropicEvents(const std::vector<std::string>& pieces) {
  std::vector<std::string> events = {
      Event("message_start",
            R"({"type":"message_start","message":{"id":"msg_013Zva","type":"message",)"
            R"("role":"assistant","model":"claude-sonnet-4-20250514","content":[],)"
            R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":4,)"
            R"("cache_creation_input_tokens":2,"cache_read_input_tokens":6,"output_tokens":1}}})"),
      Event(
          "content_block_start",
          R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
      Event("ping", R"({"type":"ping"})")};
  for (const std::string& piece : pieces) events.push_back(AnthropicTextEvent(piece));
  events.push_back(Event("content_block_stop", R"({"type":"content_block_stop","index":0})"));
  events.push_back(Event("message_delta",
                         R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                         R"("stop_sequence":null},"usage":{"output_tokens":5}})"));
  events.push_back(Event("message_stop", R"({"type":"message_stop"})"));
  return events;
}

ModelAnswer OpenAiAnswer(std::string_view text) { return JsonAnswer(200, OpenAiBody(text)); }
ModelAnswer OpenAiStream(const std::vector<std::string>& pieces) {
  return StreamAnswer(OpenAiEvents(pieces));
}
ModelAnswer AnthropicAnswer(std::string_view text) { return JsonAnswer(200, AnthropicBody(text)); }
ModelAnswer AnthropicStream(const std::vector<std::string>& pieces) {
  return StreamAnswer(AnthropicEvents(pieces));
}

ModelAnswer OpenAiAnswerTo(const ModelRequest& request, const std::vector<std::string>& pieces) {
  const absl::StatusOr<json::value> body = ParseJson(request.body);
  const json::value* stream =
      body.ok() && body->is_object() ? body->get_object().if_contains("stream") : nullptr;
  const bool streams = stream != nullptr && stream->is_bool() && stream->get_bool();
  return streams ? OpenAiStream(pieces) : OpenAiAnswer(Join(pieces));
}

}  // namespace colophon
