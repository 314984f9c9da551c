#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/base/reasoning.h"
#include "service/shape/anthropic_messages.h"
#include "service/shape/parameters.h"
#include "service/shape/prompt_naming.h"

namespace colophon::shape {
namespace {

// What differs between them isn't anything that is read or written here.
constexpr std::string_view kVersions[] = {"2023-06-01", "2026-10-21"};

v1::Role RoleOf(std::string_view role) {
  if (role == "user") return v1::ROLE_USER;
  if (role == "assistant") return v1::ROLE_MODEL;
  if (role == "system") return v1::ROLE_SYSTEM;
  return v1::ROLE_UNSPECIFIED;
}

absl::Status RefuseCacheMark(Fields* block) {
  return block->Refuse("cache_control", "what a provider caches isn't said by a call here");
}

absl::Status ReadTextBlock(Fields* block, v1::Part* part) {
  ASSIGN_OR_RETURN(*part->mutable_text(), block->Text("text"));
  return block->Refuse("citations", "a text has none here", json::array());
}

// {"type": "base64", "media_type", "data"} or {"type": "url", "url"}.
absl::Status ReadSource(Fields* block, v1::Media* media) {
  ASSIGN_OR_RETURN(const json::object* const given, block->Object("source"));
  if (given == nullptr) return Wrong(block->At("source"), nullptr, "it has to be an object");
  Fields source(*given, block->At("source"));
  ASSIGN_OR_RETURN(const std::string type, source.RequiredText("type"));
  if (type == "url") {
    ASSIGN_OR_RETURN(*media->mutable_url(), source.RequiredText("url"));
  } else if (type == "base64") {
    ASSIGN_OR_RETURN(const std::string content_type, source.RequiredText("media_type"));
    ASSIGN_OR_RETURN(const std::string data, source.RequiredText("data"));
    media->set_url(fmt::format("data:{};base64,{}", content_type, data));
  } else {
    return NoPlace(source.At("type"),
                   fmt::format("\"{}\" is neither base64 nor url: give the bytes", type));
  }
  return source.Finish();
}

absl::Status ReadDocument(Fields* block, v1::Media* media) {
  ASSIGN_OR_RETURN(*media->mutable_filename(), block->Text("title"));
  RETURN_IF_ERROR(block->Refuse("context", "a file has a name and nothing else here"));
  RETURN_IF_ERROR(block->Refuse("citations", "an answer has no citations here",
                                json::object{{"enabled", false}}));
  RETURN_IF_ERROR(ReadSource(block, media));
  // What a document's URL leads to is always one.
  if (!media->url().starts_with("data:")) media->set_content_type("application/pdf");
  return absl::OkStatus();
}

class Conversation {
 public:
  explicit Conversation(v1::CompleteRequest* call) : call_(*call) {}

  absl::Status AddSystem(const json::value& system) {
    v1::Message* const to = call_.add_history();
    to->set_role(v1::ROLE_SYSTEM);
    return AddContent(system, "system", to);
  }

  absl::Status Add(Fields message) {
    ASSIGN_OR_RETURN(const std::string word, message.RequiredText("role"));
    const v1::Role role = RoleOf(word);
    if (role == v1::ROLE_UNSPECIFIED) {
      return Wrong(message.At("role"), JsonText(word), "it has to be user, assistant or system");
    }
    const json::value* const content = message.Find("content");
    RETURN_IF_ERROR(message.Finish());
    if (content == nullptr) {
      return Wrong(message.At("content"), nullptr, "it has to be a text or a list of blocks");
    }
    v1::Message* const to = call_.add_history();
    to->set_role(role);
    return AddContent(*content, message.At("content"), to);
  }

 private:
  absl::Status AddContent(const json::value& content, const std::string& path, v1::Message* to) {
    if (content.is_string()) {
      to->add_parts()->set_text(std::string(View(content.get_string())));
      return absl::OkStatus();
    }
    if (!content.is_array()) return Wrong(path, content, "it has to be a text or a list of blocks");
    const v1::Role role = to->role();
    for (size_t i = 0; i < content.get_array().size(); ++i) {
      ASSIGN_OR_RETURN(Fields block,
                       Fields::Of(content.get_array()[i], fmt::format("{}[{}]", path, i)));
      ASSIGN_OR_RETURN(const std::string type, block.RequiredText("type"));
      RETURN_IF_ERROR(RefuseCacheMark(&block));
      // What tools answer goes into a message of its own, in its place.
      const v1::Role wanted = role == v1::ROLE_USER && type == "tool_result" ? v1::ROLE_TOOL : role;
      if (to->role() != wanted) {
        if (to->parts_size() > 0) to = call_.add_history();
        to->set_role(wanted);
      }
      RETURN_IF_ERROR(AddBlock(type, &block, to));
      RETURN_IF_ERROR(block.Finish());
    }
    return absl::OkStatus();
  }

  absl::Status AddBlock(std::string_view type, Fields* block, v1::Message* to) {
    const bool is_models = to->role() == v1::ROLE_MODEL;
    if (type == "text") return ReadTextBlock(block, to->add_parts());
    if (type == "image") return ReadSource(block, to->add_parts()->mutable_media());
    if (type == "document") return ReadDocument(block, to->add_parts()->mutable_media());
    if (type == "tool_result" && to->role() == v1::ROLE_TOOL) return AddToolResult(block, to);
    if (type == "tool_use" && is_models) return AddToolUse(block, to);
    if (type == "thinking" && is_models) {
      v1::Reasoning* const reasoning = to->add_parts()->mutable_reasoning();
      ASSIGN_OR_RETURN(*reasoning->mutable_text(), block->Text("thinking"));
      ASSIGN_OR_RETURN(*reasoning->mutable_signature(), block->Text("signature"));
      return absl::OkStatus();
    }
    if (type == "redacted_thinking" && is_models) {
      ASSIGN_OR_RETURN(const std::string data, block->RequiredText("data"));
      to->add_parts()->mutable_reasoning()->set_signature(std::string(kRedactedReasoning) + data);
      return absl::OkStatus();
    }
    return NoPlace(block->At("type"),
                   fmt::format("a message of this role has no \"{}\" here", type));
  }

  absl::Status AddToolUse(Fields* block, v1::Message* to) {
    v1::ToolRequest* const request = to->add_parts()->mutable_tool_request();
    ASSIGN_OR_RETURN(*request->mutable_id(), block->RequiredText("id"));
    ASSIGN_OR_RETURN(*request->mutable_name(), block->RequiredText("name"));
    ASSIGN_OR_RETURN(const json::object* const input, block->Object("input"));
    request->set_arguments(input == nullptr ? "{}" : WriteJson(*input));
    RETURN_IF_ERROR(block->Refuse("caller", "it is the model that asks for tools",
                                  json::object{{"type", "direct"}}));
    names_[request->id()] = request->name();
    return absl::OkStatus();
  }

  absl::Status AddToolResult(Fields* block, v1::Message* to) {
    v1::ToolResponse* const response = to->add_parts()->mutable_tool_response();
    ASSIGN_OR_RETURN(*response->mutable_id(), block->RequiredText("tool_use_id"));
    response->set_name(names_[response->id()]);
    ASSIGN_OR_RETURN(const std::optional<bool> is_error, block->Flag("is_error"));
    response->set_is_error(is_error.value_or(false));
    const json::value* const content = block->Find("content");
    if (content == nullptr) return absl::OkStatus();
    v1::Message parts;
    parts.set_role(v1::ROLE_SYSTEM);
    RETURN_IF_ERROR(AddContent(*content, block->At("content"), &parts));
    for (const v1::Part& part : parts.parts()) {
      if (!part.has_text()) return NoPlace(block->At("content"), "what a tool answers is text");
      *response->mutable_output() += part.text();
    }
    return absl::OkStatus();
  }

  v1::CompleteRequest& call_;
  std::map<std::string, std::string> names_;  // Of tools, by the id of the request.
};

absl::Status ReadConversation(Fields* body, v1::CompleteRequest* call) {
  Conversation conversation(call);
  if (const json::value* const system = body->Find("system")) {
    RETURN_IF_ERROR(conversation.AddSystem(*system));
  }
  return body->ForEach("messages",
                       [&](Fields message) { return conversation.Add(std::move(message)); });
}

absl::Status ReadTools(Fields* body, v1::Overrides* overrides) {
  return body->ForEach("tools", [&](Fields given) -> absl::Status {
    RETURN_IF_ERROR(given.Refuse("type", "tools that Anthropic runs aren't here", "custom"));
    RETURN_IF_ERROR(RefuseCacheMark(&given));
    v1::Tool* const tool = overrides->add_tools();
    ASSIGN_OR_RETURN(*tool->mutable_name(), given.RequiredText("name"));
    ASSIGN_OR_RETURN(*tool->mutable_description(), given.Text("description"));
    ASSIGN_OR_RETURN(const json::object* const schema, given.Object("input_schema"));
    if (schema != nullptr) tool->set_input_schema(WriteJson(*schema));
    ASSIGN_OR_RETURN(const std::optional<bool> strict, given.Flag("strict"));
    tool->set_strict(strict.value_or(false));
    return given.Finish();
  });
}

absl::Status ReadFormat(const json::object& given, const std::string& path,
                        v1::Overrides* overrides) {
  Fields format(given, path);
  ASSIGN_OR_RETURN(const std::string type, format.RequiredText("type"));
  ASSIGN_OR_RETURN(const json::object* const schema, format.Object("schema"));
  if (type != "json_schema" || schema == nullptr) {
    return NoPlace(format.At("type"), "an output follows a JSON Schema or none");
  }
  overrides->set_output_schema(WriteJson(*schema));
  return format.Finish();
}

// The format is an override; what else stands there is a parameter.
absl::Status ReadOutputConfig(Fields* body, v1::Overrides* overrides) {
  ASSIGN_OR_RETURN(const json::object* const given, body->Object("output_config"));
  if (given == nullptr) return absl::OkStatus();
  Fields config(*given, "output_config");
  ASSIGN_OR_RETURN(const json::object* const format, config.Object("format"));
  if (format != nullptr) RETURN_IF_ERROR(ReadFormat(*format, config.At("format"), overrides));
  json::object rest = *given;
  rest.erase("format");
  if (!rest.empty()) {
    FromJson(json::value(rest), &(*overrides->mutable_config()->mutable_fields())["output_config"]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadMessagesRequest(const Request& request, v1::CompleteRequest* call) {
  if (request.version && std::find(std::begin(kVersions), std::end(kVersions), *request.version) ==
                             std::end(kVersions)) {
    return NoPlace("header anthropic-version",
                   fmt::format("{} are spoken here, not \"{}\"", fmt::join(kVersions, " and "),
                               *request.version));
  }
  if (request.betas && !request.betas->empty()) {
    return NoPlace("header anthropic-beta",
                   fmt::format("no beta is spoken here, such as \"{}\"", *request.betas));
  }
  Fields body(request.body, "");
  RETURN_IF_ERROR(ReadPrompt(request, "anthropic", &body, call));
  RETURN_IF_ERROR(ReadConversation(&body, call));
  RETURN_IF_ERROR(ReadTools(&body, call->mutable_overrides()));
  RETURN_IF_ERROR(ReadOutputConfig(&body, call->mutable_overrides()));
  RETURN_IF_ERROR(ReadMetadata(&body, call));
  for (const char* const theirs : {"container", "mcp_servers", "context_management"}) {
    RETURN_IF_ERROR(body.Refuse(theirs, "it is of Anthropic's own service"));
  }
  body.Find("stream");
  return ReadParameters(&body, call);
}

}  // namespace colophon::shape
