#include "client/cli/prompt_input.h"

#include "client/cli/arguments.h"
#include "service/base/json.h"

namespace colophon {

void PromptInput::AddOptions(CLI::App* command, const std::string& data_help) {
  command->add_option("--var", variables_, "A variable: K=V for a string, K:=JSON for any value")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("--data", data_file_, data_help)->type_name("FILE");
  command
      ->add_option("--history", history_file_,
                   "JSON array of messages: [{\"role\": \"user\", \"content\": \"…\"}]")
      ->type_name("FILE");
  command->add_option("--context", context_file_, "JSON object that templates read as @name")
      ->type_name("FILE");
  command->add_option("--subject", subject_, "Who it is for: the same gets the same version")
      ->type_name("ID");
}

absl::StatusOr<DataArgument> PromptInput::Data() const {
  DataArgument data;
  if (!data_file_.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadInput(data_file_));
    ASSIGN_OR_RETURN(data, ParseDataArgument(text, "\"" + data_file_ + "\""));
  }
  for (const std::string& variable : variables_) {
    RETURN_IF_ERROR(AddVariable(variable, &data.input));
  }
  if (!context_file_.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadInput(context_file_));
    ASSIGN_OR_RETURN(const json::object context,
                     ParseJsonObject(text, "\"" + context_file_ + "\""));
    for (const auto& member : context) data.context[member.key()] = member.value();
  }
  if (history_file_.empty()) return data;
  ASSIGN_OR_RETURN(const std::vector<v1::Message> history, History());
  if (!data.messages) data.messages.emplace();
  for (const v1::Message& message : history) data.messages->push_back(MessageToDotprompt(message));
  return data;
}

absl::StatusOr<google::protobuf::Struct> PromptInput::Variables() const {
  google::protobuf::Struct variables;
  if (!data_file_.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadInput(data_file_));
    ASSIGN_OR_RETURN(variables, ParseObject(text, "\"" + data_file_ + "\""));
  }
  for (const std::string& variable : variables_) {
    RETURN_IF_ERROR(AddVariable(variable, &variables));
  }
  return variables;
}

absl::StatusOr<google::protobuf::Struct> PromptInput::Context() const {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(context_file_));
  return ParseObject(text, "\"" + context_file_ + "\"");
}

absl::StatusOr<std::vector<v1::Message>> PromptInput::History() const {
  if (history_file_.empty()) return std::vector<v1::Message>();
  ASSIGN_OR_RETURN(const std::string text, ReadInput(history_file_));
  return ParseHistory(text);
}

}  // namespace colophon
