#include <utility>

#include "fmt/format.h"
#include "service/base/message_parts.h"
#include "service/shape/answer.h"
#include "service/shape/fields.h"
#include "service/shape/openai_response.h"

namespace colophon::shape {
namespace {

// As a request says it.
json::array ToolsOf(const v1::Overrides& overrides) {
  json::array tools;
  for (const v1::Tool& tool : overrides.tools()) {
    json::object function{{"type", "function"}, {"name", tool.name()}, {"strict", tool.strict()}};
    if (!tool.description().empty()) function["description"] = tool.description();
    absl::StatusOr<json::value> schema = ParseJson(tool.input_schema());
    function["parameters"] = schema.ok() ? *std::move(schema) : json::value(nullptr);
    tools.push_back(std::move(function));
  }
  return tools;
}

// What the request said, as far as the record says it in the API's words.
json::object BodyOf(const v1::Intent& intent) {
  json::object body;
  json::object metadata;
  for (const auto& [key, value] : intent.tags()) {
    if (key == kPreviousTag) {
      body["previous_response_id"] = value;
    } else if (key == kInstructionsTag && intent.history_size() > 0) {
      body["instructions"] = TextOfParts(intent.history(0));
    } else if (key != kStoreTag) {
      metadata[key] = value;
    }
  }
  body["metadata"] = std::move(metadata);
  body["tools"] = ToolsOf(intent.overrides());
  json::object prompt{{"id", fmt::format("{}/{}", intent.repository(), intent.prompt())}};
  prompt["version"] = intent.version() > 0 ? std::to_string(intent.version()) : intent.commit();
  absl::StatusOr<json::value> variables = ParseJson(intent.variables_json());
  if (variables.ok()) prompt["variables"] = *std::move(variables);
  body["prompt"] = std::move(prompt);
  return body;
}

v1::CompleteResponse AnswerOf(const v1::GetRecordResponse& stored) {
  const v1::Outcome& outcome = stored.record().outcome();
  v1::CompleteResponse response;
  response.set_record(stored.record().id());
  response.set_version(stored.version());
  response.set_commit(stored.record().intent().commit());
  response.set_label(stored.record().intent().label());
  response.set_model(outcome.model());
  *response.mutable_completion() = outcome.completion();
  if (outcome.has_output_valid()) response.set_output_valid(outcome.output_valid());
  *response.mutable_output_violations() = outcome.output_violations();
  return response;
}

}  // namespace

absl::StatusOr<std::string> WriteStoredResponse(const v1::GetRecordResponse& stored) {
  const v1::Record& record = stored.record();
  if (const auto store = record.intent().tags().find(kStoreTag);
      store != record.intent().tags().end() && store->second == "false") {
    return NotFound("RECORD_NOT_FOUND",
                    fmt::format("response {} was made with \"store\": false; its record is read by "
                                "RecordService/GetRecord",
                                record.id()));
  }
  const v1::Outcome& outcome = record.outcome();
  for (const v1::Part& part : outcome.completion().message().parts()) {
    if (part.has_media()) {
      return NoPlace("the output",
                     "it has media, which a response has no item for; read the "
                     "record by RecordService/GetRecord");
    }
  }
  json::object response =
      NewResponse(record.id(), stored.version(), EchoOf(BodyOf(record.intent())));
  if (!record.has_outcome()) return WriteJson(response);
  const bool is_ok = outcome.status() == v1::RECORD_STATUS_OK;
  const v1::Completion& completion = outcome.completion();
  json::array output = OutputOf(record.id(), completion.message(),
                                is_ok ? ResponseStatusOf(completion.stop_reason()) : "incomplete");
  EndResponse(completion, output, &response);
  if (!is_ok) {
    FailResponse(outcome.error_reason(), outcome.error_message(), std::move(output), &response);
    response["incomplete_details"] = nullptr;
  }
  if (outcome.status() == v1::RECORD_STATUS_CANCELLED) response["status"] = "cancelled";
  response["colophon"] = Colophon(AnswerOf(stored));
  return WriteJson(response);
}

}  // namespace colophon::shape
