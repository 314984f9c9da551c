#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/shape/openai_items.h"
#include "service/shape/openai_parts.h"
#include "service/shape/openai_response.h"
#include "service/shape/openai_responses.h"
#include "service/shape/parameters.h"
#include "service/shape/prompt_naming.h"

namespace colophon::shape {
namespace {

absl::Status SetTag(const Fields& body, const char* tag, const std::string& value,
                    v1::CompleteRequest* call) {
  const auto [place, is_new] = call->mutable_tags()->insert({tag, value});
  if (is_new || place->second == value) return absl::OkStatus();
  return NoPlace(
      body.At("metadata"),
      fmt::format("\"{}\" is the mark of this API's own member; name it otherwise", tag));
}

absl::Status ReadInput(Fields* body, ItemReader* items, v1::CompleteRequest* call) {
  const json::value* const input = body->Find("input");
  if (input == nullptr) return absl::OkStatus();  // The prompt says all.
  if (input->is_array()) {
    return body->ForEach("input", [&](Fields item) { return items->AddItem(std::move(item)); });
  }
  if (!input->is_string()) return Wrong("input", *input, "it has to be a text or a list of items");
  v1::Message& message = *call->add_history();
  message.set_role(v1::ROLE_USER);
  message.add_parts()->set_text(std::string(View(input->get_string())));
  return absl::OkStatus();
}

// In its order: instructions, what was said before, what is said now.
absl::Status ReadConversation(Fields* body, const v1::GetRecordResponse* previous,
                              v1::CompleteRequest* call) {
  ASSIGN_OR_RETURN(const std::string instructions, body->Text("instructions"));
  if (!instructions.empty()) {
    v1::Message& message = *call->add_history();
    message.set_role(v1::ROLE_SYSTEM);
    message.add_parts()->set_text(instructions);
    RETURN_IF_ERROR(SetTag(*body, kInstructionsTag, "history[0]", call));
  }
  ItemReader items(call);
  ASSIGN_OR_RETURN(const std::string id, body->Text("previous_response_id"));
  if (!id.empty()) RETURN_IF_ERROR(SetTag(*body, kPreviousTag, id, call));
  if (previous != nullptr) RETURN_IF_ERROR(items.AddPrevious(*previous));
  return ReadInput(body, &items, call);
}

absl::Status ReadTools(Fields* body, v1::Overrides* overrides) {
  return body->ForEach("tools", [&](Fields tool) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string type, tool.RequiredText("type"));
    if (type != "function") {
      return NoPlace(tool.At("type"), fmt::format("\"{}\" is no function", type));
    }
    return ReadFunction(std::move(tool), overrides);
  });
}

// Sets a parameter by the name that Chat Completions has for it.
absl::Status SetParameter(const std::string& path, const std::string& name, json::value value,
                          v1::CompleteRequest* call) {
  google::protobuf::Value parameter;
  FromJson(value, &parameter);
  const auto [place, is_new] =
      call->mutable_overrides()->mutable_config()->mutable_fields()->insert({name, parameter});
  if (is_new || ToJson(place->second) == ToJson(parameter)) return absl::OkStatus();
  return Wrong(path, value, "another name of it has another value: say it once");
}

absl::Status ReadText(Fields* body, v1::CompleteRequest* call) {
  ASSIGN_OR_RETURN(const json::object* const given, body->Object("text"));
  if (given == nullptr) return absl::OkStatus();
  Fields text(*given, "text");
  ASSIGN_OR_RETURN(const std::string verbosity, text.Text("verbosity"));
  if (!verbosity.empty()) {
    RETURN_IF_ERROR(SetParameter(text.At("verbosity"), "verbosity", JsonText(verbosity), call));
  }
  ASSIGN_OR_RETURN(const json::object* const given_format, text.Object("format"));
  RETURN_IF_ERROR(text.Finish());
  if (given_format == nullptr) return absl::OkStatus();
  Fields format(*given_format, "text.format");
  ASSIGN_OR_RETURN(const std::string type, format.RequiredText("type"));
  if (type == "json_schema") return ReadOutputSchema(&format, call->mutable_overrides());
  if (type == "json_object") {
    call->mutable_overrides()->set_output_format("json");
  } else if (type != "text") {
    return NoPlace(format.At("type"), "it has to be text, json_object or json_schema");
  }
  // {"type": "text"} is what SDKs send for no format at all: the prompt's holds.
  return format.Finish();
}

absl::Status ReadReasoning(Fields* body, v1::CompleteRequest* call) {
  ASSIGN_OR_RETURN(const json::object* const given, body->Object("reasoning"));
  if (given == nullptr) return absl::OkStatus();
  Fields reasoning(*given, "reasoning");
  ASSIGN_OR_RETURN(const std::string effort, reasoning.Text("effort"));
  if (!effort.empty()) {
    RETURN_IF_ERROR(
        SetParameter(reasoning.At("effort"), "reasoning_effort", JsonText(effort), call));
  }
  constexpr char kAsItIs[] = "reasoning is given as the model's provider tells it";
  RETURN_IF_ERROR(reasoning.Refuse("summary", kAsItIs, "auto"));
  RETURN_IF_ERROR(reasoning.Refuse("generate_summary", kAsItIs, "auto"));
  return reasoning.Finish();
}

absl::Status ReadToolChoice(Fields* body, v1::CompleteRequest* call) {
  const json::value* const given = body->Find("tool_choice");
  if (given == nullptr) return absl::OkStatus();
  if (given->is_string()) return SetParameter("tool_choice", "tool_choice", *given, call);
  ASSIGN_OR_RETURN(Fields choice, Fields::Of(*given, "tool_choice"));
  ASSIGN_OR_RETURN(const std::string type, choice.RequiredText("type"));
  if (type != "function") {
    return NoPlace(choice.At("type"), fmt::format("\"{}\" is no function", type));
  }
  ASSIGN_OR_RETURN(const std::string name, choice.RequiredText("name"));
  RETURN_IF_ERROR(choice.Finish());
  return SetParameter("tool_choice", "tool_choice",
                      {{"type", "function"}, {"function", {{"name", JsonText(name)}}}}, call);
}

absl::Status ReadStore(Fields* body, v1::CompleteRequest* call) {
  ASSIGN_OR_RETURN(const std::optional<bool> store, body->Flag("store"));
  if (store.value_or(true)) return absl::OkStatus();
  return SetTag(*body, kStoreTag, "false", call);
}

absl::Status ReadInclude(Fields* body) {
  ASSIGN_OR_RETURN(const json::array* const include, body->Array("include"));
  for (size_t i = 0; include != nullptr && i < include->size(); ++i) {
    // Reasoning always has it.
    if ((*include)[i] == "reasoning.encrypted_content") continue;
    return NoPlace(fmt::format("include[{}]", i),
                   fmt::format("an answer has no {} here", WriteJson((*include)[i])));
  }
  return absl::OkStatus();
}

// What the answer would have to have, or the service to do.
absl::Status RefuseRest(Fields* body) {
  RETURN_IF_ERROR(body->Refuse("background", "a call is answered while it runs", false));
  RETURN_IF_ERROR(body->Refuse("conversation",
                               "name the answer to go on from in "
                               "previous_response_id"));
  RETURN_IF_ERROR(body->Refuse("context_management", "a conversation is sent as it is"));
  RETURN_IF_ERROR(body->Refuse("max_tool_calls", "tools are called by the app here"));
  RETURN_IF_ERROR(body->Refuse("moderation", "answers are not judged here"));
  RETURN_IF_ERROR(body->Refuse("top_logprobs", "an answer has none here", 0));
  return body->Refuse("truncation", "a conversation is sent as it is", "disabled");
}

}  // namespace

absl::Status ReadResponsesRequest(const Request& request, const v1::GetRecordResponse* previous,
                                  v1::CompleteRequest* call) {
  Fields body(request.body, "");
  RETURN_IF_ERROR(ReadPrompt(request, "openai", &body, call));
  RETURN_IF_ERROR(ReadMetadata(&body, call));
  RETURN_IF_ERROR(ReadConversation(&body, previous, call));
  RETURN_IF_ERROR(ReadTools(&body, call->mutable_overrides()));
  RETURN_IF_ERROR(ReadText(&body, call));
  RETURN_IF_ERROR(ReadReasoning(&body, call));
  RETURN_IF_ERROR(ReadToolChoice(&body, call));
  RETURN_IF_ERROR(ReadStore(&body, call));
  RETURN_IF_ERROR(ReadInclude(&body));
  RETURN_IF_ERROR(RefuseRest(&body));
  body.Find("stream");
  body.Find("stream_options");
  return ReadParameters(&body, call);
}

}  // namespace colophon::shape
