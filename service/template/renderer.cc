#include "service/template/renderer.h"

#include <utility>

#include "fmt/format.h"
#include "service/template/diagnostics.h"
#include "service/template/plan.h"
#include "service/template/template_renderer.h"

namespace colophon {
namespace {

absl::Status CheckVariables(const Closure& closure, const PromptPlan& plan,
                            const RenderInput& input) {
  std::string missing;
  int count = 0;
  for (const std::string& name : plan.required) {
    if (input.variables.contains(name)) continue;
    missing += (missing.empty() ? "" : ", ") + Quote(name);
    ++count;
  }
  if (count == 0) return absl::OkStatus();
  return InvalidArgument(
      "MISSING_VARIABLE",
      fmt::format(
          "{} requires the variable{} {}, which the call doesn't give: add {} to `variables`, "
          "or give input.default a value",
          closure.path, count == 1 ? "" : "s", missing, count == 1 ? "it" : "them"),
      {{"variables", missing}});
}

absl::Status CheckHistory(const RenderInput& input) {
  for (int i = 0; i < input.history.size(); ++i) {
    if (input.history[i].role() >= v1::ROLE_SYSTEM && input.history[i].role() <= v1::ROLE_TOOL) {
      continue;
    }
    return InvalidArgument(
        "UNKNOWN_ROLE",
        fmt::format("history[{}].role is {}: it has to be system, user, model or tool", i,
                    static_cast<int>(input.history[i].role())));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Rendered> Render(const Closure& closure, const RenderInput& input,
                                    const RenderLimits& limits) {
  const std::shared_ptr<const PromptPlan> plan = closure.plan ? closure.plan : MakePlan(closure);
  RETURN_IF_ERROR(CheckVariables(closure, *plan, input));
  RETURN_IF_ERROR(CheckHistory(input));
  const boost::json::object& defaults = closure.prompt->front_matter().input_default;
  Layers layers;
  layers.under = Value(defaults);
  layers.over = &input.variables;
  const Value variables = defaults.empty() ? Value(input.variables) : Value(layers);

  TemplateRenderer renderer(closure, limits, input.history);
  ASSIGN_OR_RETURN(auto messages, renderer.Render(variables, input.context, plan->data));
  if (messages.empty()) {
    return InvalidArgument("EMPTY_PROMPT",
                           fmt::format("{} renders to nothing with these variables: there is no "
                                       "message to send",
                                       closure.path));
  }
  v1::Rendered rendered = plan->rendered;
  *rendered.mutable_messages() = std::move(messages);
  return rendered;
}

}  // namespace colophon
