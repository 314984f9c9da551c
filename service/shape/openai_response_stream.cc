#include "service/shape/openai_response_stream.h"

#include <utility>

#include "service/shape/answer.h"
#include "service/shape/openai_response.h"

namespace colophon::shape {
namespace {

json::object SummaryOf(const std::string& text) {
  return {{"type", "summary_text"}, {"text", text}};
}

}  // namespace

std::string ResponseEvents::Write(std::string_view type, json::object members) {
  members["type"] = json::string_view(type.data(), type.size());
  members["sequence_number"] = next_++;
  return ServerSentEvent(type, WriteJson(members));
}

std::string ResponseItems::Add(const v1::Piece& piece) {
  if (piece.has_text()) return AddText(piece.text());
  if (piece.has_reasoning()) return AddReasoning(piece.reasoning());
  if (piece.has_tool_request()) return AddTool(piece.tool_request());
  return "";
}

std::string ResponseItems::Finish(std::string_view status) {
  std::string events = Close(status);
  for (auto& [request, tool] : std::exchange(unnamed_, {})) {
    tools_[request] = static_cast<int>(items_.size());
    events += BeginTool(&tool);
  }
  for (Item& item : items_) {
    if (!item.is_done) events += End(&item, status);
  }
  return events;
}

json::array ResponseItems::Output() const {
  json::array output;
  for (const Item& item : items_) {
    output.push_back(ObjectOf(item, item.is_done ? item.status : "incomplete"));
  }
  return output;
}

json::object ResponseItems::ObjectOf(const Item& item, std::string_view status) const {
  switch (item.kind) {
    case Kind::kReasoning:
      return ReasoningItem(record_, item.number, item.reasoning);
    case Kind::kTool:
      return FunctionCallItem(record_, item.number, item.tool, status);
    case Kind::kText:
      break;
  }
  return MessageItem(record_, item.number, json::array{TextContent(item.text)}, status);
}

std::string ResponseItems::IdOf(const Item& item) const {
  switch (item.kind) {
    case Kind::kReasoning:
      return ItemId("rs", record_, item.number);
    case Kind::kTool:
      return ItemId("fc", record_, item.number);
    case Kind::kText:
      break;
  }
  return ItemId("msg", record_, item.number);
}

std::string ResponseItems::Write(const char* type, const Item& item, json::object members) {
  members["item_id"] = IdOf(item);
  members["output_index"] = item.number;
  return events_.Write(type, std::move(members));
}

std::string ResponseItems::AddText(const std::string& text) {
  std::string events = Open(Kind::kText);
  Item& item = items_[open_];
  item.text += text;
  return events + Write("response.output_text.delta", item,
                        {{"content_index", 0}, {"delta", text}, {"logprobs", json::array()}});
}

std::string ResponseItems::AddReasoning(const v1::Reasoning& reasoning) {
  // A signature ends a block of reasoning.
  std::string events;
  if (open_ >= 0 && !items_[open_].reasoning.signature().empty()) events = Close();
  events += Open(Kind::kReasoning);
  Item& item = items_[open_];
  item.reasoning.mutable_signature()->append(reasoning.signature());
  if (reasoning.text().empty()) return events;
  if (item.reasoning.text().empty()) {
    events += Write("response.reasoning_summary_part.added", item,
                    {{"summary_index", 0}, {"part", SummaryOf("")}});
  }
  item.reasoning.mutable_text()->append(reasoning.text());
  return events + Write("response.reasoning_summary_text.delta", item,
                        {{"summary_index", 0}, {"delta", reasoning.text()}});
}

std::string ResponseItems::AddTool(const v1::ToolRequestPiece& piece) {
  if (const auto begun = tools_.find(piece.index()); begun != tools_.end()) {
    Item& tool = items_[begun->second];
    tool.tool.mutable_arguments()->append(piece.arguments());
    if (piece.arguments().empty()) return "";
    return Write("response.function_call_arguments.delta", tool, {{"delta", piece.arguments()}});
  }
  Item& tool = unnamed_[piece.index()];
  tool.kind = Kind::kTool;
  if (!piece.id().empty()) tool.tool.set_id(piece.id());
  if (!piece.name().empty()) tool.tool.set_name(piece.name());
  tool.tool.mutable_arguments()->append(piece.arguments());
  if (tool.tool.name().empty()) return "";
  std::string events = Close();
  tools_[piece.index()] = static_cast<int>(items_.size());
  events += BeginTool(&tool);
  unnamed_.erase(piece.index());
  return events;
}

std::string ResponseItems::Open(Kind kind) {
  if (open_ >= 0 && items_[open_].kind == kind) return "";
  std::string events = Close();
  Item item;
  item.kind = kind;
  events += Begin(&item);
  open_ = item.number;
  return events;
}

std::string ResponseItems::BeginTool(Item* tool) {
  const std::string early = std::exchange(*tool->tool.mutable_arguments(), {});
  std::string events = Begin(tool);
  if (early.empty()) return events;
  Item& begun = items_[tool->number];
  begun.tool.set_arguments(early);
  return events + Write("response.function_call_arguments.delta", begun, {{"delta", early}});
}

std::string ResponseItems::Begin(Item* item) {
  item->number = static_cast<int>(items_.size());
  items_.push_back(*item);
  json::object object = ObjectOf(*item, "in_progress");
  if (item->kind == Kind::kText) object["content"] = json::array();
  std::string events = events_.Write("response.output_item.added",
                                     {{"output_index", item->number}, {"item", std::move(object)}});
  if (item->kind != Kind::kText) return events;
  return events + Write("response.content_part.added", *item,
                        {{"content_index", 0}, {"part", TextContent("")}});
}

std::string ResponseItems::Close(std::string_view status) {
  const int open = std::exchange(open_, -1);
  return open < 0 ? "" : End(&items_[open], status);
}

std::string ResponseItems::End(Item* item, std::string_view status) {
  item->is_done = true;
  item->status = status;
  std::string events;
  if (item->kind == Kind::kText) {
    events += Write("response.output_text.done", *item,
                    {{"content_index", 0}, {"text", item->text}, {"logprobs", json::array()}});
    events += Write("response.content_part.done", *item,
                    {{"content_index", 0}, {"part", TextContent(item->text)}});
  } else if (item->kind == Kind::kTool) {
    events += Write("response.function_call_arguments.done", *item,
                    {{"name", item->tool.name()}, {"arguments", item->tool.arguments()}});
  } else if (!item->reasoning.text().empty()) {
    events += Write("response.reasoning_summary_text.done", *item,
                    {{"summary_index", 0}, {"text", item->reasoning.text()}});
    events += Write("response.reasoning_summary_part.done", *item,
                    {{"summary_index", 0}, {"part", SummaryOf(item->reasoning.text())}});
  }
  return events + events_.Write("response.output_item.done", {{"output_index", item->number},
                                                              {"item", ObjectOf(*item, status)}});
}

}  // namespace colophon::shape
