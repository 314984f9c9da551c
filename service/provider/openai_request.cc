#include "fmt/format.h"
#include "service/base/message_parts.h"
#include "service/provider/media.h"
#include "service/provider/openai.h"
#include "service/provider/request_json.h"
#include "service/provider/tool_choice.h"

namespace colophon {
namespace {

using MessagePart = v1::Part;

// What OpenAI itself takes; a compatible server may take others.
bool IsVendorsImage(std::string_view type) {
  return type == "image/png" || type == "image/jpeg" || type == "image/gif" || type == "image/webp";
}

absl::StatusOr<json::object> EncodeMedia(const v1::Media& media, const OpenAiServer& server,
                                         const std::string& where) {
  ASSIGN_OR_RETURN(const MediaSource source, ReadMedia(media, where));
  const std::string& type = source.type;
  if (type.empty() || (source.is_image() && (!server.is_vendor || IsVendorsImage(type)))) {
    const std::string url = source.is_bytes() ? source.DataUrl() : source.url;
    json::object image{{"url", url}};
    if (!media.detail().empty()) image["detail"] = media.detail();
    return json::object{{"type", "image_url"}, {"image_url", std::move(image)}};
  }
  if (type == "application/pdf" && source.is_bytes()) {
    const std::string name = media.filename().empty() ? "document.pdf" : media.filename();
    return json::object{{"type", "file"},
                        {"file", {{"filename", name}, {"file_data", source.DataUrl()}}}};
  }
  if ((type == "audio/wav" || type == "audio/mpeg") && source.is_bytes()) {
    return json::object{
        {"type", "input_audio"},
        {"input_audio",
         {{"data", source.base64}, {"format", type == "audio/wav" ? "wav" : "mp3"}}}};
  }
  return Unsupported(
      where, fmt::format("this API takes {}, and PDF, WAV and MP3 files as bytes; "
                         "not \"{}\"{}",
                         server.is_vendor ? "PNG, JPEG, GIF and WebP images" : "images", type,
                         source.is_bytes() ? "" : " by URL"));
}

// Text alone is a string, which every compatible server takes; with media it
// is a list in the order of the prompt.
absl::StatusOr<json::value> EncodeContent(const v1::Message& message, const OpenAiServer& server,
                                          const std::string& where) {
  std::string text;
  json::array parts;
  bool has_media = false;
  for (int i = 0; i < message.parts_size(); ++i) {
    const v1::Part& part = message.parts(i);
    if (part.part_case() == v1::Part::kText) {
      text += part.text();
      parts.push_back(json::object{{"type", "text"}, {"text", part.text()}});
    } else if (part.part_case() == v1::Part::kMedia) {
      const std::string here = fmt::format("{}.parts[{}]", where, i);
      if (message.role() != v1::ROLE_USER) {
        return Unsupported(here, "this API takes media in the user's messages only");
      }
      ASSIGN_OR_RETURN(json::object media, EncodeMedia(part.media(), server, here));
      parts.push_back(std::move(media));
      has_media = true;
    }
  }
  if (has_media) return json::value(std::move(parts));
  return json::value(json::string(text));
}

// Which parts a message of that role may have.
absl::Status CheckParts(const v1::Message& message, const std::string& where) {
  for (int i = 0; i < message.parts_size(); ++i) {
    const std::string here = fmt::format("{}.parts[{}]", where, i);
    const v1::Part& part = message.parts(i);
    const bool is_tool = message.role() == v1::ROLE_TOOL;
    if (part.part_case() == v1::Part::kSection) {
      return Unsupported(
          here, fmt::format("section \"{}\" isn't filled in; sections are for apps that render",
                            part.section()));
    }
    if (part.part_case() == v1::Part::kToolRequest && message.role() != v1::ROLE_MODEL) {
      return Unsupported(here, "only the model asks for tools");
    }
    if ((part.part_case() == v1::Part::kToolResponse) != is_tool) {
      return Unsupported(here, is_tool ? "a tool's message holds tool responses only"
                                       : "tool responses stand in a tool's message only");
    }
  }
  return absl::OkStatus();
}

json::array EncodeToolRequests(const v1::Message& message) {
  json::array calls;
  for (const v1::Part& part : message.parts()) {
    if (part.part_case() != v1::Part::kToolRequest) continue;
    const v1::ToolRequest& request = part.tool_request();
    const std::string arguments = request.arguments().empty() ? "{}" : request.arguments();
    calls.push_back({{"id", request.id()},
                     {"type", "function"},
                     {"function", {{"name", request.name()}, {"arguments", arguments}}}});
  }
  return calls;
}

// Of the model only: nobody else thinks aloud.
std::string ReasoningOf(const v1::Message& message) {
  return message.role() == v1::ROLE_MODEL ? ReasoningOfParts(message) : "";
}

absl::Status EncodeMessage(const v1::Message& message, const OpenAiServer& server,
                           const std::string& where, json::array* to) {
  RETURN_IF_ERROR(CheckParts(message, where));
  // That a tool failed is said by its output alone here.
  if (message.role() == v1::ROLE_TOOL) {
    for (const v1::Part& part : message.parts()) {
      to->push_back({{"role", "tool"},
                     {"tool_call_id", part.tool_response().id()},
                     {"content", part.tool_response().output()}});
    }
    return absl::OkStatus();
  }
  const char* role = message.role() == v1::ROLE_SYSTEM  ? "system"
                     : message.role() == v1::ROLE_USER  ? "user"
                     : message.role() == v1::ROLE_MODEL ? "assistant"
                                                        : nullptr;
  if (role == nullptr) return Unsupported(where + ".role", "no role is given");
  ASSIGN_OR_RETURN(json::value content, EncodeContent(message, server, where));
  json::object encoded{{"role", role}};
  json::array calls = EncodeToolRequests(message);
  const bool only_calls = !calls.empty() && content == json::value("");
  encoded["content"] = only_calls ? json::value(nullptr) : std::move(content);
  if (!calls.empty()) encoded["tool_calls"] = std::move(calls);
  if (std::string reasoning = ReasoningOf(message);
      !reasoning.empty() && !server.reasoning_member.empty()) {
    encoded[server.reasoning_member] = std::move(reasoning);
  }
  to->push_back(std::move(encoded));
  return absl::OkStatus();
}

absl::Status EncodeTools(const v1::Rendered& rendered, json::object* body) {
  json::array tools;
  for (const v1::Tool& tool : rendered.tools()) {
    ASSIGN_OR_RETURN(json::object schema,
                     ObjectOfText(tool.input_schema(), fmt::format("tool \"{}\"", tool.name())));
    if (schema.empty()) schema = {{"type", "object"}, {"properties", json::object()}};
    json::object function{{"name", tool.name()}};
    if (!tool.description().empty()) function["description"] = tool.description();
    function["parameters"] = std::move(schema);
    if (tool.strict()) function["strict"] = true;
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  if (!tools.empty()) (*body)["tools"] = std::move(tools);
  return absl::OkStatus();
}

absl::Status EncodeOutput(const v1::Rendered& rendered, json::object* body) {
  if (!rendered.output_schema().empty()) {
    ASSIGN_OR_RETURN(json::object schema, ObjectOfText(rendered.output_schema(), "output.schema"));
    // `strict` refuses schemas that have optional members, so only who asks for it gets it.
    json::object format{{"name", "output"}, {"schema", std::move(schema)}};
    if (rendered.output_strict()) format["strict"] = true;
    (*body)["response_format"] = {{"type", "json_schema"}, {"json_schema", std::move(format)}};
  } else if (rendered.output_format() == "json") {
    (*body)["response_format"] = {{"type", "json_object"}};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> OpenAiFormat::Encode(const v1::Rendered& rendered,
                                                 std::string_view model, bool stream) const {
  if (server_.has_vendors_models) RETURN_IF_ERROR(CheckMediaFor(model, rendered));
  json::array messages;
  for (int i = 0; i < rendered.messages_size(); ++i) {
    RETURN_IF_ERROR(
        EncodeMessage(rendered.messages(i), server_, fmt::format("messages[{}]", i), &messages));
  }
  json::object body{{"model", json::string_view(model.data(), model.size())},
                    {"messages", std::move(messages)}};
  RETURN_IF_ERROR(EncodeTools(rendered, &body));
  RETURN_IF_ERROR(EncodeOutput(rendered, &body));
  const ConfigRules rules{
      .renamed = {{"maxOutputTokens", server_.is_vendor ? "max_completion_tokens" : "max_tokens"},
                  {"stopSequences", "stop"}},
      .refused = {{"messages", "the prompt's body says the messages"},
                  {"model", "the prompt's `model` says the model"},
                  {"tools", "the prompt's `tools` say the tools"},
                  {"stream", "the kind of call says whether it streams"},
                  {"stream_options", "the service sets it, to learn the usage"},
                  {"n", "a completion has one answer"},
                  {"api_key", "keys are in the service's configuration"}}};
  RETURN_IF_ERROR(AddConfig(rendered.config(), rules, &body));
  WriteOpenAiToolChoice(&body);
  if (stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return WriteJson(body);
}

}  // namespace colophon
