#include "client/cli/prompt_input.h"

#include <filesystem>
#include <optional>

#include "client/cli/arguments.h"
#include "client/cli/local_file.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/tool_definition.h"

namespace colophon {

void PromptInput::AddOptions(CLI::App* command, const std::string& data_help) {
  command
      ->add_option(
          "--var", variables_,
          "A variable: K=V for a string, K:=JSON for any value; either from a file: K=@FILE")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("--data", data_file_, data_help)->type_name("FILE");
  command
      ->add_option("--history", history_file_,
                   "JSON array of messages: [{\"role\": \"user\", \"content\": \"…\"}], or with "
                   "parts: \"content\": [{\"text\": \"…\"}]")
      ->type_name("FILE");
  command->add_option("--context", context_file_, "JSON object that templates read as @name")
      ->type_name("FILE");
  command->add_option("--subject", subject_, "Who it is for: the same gets the same version")
      ->type_name("ID");
  command
      ->add_option("--schema", schemas_, "A JSON Schema that the prompt names and no file defines")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--tool", tool_files_,
                   "A tool that the prompt names and no file defines: a JSON object with name, "
                   "description and inputSchema")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

absl::StatusOr<DataArgument> PromptInput::Data() const {
  if (!schemas_.empty() || !tool_files_.empty()) {
    return InvalidArgument("ONLY_FOR_REFERENCES",
                           "--schema and --tool are for a reference: put NAME.schema.json or "
                           "NAME.tool.json beside the file");
  }
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

// As it is in the file.
absl::StatusOr<std::string> PromptInput::ReadObject(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadInput(file));
  RETURN_IF_ERROR(ParseJsonObject(text, "\"" + file + "\"").status());
  return text;
}

absl::StatusOr<std::string> PromptInput::VariablesJson() const {
  std::string text = "{}";
  if (!data_file_.empty()) {
    ASSIGN_OR_RETURN(text, ReadObject(data_file_));
  }
  if (variables_.empty()) return text;
  ASSIGN_OR_RETURN(json::object variables, ParseJsonObject(text, "\"" + data_file_ + "\""));
  for (const std::string& variable : variables_) RETURN_IF_ERROR(AddVariable(variable, &variables));
  return WriteJson(variables);
}

absl::StatusOr<std::vector<v1::Message>> PromptInput::History() const {
  if (history_file_.empty()) return std::vector<v1::Message>();
  ASSIGN_OR_RETURN(const std::string text, ReadInput(history_file_));
  return ParseHistory(text);
}

absl::Status PromptInput::AddSchema(const std::string& name_and_file,
                                    google::protobuf::Map<std::string, std::string>* schemas) {
  const size_t equals = name_and_file.find('=');
  if (equals == std::string::npos || equals == 0) {
    return InvalidArgument("BAD_SCHEMA", fmt::format("--schema \"{}\": write NAME=FILE, such as "
                                                     "Ticket=ticket.schema.json",
                                                     name_and_file));
  }
  const std::string file = name_and_file.substr(equals + 1);
  ASSIGN_OR_RETURN(std::string schema, ReadInput(file));
  if (!IsUtf8(schema)) {
    return InvalidArgument("NOT_UTF8", fmt::format("\"{}\" is not UTF-8: convert it", file));
  }
  (*schemas)[name_and_file.substr(0, equals)] = std::move(schema);
  return absl::OkStatus();
}

absl::StatusOr<v1::Tool> PromptInput::ReadTool(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(file));
  ASSIGN_OR_RETURN(const json::object definition, ParseJsonObject(text, "\"" + file + "\""));
  std::string name = std::filesystem::path(file).filename().string();
  name = name.substr(0, name.find(".tool.json"));
  std::vector<schema::Problem> problems;
  const schema::Resolver no_names = [](std::string_view) { return std::nullopt; };
  std::optional<v1::Tool> tool = prompt::ParseTool(definition, name, no_names, &problems);
  if (tool.has_value()) return *std::move(tool);
  for (const schema::Problem& problem : problems) {
    if (!problem.is_error) continue;
    return InvalidArgument("BAD_TOOL", fmt::format("\"{}\": {}", file, problem.message));
  }
  return InvalidArgument("BAD_TOOL", fmt::format("\"{}\" defines no tool", file));
}

}  // namespace colophon
