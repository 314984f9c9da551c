#include "service/completion/prepared_call.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/json.h"
#include "service/provider/media.h"
#include "service/template/prompt/model_parameters.h"
#include "service/template/render/canonical.h"
#include "service/template/render/renderer.h"

namespace colophon {
namespace {

absl::Status NotAllowed(const PreparedCall& call, const std::string& what) {
  return FailedPrecondition("OVERRIDE_NOT_ALLOWED",
                            fmt::format("{} says \"{}\" itself and doesn't let a call change it: "
                                        "add it to colophon.overrides in its "
                                        "front matter, or leave it out of the call",
                                        call.version().name(), what),
                            {{"field", what}});
}

// What the front matter names is its author's decision, unless colophon.overrides leaves it
// to the caller too; what it doesn't name is the caller's. The built-in echo asks no model,
// so that every prompt can be tried with it.
absl::Status ApplyOverrides(const v1::Overrides& overrides, PreparedCall* call) {
  const std::vector<std::string>& allowed = call->front_matter().overrides;
  const auto is_allowed = [&](const std::string& what) {
    return std::find(allowed.begin(), allowed.end(), what) != allowed.end();
  };
  if (!overrides.model().empty()) {
    const bool is_free = call->rendered.model().empty() || overrides.model().starts_with("echo/");
    if (!is_free && !is_allowed("model")) return NotAllowed(*call, "model");
    call->rendered.set_model(overrides.model());
    call->models = {overrides.model()};
  }
  for (const auto& [key, value] : overrides.config().fields()) {
    const bool is_free = !call->rendered.config().fields().contains(key);
    if (!is_free && !is_allowed(key)) return NotAllowed(*call, key);
    if (const auto problem = prompt::ParameterProblem(key, ToJson(value))) {
      return BadField("BAD_PARAMETER", "overrides.config", Quoted(key), *problem);
    }
    (*call->rendered.mutable_config()->mutable_fields())[key] = value;
  }
  return absl::OkStatus();
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
  const render::CallInputs given = {.variables_json = inputs.variables_json(),
                                    .context_json = inputs.context_json(),
                                    .history = inputs.history(),
                                    .tools = inputs.tools(),
                                    .schemas = inputs.schemas(),
                                    .spans = spans != nullptr};
  ASSIGN_OR_RETURN(render::RenderedCall rendered,
                   render::RenderCall(*call.resolution.loaded->closure, given, limits));
  RETURN_IF_ERROR(CheckMediaOf(rendered.rendered.messages()));
  call.plan = std::move(rendered.plan);
  call.rendered = std::move(rendered.rendered);
  if (spans != nullptr) *spans = std::move(rendered.spans);
  call.models = call.front_matter().fallbacks;
  if (!call.rendered.model().empty()) {
    call.models.insert(call.models.begin(), call.rendered.model());
  }
  RETURN_IF_ERROR(ApplyOverrides(inputs.overrides(), &call));
  call.rendered_digest = render::RenderedDigest(call.rendered);
  return call;
}

absl::StatusOr<PreparedCall> PrepareAgain(Registry* registry, const v1::Intent& intent,
                                          const Call& call) {
  Resolution resolution;
  ASSIGN_OR_RETURN(resolution.loaded, registry->Load(intent.repository(), intent.prompt(),
                                                     intent.version(), intent.commit(), call));
  render::Limits limits;
  limits.stop = call.stop;
  return PrepareCall(std::move(resolution), intent, limits);
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
