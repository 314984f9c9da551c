#include "service/shape/openai_items.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/shape/openai_parts.h"
#include "service/shape/openai_response.h"

namespace colophon::shape {
namespace {

constexpr char kPrevious[] = "previous_response_id";

absl::Status CheckPrevious(const v1::Record& record) {
  const v1::RecordStatus status = record.outcome().status();
  if (status != v1::RECORD_STATUS_OK) {
    return NoPlace(kPrevious, fmt::format("{} has no whole answer to go on from ({}): give the "
                                          "messages in input",
                                          record.id(),
                                          status == v1::RECORD_STATUS_UNSPECIFIED
                                              ? "it isn't answered yet"
                                              : record.outcome().error_reason()));
  }
  const auto store = record.intent().tags().find(kStoreTag);
  if (store != record.intent().tags().end() && store->second == "false") {
    return NoPlace(kPrevious, fmt::format("{} was made with \"store\": false: give the messages in "
                                          "input",
                                          record.id()));
  }
  return absl::OkStatus();
}

// Texts of reasoning, {"type": …, "text": …}, one behind the other.
absl::StatusOr<std::string> ReadTexts(Fields* item, std::string_view key, std::string_view type) {
  std::string text;
  RETURN_IF_ERROR(item->ForEach(key, [&](Fields part) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string given, part.RequiredText("type"));
    if (given != type) return NoPlace(part.At("type"), fmt::format("it has to be {}", type));
    ASSIGN_OR_RETURN(const std::string more, part.Text("text"));
    if (!text.empty() && !more.empty()) text += "\n\n";
    text += more;
    return part.Finish();
  }));
  return text;
}

}  // namespace

absl::Status ItemReader::AddPrevious(const v1::GetRecordResponse& previous) {
  const v1::Intent& intent = previous.record().intent();
  RETURN_IF_ERROR(CheckPrevious(previous.record()));
  bool has_instructions = intent.tags().contains(kInstructionsTag);
  for (const v1::Message& message : previous.rendered().messages()) {
    if (message.role() == v1::ROLE_SYSTEM && !message.from_history()) continue;
    if (message.from_history() && std::exchange(has_instructions, false)) continue;
    v1::Message& added = *call_.add_history();
    added = message;
    added.clear_from_history();
  }
  *call_.add_history() = previous.record().outcome().completion().message();
  for (const v1::Message& message : call_.history()) {
    for (const v1::Part& part : message.parts()) {
      if (part.has_tool_request()) names_[part.tool_request().id()] = part.tool_request().name();
    }
  }
  return absl::OkStatus();
}

absl::Status ItemReader::AddItem(Fields item) {
  using Reader = absl::Status (ItemReader::*)(Fields*);
  static constexpr struct {
    std::string_view type;
    Reader read;
    bool is_models;
  } kReaders[] = {
      {"message", &ItemReader::AddMessage, false},
      {"function_call", &ItemReader::AddFunctionCall, true},
      {"function_call_output", &ItemReader::AddFunctionOutput, false},
      {"reasoning", &ItemReader::AddReasoning, true},
  };
  ASSIGN_OR_RETURN(std::string type, item.Text("type"));
  if (type.empty()) type = "message";
  const auto found = std::find_if(std::begin(kReaders), std::end(kReaders),
                                  [&](const auto& reader) { return reader.type == type; });
  if (found == std::end(kReaders)) {
    return NoPlace(item.At("type"), fmt::format("\"{}\" is none of message, function_call, "
                                                "function_call_output and reasoning",
                                                type));
  }
  // Of an answer that is given back.
  for (const char* const key : {"id", "status", "phase"}) item.Find(key);
  if (!found->is_models && type != "message") is_answering_ = false;
  RETURN_IF_ERROR((this->*found->read)(&item));
  return item.Finish();
}

absl::Status ItemReader::AddMessage(Fields* item) {
  ASSIGN_OR_RETURN(const std::string role, item->RequiredText("role"));
  const json::value* const content = item->Find("content");
  if (content == nullptr) {
    return Wrong(item->At("content"), nullptr, "it has to be a text or a list of parts");
  }
  if (role == "assistant") {
    return ReadContent(*content, item->At("content"), ModelMessage(v1::Part::kText));
  }
  is_answering_ = false;
  v1::Message* const to = call_.add_history();
  if (role == "system" || role == "developer") {
    to->set_role(v1::ROLE_SYSTEM);
  } else if (role == "user") {
    to->set_role(v1::ROLE_USER);
  } else {
    return Wrong(item->At("role"), JsonText(role),
                 "it has to be user, assistant, system or developer");
  }
  return ReadContent(*content, item->At("content"), to);
}

absl::Status ItemReader::AddFunctionCall(Fields* item) {
  v1::ToolRequest* const request =
      ModelMessage(v1::Part::kToolRequest)->add_parts()->mutable_tool_request();
  ASSIGN_OR_RETURN(*request->mutable_id(), item->RequiredText("call_id"));
  ASSIGN_OR_RETURN(*request->mutable_name(), item->RequiredText("name"));
  ASSIGN_OR_RETURN(*request->mutable_arguments(), item->Text("arguments"));
  item->Find("parsed_arguments");  // An SDK's reading of them.
  names_[request->id()] = request->name();
  return absl::OkStatus();
}

absl::Status ItemReader::AddFunctionOutput(Fields* item) {
  v1::Message* const to = call_.add_history();
  to->set_role(v1::ROLE_TOOL);
  v1::ToolResponse* const response = to->add_parts()->mutable_tool_response();
  ASSIGN_OR_RETURN(*response->mutable_id(), item->RequiredText("call_id"));
  response->set_name(names_[response->id()]);
  const json::value* const output = item->Find("output");
  if (output == nullptr) return Wrong(item->At("output"), nullptr, "it has to be a text");
  ASSIGN_OR_RETURN(*response->mutable_output(), ReadTextContent(*output, item->At("output")));
  return absl::OkStatus();
}

absl::Status ItemReader::AddReasoning(Fields* item) {
  v1::Reasoning* const reasoning =
      ModelMessage(v1::Part::kReasoning)->add_parts()->mutable_reasoning();
  ASSIGN_OR_RETURN(const std::string summary, ReadTexts(item, "summary", "summary_text"));
  ASSIGN_OR_RETURN(const std::string content, ReadTexts(item, "content", "reasoning_text"));
  reasoning->set_text(content.empty() ? summary : content);
  ASSIGN_OR_RETURN(*reasoning->mutable_signature(), item->Text("encrypted_content"));
  return absl::OkStatus();
}

v1::Message* ItemReader::ModelMessage(v1::Part::PartCase part) {
  if (std::exchange(is_answering_, true)) {
    v1::Message* const last = call_.mutable_history(call_.history_size() - 1);
    // Text or reasoning behind a request for a tool, or a second text, is another answer's.
    const bool goes_on = part == v1::Part::kToolRequest ||
                         std::all_of(last->parts().begin(), last->parts().end(),
                                     [](const v1::Part& said) { return said.has_reasoning(); });
    if (goes_on) return last;
  }
  v1::Message* const message = call_.add_history();
  message->set_role(v1::ROLE_MODEL);
  return message;
}

}  // namespace colophon::shape
