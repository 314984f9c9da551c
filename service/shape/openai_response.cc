#include "service/shape/openai_response.h"

#include <utility>

#include "fmt/format.h"
#include "service/shape/answer.h"

namespace colophon::shape {
namespace {

json::string_view Text(std::string_view text) { return {text.data(), text.size()}; }

// Null: nothing is known.
json::value UsageOf(const v1::Usage& usage) {
  json::object object;
  if (usage.has_input_tokens()) object["input_tokens"] = usage.input_tokens();
  if (usage.has_output_tokens()) object["output_tokens"] = usage.output_tokens();
  if (object.empty()) return nullptr;
  if (object.size() == 2) object["total_tokens"] = usage.input_tokens() + usage.output_tokens();
  if (usage.has_cached_input_tokens()) {
    object["input_tokens_details"] = {{"cached_tokens", usage.cached_input_tokens()}};
  }
  if (usage.has_reasoning_tokens()) {
    object["output_tokens_details"] = {{"reasoning_tokens", usage.reasoning_tokens()}};
  }
  return object;
}

}  // namespace

std::string_view ResponseStatusOf(v1::StopReason reason) {
  const bool is_cut = reason == v1::STOP_REASON_LENGTH || reason == v1::STOP_REASON_FILTER;
  return is_cut ? "incomplete" : "completed";
}

std::string ItemId(std::string_view kind, std::string_view record, int number) {
  return fmt::format("{}_{}_{}", kind, record, number);
}

json::object MessageItem(std::string_view record, int number, json::array content,
                         std::string_view status) {
  return {{"id", ItemId("msg", record, number)},
          {"type", "message"},
          {"status", Text(status)},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

json::object TextContent(std::string_view text) {
  return {{"type", "output_text"},
          {"text", Text(text)},
          {"annotations", json::array()},
          {"logprobs", json::array()}};
}

json::object ReasoningItem(std::string_view record, int number, const v1::Reasoning& reasoning) {
  json::array summary;
  if (!reasoning.text().empty()) {
    summary.push_back({{"type", "summary_text"}, {"text", reasoning.text()}});
  }
  json::object item{
      {"id", ItemId("rs", record, number)}, {"type", "reasoning"}, {"summary", std::move(summary)}};
  // What is sent back unchanged is called so there.
  if (!reasoning.signature().empty()) item["encrypted_content"] = reasoning.signature();
  return item;
}

json::object FunctionCallItem(std::string_view record, int number, const v1::ToolRequest& request,
                              std::string_view status) {
  return {{"id", ItemId("fc", record, number)},
          {"type", "function_call"},
          {"status", Text(status)},
          {"call_id", request.id()},
          {"name", request.name()},
          {"arguments", request.arguments()}};
}

json::array OutputOf(std::string_view record, const v1::Message& message, std::string_view last) {
  json::array output;
  bool is_after_text = false;
  for (const v1::Part& part : message.parts()) {
    const int number = static_cast<int>(output.size());
    if (part.has_text() && is_after_text) {
      output.back().at("content").get_array().push_back(TextContent(part.text()));
      continue;
    }
    if (part.has_text()) {
      output.push_back(
          MessageItem(record, number, json::array{TextContent(part.text())}, "completed"));
    } else if (part.has_reasoning()) {
      output.push_back(ReasoningItem(record, number, part.reasoning()));
    } else if (part.has_tool_request()) {
      output.push_back(FunctionCallItem(record, number, part.tool_request(), "completed"));
    } else {
      continue;  // Stands beside the output: "colophon".
    }
    is_after_text = part.has_text();
  }
  if (!output.empty() && output.back().as_object().contains("status")) {
    output.back().as_object()["status"] = Text(last);
  }
  return output;
}

json::object EchoOf(const json::object& body) {
  // What SDKs read without looking whether it is there.
  json::object echo{{"instructions", nullptr},
                    {"max_output_tokens", nullptr},
                    {"metadata", json::object()},
                    {"parallel_tool_calls", true},
                    {"previous_response_id", nullptr},
                    {"temperature", nullptr},
                    {"tool_choice", "auto"},
                    {"tools", json::array()},
                    {"top_p", nullptr}};
  for (const char* const key :
       {"instructions", "max_output_tokens", "metadata", "parallel_tool_calls",
        "previous_response_id", "prompt", "reasoning", "store", "temperature", "text",
        "tool_choice", "tools", "top_p", "user"}) {
    const json::value* const value = body.if_contains(key);
    if (value != nullptr && !value->is_null()) echo[key] = *value;
  }
  return echo;
}

json::object NewResponse(const std::string& record, const std::string& version,
                         const json::object& echo) {
  json::object response{{"id", record},
                        {"object", "response"},
                        {"created_at", SecondsOfRecord(record)},
                        {"status", "in_progress"},
                        {"error", nullptr},
                        {"incomplete_details", nullptr},
                        {"model", version},
                        {"output", json::array()},
                        {"usage", nullptr}};
  for (const auto& member : echo) response[member.key()] = member.value();
  return response;
}

void EndResponse(const v1::Completion& completion, json::array output, json::object* response) {
  const v1::StopReason reason = completion.stop_reason();
  (*response)["status"] = Text(ResponseStatusOf(reason));
  if (reason == v1::STOP_REASON_LENGTH) {
    (*response)["incomplete_details"] = {{"reason", "max_output_tokens"}};
  } else if (reason == v1::STOP_REASON_FILTER) {
    (*response)["incomplete_details"] = {{"reason", "content_filter"}};
  }
  (*response)["output"] = std::move(output);
  (*response)["usage"] = UsageOf(completion.usage());
}

void FailResponse(std::string_view reason, std::string_view message, json::array output,
                  json::object* response) {
  (*response)["status"] = "failed";
  (*response)["error"] = {{"code", Text(reason)}, {"message", Text(message)}};
  (*response)["output"] = std::move(output);
}

}  // namespace colophon::shape
