#include "service/provider/wire_format.h"

#include <utility>

#include "fmt/format.h"

namespace colophon {

absl::StatusOr<json::value> AnswerParser::ParseAnswer(std::string_view text) {
  absl::StatusOr<json::value> value = ParseJson(text);
  if (value.ok()) return value;
  const std::optional<std::string> marked = MarkHalves(text);
  return marked ? ParseJson(*marked) : value;
}

void AnswerParser::AddText(std::string text) {
  text = halves_.Join("text", std::move(text));
  if (text.empty()) return;
  pieces_.emplace_back().set_text(std::move(text));
}

void AnswerParser::AddReasoning(std::string text, std::string signature) {
  text = halves_.Join("reasoning", std::move(text));
  if (text.empty() && signature.empty()) return;
  v1::Reasoning* reasoning = pieces_.emplace_back().mutable_reasoning();
  reasoning->set_text(std::move(text));
  reasoning->set_signature(std::move(signature));
}

void AnswerParser::AddToolRequest(int index, std::string id, std::string name,
                                  std::string arguments) {
  arguments = halves_.Join(fmt::format("arguments {}", index), std::move(arguments));
  if (id.empty() && name.empty() && arguments.empty()) return;
  v1::ToolRequestPiece* request = pieces_.emplace_back().mutable_tool_request();
  request->set_index(index);
  request->set_id(std::move(id));
  request->set_name(std::move(name));
  request->set_arguments(std::move(arguments));
}

}  // namespace colophon
