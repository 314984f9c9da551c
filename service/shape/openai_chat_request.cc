#include <map>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/shape/openai_chat.h"
#include "service/shape/openai_parts.h"
#include "service/shape/parameters.h"
#include "service/shape/prompt_naming.h"

namespace colophon::shape {
namespace {

// The app's messages, one after the other.
class Conversation {
 public:
  explicit Conversation(v1::CompleteRequest* call) : call_(*call) {}

  absl::Status Add(Fields message) {
    ASSIGN_OR_RETURN(const std::string role, message.RequiredText("role"));
    RETURN_IF_ERROR(message.Refuse("name", "messages here have a role and no name"));
    absl::Status added;
    if (role == "system" || role == "developer") {
      added = AddContent(v1::ROLE_SYSTEM, &message);
    } else if (role == "user") {
      added = AddContent(v1::ROLE_USER, &message);
    } else if (role == "assistant") {
      added = AddAssistant(&message);
    } else if (role == "tool") {
      added = AddTool(&message);
    } else {
      return Wrong(message.At("role"), JsonText(role),
                   "it has to be system, developer, user, assistant or tool");
    }
    RETURN_IF_ERROR(added);
    return message.Finish();
  }

 private:
  absl::Status AddContent(v1::Role role, Fields* message) {
    v1::Message* const to = call_.add_history();
    to->set_role(role);
    const json::value* const content = message->Find("content");
    if (content == nullptr) {
      return Wrong(message->At("content"), nullptr, "it has to be a text or a list of parts");
    }
    return ReadContent(*content, message->At("content"), to);
  }

  // What it answered before, as it was given to the app.
  absl::Status AddAssistant(Fields* message) {
    v1::Message* const to = call_.add_history();
    to->set_role(v1::ROLE_MODEL);
    ASSIGN_OR_RETURN(const std::string reasoning, message->Text("reasoning_content"));
    if (!reasoning.empty()) to->add_parts()->mutable_reasoning()->set_text(reasoning);
    if (const json::value* const content = message->Find("content")) {
      RETURN_IF_ERROR(ReadContent(*content, message->At("content"), to));
    }
    ASSIGN_OR_RETURN(const std::string refusal, message->Text("refusal"));
    if (!refusal.empty()) to->add_parts()->set_text(refusal);
    message->Find("parsed");  // An SDK's reading of the content.
    RETURN_IF_ERROR(message->Refuse("annotations", "a text has none here", json::array()));
    RETURN_IF_ERROR(message->Refuse("function_call", "it is called tool_calls now"));
    RETURN_IF_ERROR(message->Refuse("audio", "an answer has no sound here"));
    return message->ForEach("tool_calls",
                            [&](Fields call) { return AddToolCall(std::move(call), to); });
  }

  absl::Status AddToolCall(Fields call, v1::Message* to) {
    ASSIGN_OR_RETURN(const std::string type, call.Text("type"));
    if (!type.empty() && type != "function") {
      return NoPlace(call.At("type"), fmt::format("\"{}\" is no function", type));
    }
    call.Find("index");  // Of a stream's pieces, put together by the app.
    v1::ToolRequest* const request = to->add_parts()->mutable_tool_request();
    ASSIGN_OR_RETURN(*request->mutable_id(), call.RequiredText("id"));
    ASSIGN_OR_RETURN(const json::object* const given, call.Object("function"));
    RETURN_IF_ERROR(call.Finish());
    if (given == nullptr) return Wrong(call.At("function"), nullptr, "it has to be an object");
    Fields function(*given, call.At("function"));
    ASSIGN_OR_RETURN(*request->mutable_name(), function.RequiredText("name"));
    ASSIGN_OR_RETURN(*request->mutable_arguments(), function.Text("arguments"));
    function.Find("parsed_arguments");  // An SDK's reading of them.
    names_[request->id()] = request->name();
    return function.Finish();
  }

  absl::Status AddTool(Fields* message) {
    v1::Message* const to = call_.add_history();
    to->set_role(v1::ROLE_TOOL);
    v1::ToolResponse* const response = to->add_parts()->mutable_tool_response();
    ASSIGN_OR_RETURN(*response->mutable_id(), message->RequiredText("tool_call_id"));
    response->set_name(names_[response->id()]);
    const json::value* const content = message->Find("content");
    if (content == nullptr) return Wrong(message->At("content"), nullptr, "it has to be a text");
    ASSIGN_OR_RETURN(*response->mutable_output(),
                     ReadTextContent(*content, message->At("content")));
    return absl::OkStatus();
  }

  v1::CompleteRequest& call_;
  std::map<std::string, std::string> names_;  // Of tools, by the id of the request.
};

absl::Status ReadMessages(Fields* body, v1::CompleteRequest* call) {
  Conversation conversation(call);
  return body->ForEach("messages",
                       [&](Fields message) { return conversation.Add(std::move(message)); });
}

absl::Status ReadTools(Fields* body, v1::Overrides* overrides) {
  return body->ForEach("tools", [&](Fields tool) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string type, tool.RequiredText("type"));
    ASSIGN_OR_RETURN(const json::object* const function, tool.Object("function"));
    if (type != "function" || function == nullptr) {
      return NoPlace(tool.At("type"), fmt::format("\"{}\" is no function", type));
    }
    RETURN_IF_ERROR(tool.Finish());
    return ReadFunction(Fields(*function, tool.At("function")), overrides);
  });
}

absl::Status ReadResponseFormat(Fields* body, v1::Overrides* overrides) {
  ASSIGN_OR_RETURN(const json::object* const given, body->Object("response_format"));
  if (given == nullptr) return absl::OkStatus();
  Fields format(*given, "response_format");
  ASSIGN_OR_RETURN(const std::string type, format.RequiredText("type"));
  if (type == "json_schema") {
    ASSIGN_OR_RETURN(const json::object* const schema, format.Object("json_schema"));
    if (schema == nullptr) {
      return Wrong(format.At("json_schema"), nullptr, "it has to be {\"schema\": …}");
    }
    Fields members(*schema, format.At("json_schema"));
    RETURN_IF_ERROR(ReadOutputSchema(&members, overrides));
  } else if (type == "json_object" || type == "text") {
    overrides->set_output_format(type == "text" ? "text" : "json");
  } else {
    return NoPlace(format.At("type"), "it has to be text, json_object or json_schema");
  }
  return format.Finish();
}

// What the answer would have to have.
absl::Status RefuseRest(Fields* body) {
  RETURN_IF_ERROR(body->Refuse("n", "a completion has one answer", 1));
  RETURN_IF_ERROR(body->Refuse("logprobs", "an answer has none here", false));
  RETURN_IF_ERROR(body->Refuse("top_logprobs", "an answer has none here", 0));
  RETURN_IF_ERROR(body->Refuse("audio", "an answer has no sound here"));
  RETURN_IF_ERROR(body->Refuse("modalities", "an answer is text here", json::array{"text"}));
  RETURN_IF_ERROR(body->Refuse("web_search_options", "an answer has no citations here"));
  RETURN_IF_ERROR(body->Refuse("functions", "they are called tools now"));
  return body->Refuse("function_call", "it is called tool_choice now");
}

}  // namespace

absl::StatusOr<ChatStream> ReadChatStream(const json::object& object) {
  Fields body(object, "");
  ChatStream stream;
  ASSIGN_OR_RETURN(const std::optional<bool> is_wanted, body.Flag("stream"));
  stream.is_wanted = is_wanted.value_or(false);
  ASSIGN_OR_RETURN(const json::object* const given, body.Object("stream_options"));
  if (given == nullptr) return stream;
  Fields options(*given, "stream_options");
  ASSIGN_OR_RETURN(const std::optional<bool> include_usage, options.Flag("include_usage"));
  stream.include_usage = include_usage.value_or(false);
  RETURN_IF_ERROR(options.Refuse("include_obfuscation", "pieces go out as they are", false));
  RETURN_IF_ERROR(options.Finish());
  return stream;
}

absl::Status ReadChatRequest(const Request& request, v1::CompleteRequest* call) {
  Fields body(request.body, "");
  RETURN_IF_ERROR(ReadPrompt(request, "openai", &body, call));
  RETURN_IF_ERROR(ReadMessages(&body, call));
  RETURN_IF_ERROR(ReadTools(&body, call->mutable_overrides()));
  RETURN_IF_ERROR(ReadResponseFormat(&body, call->mutable_overrides()));
  RETURN_IF_ERROR(ReadMetadata(&body, call));
  RETURN_IF_ERROR(RefuseRest(&body));
  body.Find("stream");
  body.Find("stream_options");
  return ReadParameters(&body, call);
}

}  // namespace colophon::shape
