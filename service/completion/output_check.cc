#include "service/completion/output_check.h"

#include <string>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/record/recorder.h"

namespace colophon {
namespace {

v1::Violation ToProto(const schema::Violation& violation) {
  v1::Violation message;
  message.set_pointer(violation.pointer);
  message.set_rule(violation.rule);
  message.set_message(violation.message);
  return message;
}

}  // namespace

void CheckOutput(const schema::JsonSchema* output_schema, v1::Outcome* outcome) {
  if (output_schema == nullptr || outcome->status() != v1::RECORD_STATUS_OK) return;
  const std::string text = OutputText(outcome->completion());
  if (text.empty()) return;
  const absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) {
    outcome->set_output_valid(false);
    outcome->add_output_violations()->set_message(
        fmt::format("the output is not JSON: {}", MessageOf(value.status())));
    return;
  }
  const schema::Result result = output_schema->Check(*value);
  outcome->set_output_valid(result.ok());
  for (const schema::Violation& violation : result.violations) {
    *outcome->add_output_violations() = ToProto(violation);
  }
}

}  // namespace colophon
