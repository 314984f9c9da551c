#include "service/completion/prepared_call.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/completion/overrides.h"
#include "service/provider/media.h"
#include "service/template/render/canonical.h"
#include "service/template/render/renderer.h"

namespace colophon {
namespace {

// What the call brings for names of the prompt that no file defines, the tools that it
// wants anyway among them.
google::protobuf::RepeatedPtrField<v1::Tool> ToolsOf(const v1::Intent& inputs) {
  auto tools = inputs.tools();
  for (const v1::Tool& tool : inputs.overrides().tools()) {
    const bool is_there = std::any_of(tools.begin(), tools.end(), [&](const v1::Tool& other) {
      return other.name() == tool.name();
    });
    if (!is_there) *tools.Add() = tool;
  }
  return tools;
}

absl::Status ApplyOverridesTo(const v1::Overrides& overrides, const render::Limits& limits,
                              int64_t spent, PreparedCall* call) {
  Work work(limits.steps - spent, limits.stop);
  absl::Status applied = ApplyOverrides(overrides, &work,
                                        {.version = call->version().name(),
                                         .front_matter = call->front_matter(),
                                         .rendered = &call->rendered,
                                         .output_schema = &call->output_schema});
  if (!work.ok()) return render::WorkError(work, limits, call->version().name(), {});
  return applied;
}

// Whatever a template or a variable made of it.
absl::Status CheckMediaOf(const google::protobuf::RepeatedPtrField<v1::Message>& messages) {
  for (int i = 0; i < messages.size(); ++i) {
    for (int k = 0; k < messages[i].parts_size(); ++k) {
      if (!messages[i].parts(k).has_media()) continue;
      RETURN_IF_ERROR(
          CheckMedia(messages[i].parts(k).media(), fmt::format("messages[{}].parts[{}]", i, k)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

ResolveOptions ResolveOptionsOf(const v1::Intent& inputs) {
  ResolveOptions options;
  options.subject = inputs.subject();
  return options;
}

absl::StatusOr<PreparedCall> PrepareCall(Resolution resolution, const v1::Intent& inputs,
                                         const render::Limits& limits, Spans* spans) {
  PreparedCall call;
  call.resolution = std::move(resolution);
  const auto tools = ToolsOf(inputs);
  const render::CallInputs given = {.variables_json = inputs.variables_json(),
                                    .context_json = inputs.context_json(),
                                    .history = inputs.history(),
                                    .tools = tools,
                                    .schemas = inputs.schemas(),
                                    .spans = spans != nullptr};
  ASSIGN_OR_RETURN(render::RenderedCall rendered,
                   render::RenderCall(*call.resolution.loaded->closure, given, limits));
  RETURN_IF_ERROR(CheckMediaOf(rendered.rendered.messages()));
  call.plan = std::move(rendered.plan);
  call.output_schema = call.plan->output_schema;
  call.rendered = std::move(rendered.rendered);
  if (spans != nullptr) *spans = std::move(rendered.spans);
  const std::string own_model = call.rendered.model();
  RETURN_IF_ERROR(ApplyOverridesTo(inputs.overrides(), limits, rendered.steps, &call));
  if (call.rendered.model() == own_model) call.models = call.front_matter().fallbacks;
  if (!call.rendered.model().empty()) {
    call.models.insert(call.models.begin(), call.rendered.model());
  }
  call.rendered_digest = render::RenderedDigest(call.rendered);
  return call;
}

absl::StatusOr<PreparedCall> PrepareAgain(Registry* registry, const v1::Intent& intent,
                                          const Call& call, Spans* spans) {
  Resolution resolution;
  ASSIGN_OR_RETURN(resolution.loaded, registry->Load(intent.repository(), intent.prompt(),
                                                     intent.version(), intent.commit(), call));
  render::Limits limits;
  limits.stop = call.stop;
  return PrepareCall(std::move(resolution), intent, limits, spans);
}

void CompleteIntent(const PreparedCall& call, v1::Intent* intent) {
  const v1::Version& version = call.version();
  intent->set_repository(version.repository());
  intent->set_prompt(version.prompt());
  intent->set_version(version.version());
  intent->set_commit(version.commit());
  intent->set_digest(version.digest());
  intent->set_label(call.resolution.label);
  if (!call.models.empty()) intent->set_model(call.models.front());
  intent->set_rendered_digest(call.rendered_digest);
  intent->clear_tools();
  for (const auto& [name, tool] : call.plan->definitions.tools) *intent->add_tools() = tool;
  const auto& schemas = call.plan->definitions.schemas;
  intent->clear_schemas();
  intent->mutable_schemas()->insert(schemas.begin(), schemas.end());
  intent->mutable_undefined()->Assign(call.plan->undefined.begin(), call.plan->undefined.end());
}

}  // namespace colophon
