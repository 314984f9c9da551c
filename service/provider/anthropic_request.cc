#include "fmt/format.h"
#include "service/base/reasoning.h"
#include "service/provider/anthropic.h"
#include "service/provider/closed_schema.h"
#include "service/provider/json_fields.h"
#include "service/provider/media.h"
#include "service/provider/request_json.h"
#include "service/provider/tool_choice.h"

namespace colophon {
namespace {

constexpr int kDefaultMaxTokens = 4096;

// {"type": "base64", …} or {"type": "url", …}
json::object EncodeSource(const MediaSource& source) {
  if (!source.is_bytes()) return {{"type", "url"}, {"url", source.url}};
  return {{"type", "base64"}, {"media_type", source.type}, {"data", source.base64}};
}

absl::StatusOr<json::object> EncodeMedia(const v1::Media& media, const std::string& where) {
  ASSIGN_OR_RETURN(const MediaSource source, ReadMedia(media, where));
  if (!media.detail().empty()) {
    return Unsupported(where + ".detail", "Anthropic's API has no such thing; leave it out");
  }
  const std::string& type = source.type;
  if (type == "application/pdf") {
    json::object document{{"type", "document"}, {"source", EncodeSource(source)}};
    if (!media.filename().empty()) document["title"] = media.filename();
    return document;
  }
  const bool is_image = type.empty() || type == "image/png" || type == "image/jpeg" ||
                        type == "image/gif" || type == "image/webp";
  if (!is_image) {
    return Unsupported(where, fmt::format("this API takes PNG, JPEG, GIF and WebP images and PDF "
                                          "files, not \"{}\"",
                                          type));
  }
  return json::object{{"type", "image"}, {"source", EncodeSource(source)}};
}

json::object EncodeReasoning(const v1::Reasoning& reasoning) {
  const std::string& signature = reasoning.signature();
  if (signature.starts_with(kRedactedReasoning)) {
    return {{"type", "redacted_thinking"}, {"data", signature.substr(kRedactedReasoning.size())}};
  }
  return {{"type", "thinking"}, {"thinking", reasoning.text()}, {"signature", signature}};
}

// The API refuses text of white space alone, which the model itself writes now and
// then before it asks for a tool.
bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

// The content block of a part; an empty object when there is none to send.
absl::StatusOr<json::object> EncodePart(const v1::Part& part, v1::Role role,
                                        const std::string& where) {
  const bool is_blank = part.part_case() == v1::Part::kText && IsBlank(part.text());
  // A tool's message is a user's to this API, and what a tool says isn't the user's.
  if (role == v1::ROLE_TOOL && part.part_case() != v1::Part::kToolResponse && !is_blank) {
    return Unsupported(where, "a tool's message holds tool responses only");
  }
  switch (part.part_case()) {
    case v1::Part::kText:
      if (is_blank) return json::object();
      return json::object{{"type", "text"}, {"text", part.text()}};
    case v1::Part::kMedia:
      if (role == v1::ROLE_MODEL) return Unsupported(where, "this API takes no media of the model");
      return EncodeMedia(part.media(), where);
    case v1::Part::kToolRequest: {
      if (role != v1::ROLE_MODEL) return Unsupported(where, "only the model asks for tools");
      const v1::ToolRequest& request = part.tool_request();
      ASSIGN_OR_RETURN(json::object input, ObjectOfText(request.arguments(), where + ".arguments"));
      return json::object{{"type", "tool_use"},
                          {"id", request.id()},
                          {"name", request.name()},
                          {"input", std::move(input)}};
    }
    case v1::Part::kToolResponse: {
      if (role == v1::ROLE_MODEL) return Unsupported(where, "the model answers no tool request");
      const v1::ToolResponse& response = part.tool_response();
      json::object result{
          {"type", "tool_result"}, {"tool_use_id", response.id()}, {"content", response.output()}};
      if (response.is_error()) result["is_error"] = true;
      return result;
    }
    case v1::Part::kReasoning:
      if (role != v1::ROLE_MODEL || part.reasoning().signature().empty()) return json::object();
      return EncodeReasoning(part.reasoning());
    case v1::Part::kSection:
      return Unsupported(
          where, fmt::format("section \"{}\" isn't filled in; sections are for apps that render",
                             part.section()));
    case v1::Part::kOther:
    case v1::Part::PART_NOT_SET:
      break;
  }
  return json::object();
}

// The conversation as it is put together.
struct Conversation {
  json::array system;
  json::array messages;
};

absl::Status AddMessage(const v1::Message& message, const std::string& where, Conversation* to) {
  if (message.role() == v1::ROLE_UNSPECIFIED) {
    return Unsupported(where + ".role", "no role is given");
  }
  const std::string role = message.role() == v1::ROLE_MODEL ? "assistant" : "user";
  for (int i = 0; i < message.parts_size(); ++i) {
    const v1::Part& part = message.parts(i);
    const std::string here = fmt::format("{}.parts[{}]", where, i);
    ASSIGN_OR_RETURN(json::object block, EncodePart(part, message.role(), here));
    if (block.empty()) continue;
    if (message.role() == v1::ROLE_SYSTEM) {
      if (part.part_case() != v1::Part::kText) {
        return Unsupported(here, "a system message is text only");
      }
      to->system.push_back(std::move(block));
      continue;
    }
    if (to->messages.empty() || to->messages.back().at("role") != json::value(role)) {
      to->messages.push_back({{"role", role}, {"content", json::array()}});
    }
    to->messages.back().at("content").get_array().push_back(std::move(block));
  }
  return absl::OkStatus();
}

absl::Status EncodeTools(const v1::Rendered& rendered, json::object* body) {
  json::array tools;
  for (const v1::Tool& tool : rendered.tools()) {
    ASSIGN_OR_RETURN(json::object schema,
                     ObjectOfText(tool.input_schema(), fmt::format("tool \"{}\"", tool.name())));
    if (schema.empty()) schema = {{"type", "object"}, {"properties", json::object()}};
    json::object encoded{{"name", tool.name()}};
    if (!tool.description().empty()) encoded["description"] = tool.description();
    encoded["input_schema"] = std::move(schema);
    if (tool.strict()) encoded["strict"] = true;
    tools.push_back(std::move(encoded));
  }
  if (!tools.empty()) (*body)["tools"] = std::move(tools);
  return absl::OkStatus();
}

// Beside what else the config says in output_config, such as the effort.
absl::Status EncodeOutput(const v1::Rendered& rendered, json::object* body) {
  if (rendered.output_schema().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(json::object schema, ObjectOfText(rendered.output_schema(), "output.schema"));
  json::value& config = (*body)["output_config"];
  if (config.is_null()) config = json::object();
  if (!config.is_object() || config.get_object().contains("format")) {
    return Unsupported("config.output_config", "the prompt's `output` says the format");
  }
  config.get_object()["format"] = {{"type", "json_schema"},
                                   {"schema", ClosedSchema(std::move(schema))}};
  return absl::OkStatus();
}

// A number as the front matter has it, which is a double's.
std::optional<double> NumberOf(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

// max_tokens, which the API wants above what may be thought: the default grows, and
// what the prompt says is refused with both numbers.
absl::StatusOr<json::value> MaxTokensOf(const json::object& config) {
  const json::object* thinking = ObjectOf(config, "thinking");
  const double budget = thinking == nullptr ? 0 : NumberOf(*thinking, "budget_tokens").value_or(0);
  const json::value* given = FieldOf(config, "max_tokens");
  if (given == nullptr) {
    const bool fits = budget > 0 && budget < static_cast<double>(kMaxCount);
    return json::value((fits ? static_cast<int64_t>(budget) : 0) + kDefaultMaxTokens);
  }
  if (const auto tokens = NumberOf(config, "max_tokens"); tokens && *tokens <= budget) {
    return Unsupported("config.maxOutputTokens",
                       fmt::format("{} is not above thinking.budget_tokens, {}, which counts "
                                   "within it: raise it, or lower the budget",
                                   *tokens, budget));
  }
  return *given;
}

absl::Status EncodeConfig(const v1::Rendered& rendered, json::object* body) {
  static constexpr std::string_view kAbsent = "Anthropic's API has no such parameter; remove it";
  const ConfigRules rules{.renamed = {{"maxOutputTokens", "max_tokens"}},
                          .refused = {{"messages", "the prompt's body says the messages"},
                                      {"system", "the prompt's system messages say it"},
                                      {"model", "the prompt's `model` says the model"},
                                      {"tools", "the prompt's `tools` say the tools"},
                                      {"stream", "the kind of call says whether it streams"},
                                      {"api_key", "keys are in the service's configuration"},
                                      {"seed", kAbsent},
                                      {"frequency_penalty", kAbsent},
                                      {"presence_penalty", kAbsent}}};
  json::object config;
  RETURN_IF_ERROR(AddConfig(rendered.config(), rules, &config));
  ASSIGN_OR_RETURN((*body)["max_tokens"], MaxTokensOf(config));
  WriteAnthropicToolChoice(&config);
  for (auto& member : config) (*body)[member.key()] = std::move(member.value());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> AnthropicFormat::Encode(const v1::Rendered& rendered,
                                                    std::string_view model, bool stream) const {
  RETURN_IF_ERROR(CheckMediaFor(model, rendered));
  Conversation conversation;
  for (int i = 0; i < rendered.messages_size(); ++i) {
    RETURN_IF_ERROR(
        AddMessage(rendered.messages(i), fmt::format("messages[{}]", i), &conversation));
  }
  if (conversation.messages.empty()) {
    return Unsupported("messages", "this API needs a message that is not the system's");
  }
  json::object body{{"model", json::string_view(model.data(), model.size())}};
  RETURN_IF_ERROR(EncodeConfig(rendered, &body));
  RETURN_IF_ERROR(EncodeOutput(rendered, &body));
  if (conversation.system.size() == 1) {
    body["system"] = conversation.system[0].at("text");
  } else if (!conversation.system.empty()) {
    body["system"] = std::move(conversation.system);
  }
  body["messages"] = std::move(conversation.messages);
  RETURN_IF_ERROR(EncodeTools(rendered, &body));
  if (stream) body["stream"] = true;
  return WriteJson(body);
}

}  // namespace colophon
