#include "service/completion/output_check.h"

#include <string>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/record/recorder.h"

namespace colophon {
namespace {

v1::Violation ToProto(const SchemaViolation& violation) {
  v1::Violation message;
  message.set_pointer(violation.pointer);
  message.set_rule(violation.rule);
  message.set_message(violation.message);
  return message;
}

}  // namespace

void CheckOutput(const PromptPlan& plan, v1::Outcome* outcome) {
  if (plan.output_schema == nullptr || outcome->status() != v1::RECORD_STATUS_OK) return;
  const std::string text = OutputText(outcome->completion());
  if (text.empty()) return;
  const absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) {
    outcome->set_output_valid(false);
    outcome->add_output_violations()->set_message(
        fmt::format("the output is not JSON: {}", MessageOf(value.status())));
    return;
  }
  const SchemaResult result = plan.output_schema->Check(*value);
  outcome->set_output_valid(result.ok());
  for (const SchemaViolation& violation : result.violations) {
    *outcome->add_output_violations() = ToProto(violation);
  }
}

}  // namespace colophon
