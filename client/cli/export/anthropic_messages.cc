#include "client/cli/export/formats.h"
#include "client/cli/export/usable.h"

namespace colophon {
namespace {

absl::StatusOr<json::object> BlockOf(const v1::Part& part) {
  switch (part.part_case()) {
    case v1::Part::kText:
      if (part.text().empty()) return json::object();
      return json::object{{"type", "text"}, {"text", part.text()}};
    case v1::Part::kMedia: {
      ASSIGN_OR_RETURN(const ImageSource image, ImageOf(part.media()));
      json::object source{{"type", "url"}, {"url", image.url}};
      if (image.url.empty()) {
        source = {{"type", "base64"}, {"media_type", image.content_type}, {"data", image.base64}};
      }
      return json::object{{"type", "image"}, {"source", std::move(source)}};
    }
    case v1::Part::kToolRequest: {
      const absl::StatusOr<json::value> input = ParseJson(part.tool_request().arguments());
      return json::object{
          {"type", "tool_use"},
          {"id", part.tool_request().id()},
          {"name", part.tool_request().name()},
          {"input", input.ok() && input->is_object() ? *input : json::value(json::object())}};
    }
    case v1::Part::kToolResponse: {
      json::object block{{"type", "tool_result"},
                         {"tool_use_id", part.tool_response().id()},
                         {"content", part.tool_response().output()}};
      if (part.tool_response().is_error()) block["is_error"] = true;
      return block;
    }
    case v1::Part::kSection:
      return NoPlaceFor("a section that the app fills in");
    case v1::Part::kReasoning:
    case v1::Part::kOther:
    case v1::Part::PART_NOT_SET:
      return json::object();
  }
  return json::object();
}

// Roles take turns: what two messages of one say is one message's.
absl::Status AddMessage(const v1::Message& message, std::string* system, json::array* to) {
  const char* const role = message.role() == v1::ROLE_MODEL ? "assistant" : "user";
  for (const v1::Part& part : message.parts()) {
    ASSIGN_OR_RETURN(json::object block, BlockOf(part));
    if (block.empty()) continue;
    if (message.role() == v1::ROLE_SYSTEM) {
      if (!part.has_text()) return NoPlaceFor("more than text in a system message");
      *system += (system->empty() ? "" : "\n\n") + part.text();
      continue;
    }
    if (to->empty() || to->back().at("role") != json::value(role)) {
      to->push_back({{"role", role}, {"content", json::array()}});
    }
    to->back().at("content").get_array().push_back(std::move(block));
  }
  return absl::OkStatus();
}

// Text alone is a string, which every reader takes.
void Simplify(json::array* messages) {
  for (json::value& message : *messages) {
    json::value& content = message.at("content");
    const json::array& blocks = content.get_array();
    if (blocks.size() != 1 || !blocks[0].get_object().contains("text")) continue;
    json::value text = blocks[0].at("text");
    content = std::move(text);
  }
}

}  // namespace

absl::StatusOr<std::string> WriteAnthropicMessages(const v1::ExportedRecord& exported) {
  RETURN_IF_ERROR(CheckConversation(exported));
  std::string system;
  json::array messages;
  for (const v1::Message& message : exported.rendered().messages()) {
    RETURN_IF_ERROR(AddMessage(message, &system, &messages));
  }
  if (messages.empty() || messages[0].at("role") != json::value("user")) {
    return NoPlaceFor("no message of the user's at the beginning");
  }
  v1::Message answer = exported.record().outcome().completion().message();
  answer.set_role(v1::ROLE_MODEL);
  RETURN_IF_ERROR(AddMessage(answer, &system, &messages));
  Simplify(&messages);
  json::object line;
  if (!system.empty()) line["system"] = system;
  line["messages"] = std::move(messages);
  json::array tools;
  for (const v1::Tool& tool : exported.rendered().tools()) {
    json::object object{{"name", tool.name()}};
    if (!tool.description().empty()) object["description"] = tool.description();
    object["input_schema"] = ArgumentsSchema(tool);
    tools.push_back(std::move(object));
  }
  if (!tools.empty()) line["tools"] = std::move(tools);
  return WriteJson(line) + "\n";
}

}  // namespace colophon
