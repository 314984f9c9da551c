#pragma once

// The second step of a completion, rendering the version that its reference means, which
// Render, Complete, CreateRecord and an audit of a record have in common.

#include <memory>
#include <string>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "service/base/call.h"
#include "service/base/status.h"
#include "service/registry/registry.h"
#include "service/template/prompt/plan.h"
#include "service/template/render/limits.h"
#include "service/template/schema/json_schema.h"

namespace colophon {

struct PreparedCall {
  Resolution resolution;
  v1::Rendered rendered;  // With the overrides applied.
  std::string rendered_digest;
  std::shared_ptr<const prompt::Plan> plan;
  // What the output is checked by; null: nothing.
  std::shared_ptr<const schema::JsonSchema> output_schema;

  const v1::Version& version() const { return resolution.loaded->version; }
  const prompt::FrontMatter& front_matter() const {
    return resolution.loaded->closure->prompt->front_matter();
  }
  // The model asked first, then the fallbacks, which a caller's own choice of
  // a model does without.
  std::vector<std::string> models;
};

using Spans = google::protobuf::RepeatedPtrField<v1::Span>;

// Who asks for the version of a call.
ResolveOptions ResolveOptionsOf(const v1::Intent& inputs);

// Renders a version from the inputs that `inputs` has. FAILED_PRECONDITION
// OVERRIDE_NOT_ALLOWED names what the front matter doesn't allow to change; what ends a
// rendering by its limits: render/limits.h. Unless null, `spans` is told where each piece
// of text came from.
absl::StatusOr<PreparedCall> PrepareCall(Resolution resolution, const v1::Intent& inputs,
                                         const render::Limits& limits, Spans* spans = nullptr);

// What was sent, from a record: the same version, variables, history, context
// and overrides.
absl::StatusOr<PreparedCall> PrepareAgain(Registry* registry, const v1::Intent& intent,
                                          const Call& call, Spans* spans = nullptr);

// Adds everything that follows from the preparation. Of the tools and schemas that the
// call brought, those stay that the prompt names.
void CompleteIntent(const PreparedCall& call, v1::Intent* intent);

}  // namespace colophon
