#include "client/cli/export/formats.h"
#include "client/cli/export/usable.h"
#include "fmt/format.h"
#include "service/base/message_parts.h"

namespace colophon {
namespace {

// Text alone is a string; with images it is a list.
absl::StatusOr<json::value> ContentOf(const v1::Message& message) {
  json::array parts;
  bool has_image = false;
  for (const v1::Part& part : message.parts()) {
    if (part.has_text()) {
      parts.push_back({{"type", "text"}, {"text", part.text()}});
    } else if (part.has_media()) {
      ASSIGN_OR_RETURN(const ImageSource image, ImageOf(part.media()));
      const std::string url =
          image.url.empty() ? fmt::format("data:{};base64,{}", image.content_type, image.base64)
                            : image.url;
      json::object object{{"url", url}};
      if (!part.media().detail().empty()) object["detail"] = part.media().detail();
      parts.push_back({{"type", "image_url"}, {"image_url", std::move(object)}});
      has_image = true;
    } else if (part.has_section()) {
      return NoPlaceFor("a section that the app fills in");
    }
  }
  if (has_image) return json::value(std::move(parts));
  return json::value(json::string(TextOfParts(message)));
}

json::array CallsOf(const v1::Message& message) {
  json::array calls;
  for (const v1::Part& part : message.parts()) {
    if (!part.has_tool_request()) continue;
    const v1::ToolRequest& request = part.tool_request();
    const std::string arguments = request.arguments().empty() ? "{}" : request.arguments();
    calls.push_back({{"id", request.id()},
                     {"type", "function"},
                     {"function", {{"name", request.name()}, {"arguments", arguments}}}});
  }
  return calls;
}

absl::Status AddMessage(const v1::Message& message, json::array* to) {
  if (message.role() == v1::ROLE_TOOL) {
    for (const v1::Part& part : message.parts()) {
      to->push_back({{"role", "tool"},
                     {"tool_call_id", part.tool_response().id()},
                     {"content", part.tool_response().output()}});
    }
    return absl::OkStatus();
  }
  const char* const role = message.role() == v1::ROLE_SYSTEM  ? "system"
                           : message.role() == v1::ROLE_MODEL ? "assistant"
                                                              : "user";
  ASSIGN_OR_RETURN(json::value content, ContentOf(message));
  json::array calls = CallsOf(message);
  json::object object{{"role", role}};
  const bool only_calls = !calls.empty() && content == json::value("");
  object["content"] = only_calls ? json::value(nullptr) : std::move(content);
  if (!calls.empty()) object["tool_calls"] = std::move(calls);
  to->push_back(std::move(object));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WriteOpenAiMessages(const v1::ExportedRecord& exported) {
  RETURN_IF_ERROR(CheckConversation(exported));
  json::array messages;
  for (const v1::Message& message : exported.rendered().messages()) {
    RETURN_IF_ERROR(AddMessage(message, &messages));
  }
  v1::Message answer = exported.record().outcome().completion().message();
  answer.set_role(v1::ROLE_MODEL);
  RETURN_IF_ERROR(AddMessage(answer, &messages));
  json::object line{{"messages", std::move(messages)}};
  json::array tools;
  for (const v1::Tool& tool : exported.rendered().tools()) {
    json::object function{{"name", tool.name()}};
    if (!tool.description().empty()) function["description"] = tool.description();
    function["parameters"] = ArgumentsSchema(tool);
    if (tool.strict()) function["strict"] = true;
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  if (!tools.empty()) line["tools"] = std::move(tools);
  return WriteJson(line) + "\n";
}

}  // namespace colophon
