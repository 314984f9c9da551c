#pragma once

// Which prompt a request means, and what it is rendered from: the same in all shapes.
//
//   "model": "acme/support/triage@v12"
//   "prompt": {"id": "acme/support/triage", "version": "12", "variables": {...}}
//   "prompt_id", "prompt_version" or "prompt_label", "prompt_variables"
//   header colophon-prompt: acme/support/triage@v12
//   header colophon-variables: {...}
//   "colophon": {"variables": {...}, "context": {...}, "subject": "u1", "tags": {...}}
//
// A version is a number, or a label or whatever else a reference may end with. Names that
// are given more than once must agree. Where another of them names the prompt, `model`
// is the call's own choice of a model, unless it is a reference itself.

#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/shape/fields.h"
#include "service/shape/shape.h"

namespace colophon::shape {

// Reads all of them into name, variables_json, context_json, subject, tags and
// overrides.model. A model without a provider is `provider`'s.
absl::Status ReadPrompt(const Request& request, std::string_view provider, Fields* body,
                        v1::CompleteRequest* call);

}  // namespace colophon::shape
