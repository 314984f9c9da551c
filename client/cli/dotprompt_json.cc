#include "client/cli/dotprompt_json.h"

#include <cmath>
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/work.h"
#include "service/template/prompt/plan.h"
#include "service/template/render/value.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/helpers.h"

namespace colophon {
namespace {

// A member's text; empty when it is absent or no text.
std::string TextAt(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  return member != nullptr && member->is_string() ? std::string(View(member->get_string())) : "";
}

const json::object* ObjectAt(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  return member != nullptr && member->is_object() ? &member->get_object() : nullptr;
}

absl::Status BadData(std::string_view what, std::string_view fact) {
  return InvalidArgument("BAD_DATA", fmt::format("{}: {}", what, fact));
}

// Text as it is, another value as its JSON text, none as none.
std::string TextOrJsonAt(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  if (member == nullptr) return "";
  return member->is_string() ? std::string(View(member->get_string())) : WriteJson(*member);
}

v1::Part PartFromDotprompt(const json::object& from) {
  v1::Part part;
  if (const json::value* text = from.if_contains("text"); text && text->is_string()) {
    part.set_text(std::string(View(text->get_string())));
  } else if (const json::object* media = ObjectAt(from, "media")) {
    part.mutable_media()->set_url(TextAt(*media, "url"));
    part.mutable_media()->set_content_type(TextAt(*media, "contentType"));
  } else if (const json::object* request = ObjectAt(from, "toolRequest")) {
    part.mutable_tool_request()->set_name(TextAt(*request, "name"));
    part.mutable_tool_request()->set_id(TextAt(*request, "ref"));
    part.mutable_tool_request()->set_arguments(TextOrJsonAt(*request, "input"));
  } else if (const json::object* response = ObjectAt(from, "toolResponse")) {
    part.mutable_tool_response()->set_name(TextAt(*response, "name"));
    part.mutable_tool_response()->set_id(TextAt(*response, "ref"));
    part.mutable_tool_response()->set_output(TextOrJsonAt(*response, "output"));
  } else {
    part.set_text(WriteJson(from));
  }
  return part;
}

json::object MediaToDotprompt(const v1::Media& media) {
  json::object out;
  // The reference has no bytes beside a URL.
  out["url"] =
      media.source_case() == v1::Media::kData
          ? fmt::format("data:{};base64,{}", media.content_type(), absl::Base64Escape(media.data()))
          : media.url();
  if (!media.content_type().empty()) out["contentType"] = media.content_type();
  return out;
}

json::object ToolToDotprompt(const std::string& name, const std::string& id, const char* key,
                             const std::string& text) {
  json::object out;
  out["name"] = name;
  const absl::StatusOr<json::value> value = ParseJson(text);
  if (!text.empty()) out[key] = value.ok() ? *value : json::value(text);
  if (!id.empty()) out["ref"] = id;
  return out;
}

json::object PartToDotprompt(const v1::Part& part) {
  json::object out;
  switch (part.part_case()) {
    case v1::Part::kText:
      out["text"] = part.text();
      break;
    case v1::Part::kMedia:
      out["media"] = MediaToDotprompt(part.media());
      break;
    case v1::Part::kToolRequest:
      out["toolRequest"] = ToolToDotprompt(part.tool_request().name(), part.tool_request().id(),
                                           "input", part.tool_request().arguments());
      break;
    case v1::Part::kToolResponse:
      out["toolResponse"] = ToolToDotprompt(part.tool_response().name(), part.tool_response().id(),
                                            "output", part.tool_response().output());
      break;
    case v1::Part::kReasoning:
      out["reasoning"] = part.reasoning().text();
      break;
    case v1::Part::kSection:
      out["metadata"] = json::object{{"purpose", part.section()}, {"pending", true}};
      break;
    case v1::Part::kOther:
      out["custom"] = ParseJson(part.other()).value_or(json::value(part.other()));
      break;
    case v1::Part::PART_NOT_SET:
      break;
  }
  return out;
}

// Where {{history}} stands, a message has these three members and no more.
json::object MarkHistory(const json::object& message) {
  json::object out;
  out["role"] = message.at("role");
  out["content"] = message.at("content");
  json::object metadata;
  if (const json::object* own = ObjectAt(message, "metadata")) metadata = *own;
  metadata["purpose"] = "history";
  out["metadata"] = std::move(metadata);
  return out;
}

absl::Status TakeObject(const json::value& value, std::string_view key, std::string_view what,
                        json::object* out) {
  if (value.is_null()) return absl::OkStatus();
  if (!value.is_object()) {
    return BadData(
        what, fmt::format("\"{}\" is {}: it has to be an object", key, Quote(WriteJson(value))));
  }
  *out = value.get_object();
  return absl::OkStatus();
}

absl::Status TakeArray(const json::value& value, std::string_view key, std::string_view what,
                       std::optional<json::array>* out) {
  if (value.is_null()) return absl::OkStatus();
  if (!value.is_array()) {
    return BadData(what,
                   fmt::format("\"{}\" is {}: it has to be a list", key, Quote(WriteJson(value))));
  }
  *out = value.get_array();
  return absl::OkStatus();
}

bool HasDataMember(const json::object& object) {
  return object.contains("input") || object.contains("docs") || object.contains("messages") ||
         object.contains("context");
}

}  // namespace

absl::StatusOr<DataArgument> ParseDataArgument(std::string_view json, std::string_view what) {
  const absl::StatusOr<json::value> parsed = ParseJson(json);
  if (!parsed.ok()) return BadData(what, MessageOf(parsed.status()));
  if (!parsed->is_object()) return BadData(what, "it is no JSON object");
  const json::value value = AsInJavaScript(*parsed);
  DataArgument data;
  if (!HasDataMember(value.get_object())) {
    data.input = value.get_object();  // The variables alone, as a reference takes them.
    return data;
  }
  for (const auto& member : value.get_object()) {
    const std::string_view key(member.key().data(), member.key().size());
    if (key == "input") {
      RETURN_IF_ERROR(TakeObject(member.value(), key, what, &data.input));
    } else if (key == "docs") {
      RETURN_IF_ERROR(TakeArray(member.value(), key, what, &data.docs));
    } else if (key == "messages") {
      RETURN_IF_ERROR(TakeArray(member.value(), key, what, &data.messages));
    } else if (key == "context") {
      RETURN_IF_ERROR(TakeObject(member.value(), key, what, &data.context));
    } else {
      return BadData(what,
                     fmt::format("there is no member {}: for a file it is Dotprompt's data, "
                                 "{{\"input\": {{…}}, \"docs\": […], \"messages\": […], "
                                 "\"context\": {{…}}}}, or an object of variables and nothing "
                                 "else; put variables into \"input\", or give them with --var",
                                 Quote(key)));
    }
  }
  return data;
}

absl::StatusOr<v1::Message> MessageFromDotprompt(const json::value& message) {
  const auto fail = [&](std::string_view fact) {
    return BadData("messages",
                   fmt::format("{} {}: write {{\"role\": \"user\", \"content\": [{{\"text\": "
                               "\"…\"}}]}}",
                               Quote(WriteJson(message)), fact));
  };
  if (!message.is_object()) return fail("is no message");
  const json::object& from = message.get_object();
  const std::optional<v1::Role> role = syntax::RoleOf(TextAt(from, "role"));
  if (!role) return fail("has no \"role\" that is system, user, model or tool");
  const json::value* content = from.if_contains("content");
  if (content == nullptr || !content->is_array()) return fail("has no list \"content\"");
  v1::Message out;
  out.set_role(*role);
  for (const json::value& part : content->get_array()) {
    if (!part.is_object()) return fail("has a part that is no object");
    *out.add_parts() = PartFromDotprompt(part.get_object());
  }
  return out;
}

json::object MessageToDotprompt(const v1::Message& message) {
  json::array content;
  for (const v1::Part& part : message.parts()) content.push_back(PartToDotprompt(part));
  json::object out;
  out["role"] = std::string(syntax::RoleName(message.role()));
  out["content"] = std::move(content);
  return out;
}

absl::StatusOr<render::Input> InputFromDotprompt(const prompt::Closure& closure,
                                                 const DataArgument& data) {
  render::Input input;
  input.variables = data.input;
  for (const json::value& message : data.messages.value_or(json::array())) {
    ASSIGN_OR_RETURN(*input.history.Add(), MessageFromDotprompt(message));
  }
  json::object metadata = closure.plan->data;
  if (data.docs) metadata["docs"] = *data.docs;
  if (data.messages) metadata["messages"] = *data.messages;
  input.context["metadata"] = std::move(metadata);
  // A context value of that name hides it.
  for (const auto& member : data.context) input.context[member.key()] = member.value();
  return input;
}

json::object RenderedToDotprompt(const prompt::Closure& closure, const DataArgument& data,
                                 const render::RenderedMessages& rendered) {
  json::array messages;
  size_t next = 0;
  for (const v1::Message& message : rendered.messages) {
    if (!message.from_history()) {
      messages.push_back(MessageToDotprompt(message));
      continue;
    }
    // {{history}} may stand twice: then they all come again.
    const json::object& original = data.messages->at(next++ % data.messages->size()).get_object();
    messages.push_back(rendered.history_placed ? MarkHistory(original) : original);
  }
  json::object out = closure.plan->metadata;
  out["messages"] = std::move(messages);
  return AsInJavaScript(out).get_object();
}

json::value AsInJavaScript(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: {
      std::deque<std::string> arena;
      Work work(Work::kNoLimit);
      json::object out;
      for (const auto& [key, ignored] :
           render::MembersOf(render::Value(value.get_object()), &arena, &work)) {
        const json::string_view name(key.data(), key.size());
        out[name] = AsInJavaScript(value.get_object().at(name));
      }
      return out;
    }
    case json::kind::array: {
      json::array out;
      for (const json::value& element : value.get_array()) out.push_back(AsInJavaScript(element));
      return out;
    }
    case json::kind::int64:
    case json::kind::uint64: {
      // The whole numbers that a double holds exactly stay whole.
      constexpr double kMostExact = 9007199254740992.0;
      const auto number = value.to_number<double>();
      return std::fabs(number) < kMostExact ? value : json::value(number);
    }
    default:
      return value;
  }
}

}  // namespace colophon
