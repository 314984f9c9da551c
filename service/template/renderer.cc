#include "service/template/renderer.h"

#include <array>
#include <utility>

#include "boost/json/monotonic_resource.hpp"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/diagnostics.h"
#include "service/template/plan.h"
#include "service/template/template_renderer.h"

namespace colophon {
namespace {

absl::Status CheckRequired(const Closure& closure, const PromptPlan& plan,
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

absl::StatusOr<json::object> ParseInput(std::string_view field, std::string_view text) {
  if (text.empty()) return json::object();
  const auto bad = [field](std::string_view why) {
    return InvalidArgument("BAD_JSON", fmt::format("{}: {}", field, why),
                           {{"field", std::string(field)}});
  };
  absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) return bad(MessageOf(value.status()));
  if (!value->is_object()) return bad("it is no JSON object: write {\"name\": value, ...}");
  if (const auto number = FindUnheldNumber(text)) {
    return bad(
        fmt::format("{} doesn't fit into 64 bits: write it as a string, \"{}\"", *number, *number));
  }
  return std::move(value->get_object());
}

// What templates see: the defaults, and over them the call's variables.
json::value Merged(const json::object& defaults, const json::object& variables,
                   json::storage_ptr memory) {
  json::object merged(variables, std::move(memory));
  for (const auto& member : defaults) {
    if (!merged.contains(member.key())) merged.emplace(member.key(), member.value());
  }
  return json::value(std::move(merged));
}

absl::Status CheckVariables(const Closure& closure, const PromptPlan& plan,
                            const RenderInput& input, const RenderLimits& limits, Work* work) {
  if (plan.input_schema == nullptr) return absl::OkStatus();
  const json::object& defaults = closure.prompt->front_matter().input_default;
  if (!SpendOnCopy(input.variables, work) || !SpendOnCopy(defaults, work)) {
    return WorkError(*work, limits, closure.path, {});
  }
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource memory(buffer.data(), buffer.size());
  const SchemaResult result =
      plan.input_schema->Check(Merged(defaults, input.variables, &memory), {}, work);
  if (!work->ok()) return WorkError(*work, limits, closure.path, {});
  if (result.ok()) return absl::OkStatus();
  std::string lines;
  for (const SchemaViolation& violation : result.violations) {
    lines += "\n  " + FormatViolation(violation, "the variables");
  }
  return InvalidArgument(
      "BAD_VARIABLE",
      fmt::format("{} doesn't take these variables by its input.schema:{}", closure.path, lines),
      {{"pointer", result.violations[0].pointer}, {"rule", result.violations[0].rule}});
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

absl::StatusOr<RenderedMessages> RenderMessages(const Closure& closure, const PromptPlan& plan,
                                                const RenderInput& input,
                                                const RenderLimits& limits, Work* work) {
  RETURN_IF_ERROR(CheckRequired(closure, plan, input));
  RETURN_IF_ERROR(CheckVariables(closure, plan, input, limits, work));
  RETURN_IF_ERROR(CheckHistory(input));
  const boost::json::object& defaults = closure.prompt->front_matter().input_default;
  Layers layers;
  layers.under = Value(defaults);
  layers.over = &input.variables;
  const Value variables = defaults.empty() ? Value(input.variables) : Value(layers);

  TemplateRenderer renderer(closure, limits, input, work);
  RenderedMessages result;
  ASSIGN_OR_RETURN(result.messages, renderer.Render(variables, plan.data));
  result.history_placed = renderer.history_placed();
  result.spans = renderer.spans();
  return result;
}

absl::StatusOr<v1::Rendered> Assemble(const Closure& closure, const PromptPlan& plan,
                                      RenderedMessages* result) {
  if (result->messages.empty()) return EmptyPromptError(closure);
  v1::Rendered rendered = plan.rendered;
  *rendered.mutable_messages() = std::move(result->messages);
  return rendered;
}

}  // namespace

bool IsOutOfSteps(const absl::Status& status) {
  return ReasonOf(status) == "RENDER_LIMIT" && MetadataOf(status)["limit"] == "steps";
}

absl::StatusOr<RenderedMessages> RenderMessages(const Closure& closure, const PromptPlan& plan,
                                                const RenderInput& input,
                                                const RenderLimits& limits) {
  Work work(limits.steps, limits.stop);
  return RenderMessages(closure, plan, input, limits, &work);
}

absl::Status EmptyPromptError(const Closure& closure) {
  return InvalidArgument("EMPTY_PROMPT",
                         fmt::format("{} renders to nothing with these variables: there is no "
                                     "message to send",
                                     closure.path));
}

absl::StatusOr<v1::Rendered> Render(const Closure& closure, const PromptPlan& plan,
                                    const RenderInput& input, const RenderLimits& limits) {
  ASSIGN_OR_RETURN(RenderedMessages result, RenderMessages(closure, plan, input, limits));
  return Assemble(closure, plan, &result);
}

absl::StatusOr<v1::Rendered> Render(const Closure& closure, const RenderInput& input,
                                    const RenderLimits& limits) {
  const std::shared_ptr<const PromptPlan> plan = closure.plan ? closure.plan : MakePlan(closure);
  return Render(closure, *plan, input, limits);
}

absl::StatusOr<RenderedCall> RenderCall(const Closure& closure, const CallInputs& inputs,
                                        const RenderLimits& limits) {
  Work work(limits.steps, limits.stop);
  const auto out_of_work = [&] { return WorkError(work, limits, closure.path, {}); };
  if (!SpendOnJson(inputs.variables_json, &work) || !SpendOnJson(inputs.context_json, &work) ||
      !SpendOnCopy(inputs.history, &work)) {
    return out_of_work();
  }
  RenderInput input;
  ASSIGN_OR_RETURN(input.variables, ParseInput("variables_json", inputs.variables_json));
  ASSIGN_OR_RETURN(input.context, ParseInput("context_json", inputs.context_json));
  input.history = inputs.history;
  input.spans = inputs.spans;
  RenderedCall call;
  auto plan = PlanFor(closure, inputs.tools, inputs.schemas, &work);
  if (!work.ok()) return out_of_work();
  ASSIGN_OR_RETURN(call.plan, std::move(plan));
  // Its tools and schemas are copied, and written for the digest.
  if (!work.SpendBytes(2 * call.plan->rendered_bytes)) return out_of_work();
  ASSIGN_OR_RETURN(RenderedMessages result,
                   RenderMessages(closure, *call.plan, input, limits, &work));
  ASSIGN_OR_RETURN(call.rendered, Assemble(closure, *call.plan, &result));
  call.spans = std::move(result.spans);
  call.steps = work.spent();
  return call;
}

}  // namespace colophon
