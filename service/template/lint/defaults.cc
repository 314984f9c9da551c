#include "service/template/lint/defaults.h"

#include "fmt/format.h"
#include "service/template/prompt/plan.h"

namespace colophon::lint {

void LintDefaults(const prompt::Closure& closure, DiagnosticSink* sink) {
  const prompt::FrontMatter& matter = closure.prompt->front_matter();
  if (closure.plan == nullptr || closure.plan->input_schema == nullptr) return;
  schema::Limits limits;
  limits.steps = 50'000;  // Front matter is small; a schema may not be.
  const schema::Result result = closure.plan->input_schema->Check(matter.input_default, limits);
  if (result.limit_reached) return;
  for (const schema::Violation& violation : result.violations) {
    if (violation.pointer.empty()) continue;  // What the call has to add.
    sink->Warning(syntax::FindPosition(matter.positions, "/input/default" + violation.pointer),
                  "BAD_DEFAULT",
                  fmt::format("a call that leaves it out is refused: by input.schema, {}",
                              schema::FormatViolation(violation, "the default")));
  }
}

}  // namespace colophon::lint
