#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/cli/dotprompt_json.h"
#include "colophon/v1/completion.pb.h"
#include "google/protobuf/struct.pb.h"
#include "service/base/status.h"

namespace colophon {

// What a prompt is rendered from, as `render` and `complete` take it.
class PromptInput {
 public:
  // --var, --data, --history, --context, --subject, --schema, --tool.
  // `data_help` is what --data holds.
  void AddOptions(CLI::App* command,
                  const std::string& data_help = "JSON object of variables; - is standard input");

  // What a FILE is rendered from: --data is Dotprompt's data, and the others add
  // to it.
  absl::StatusOr<DataArgument> Data() const;

  // Fills RenderRequest's or CompleteRequest's fields of that name.
  template <class Request>
  absl::Status Fill(Request* request) const {
    ASSIGN_OR_RETURN(*request->mutable_variables_json(), VariablesJson());
    ASSIGN_OR_RETURN(const std::vector<v1::Message> history, History());
    for (const v1::Message& message : history) *request->add_history() = message;
    if (!context_file_.empty()) {
      ASSIGN_OR_RETURN(*request->mutable_context_json(), ReadObject(context_file_));
    }
    request->set_subject(subject_);
    for (const std::string& schema : schemas_) {
      RETURN_IF_ERROR(AddSchema(schema, request->mutable_schemas()));
    }
    for (const std::string& file : tool_files_) {
      ASSIGN_OR_RETURN(*request->add_tools(), ReadTool(file));
    }
    return absl::OkStatus();
  }

 private:
  // As the file has them, when there are no others.
  absl::StatusOr<std::string> VariablesJson() const;
  static absl::StatusOr<std::string> ReadObject(const std::string& file);
  absl::StatusOr<std::vector<v1::Message>> History() const;
  static absl::Status AddSchema(const std::string& name_and_file,
                                google::protobuf::Map<std::string, std::string>* schemas);
  // What a NAME.tool.json holds.
  static absl::StatusOr<v1::Tool> ReadTool(const std::string& file);

  std::vector<std::string> variables_;
  std::string data_file_;
  std::string history_file_;
  std::string context_file_;
  std::string subject_;
  std::vector<std::string> schemas_;  // "Ticket=ticket.schema.json"
  std::vector<std::string> tool_files_;
};

}  // namespace colophon
