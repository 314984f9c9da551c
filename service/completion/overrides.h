#pragma once

// What a caller decides for one call, laid over what the prompt says.

#include <memory>
#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/base/status.h"
#include "service/base/work.h"
#include "service/template/prompt/front_matter.h"
#include "service/template/schema/json_schema.h"

namespace colophon {

// What overrides change of a call that is rendered.
struct OverrideTarget {
  std::string_view version;  // "acme/support/triage@v12", for errors.
  const prompt::FrontMatter& front_matter;
  v1::Rendered* rendered;
  std::shared_ptr<const schema::JsonSchema>* output_schema;  // What the output is checked by.
};

// What the front matter names is its author's decision, unless colophon.overrides leaves it
// to the caller too; what it doesn't name is the caller's. To say the same is no change.
// The built-in echo asks no model, so that every prompt can be tried with it.
//
// Takes its price from `work`; when that ends, any error. FAILED_PRECONDITION
// OVERRIDE_NOT_ALLOWED; INVALID_ARGUMENT BAD_PARAMETER, BAD_TOOL, BAD_SCHEMA, BAD_VALUE.
absl::Status ApplyOverrides(const v1::Overrides& overrides, Work* work, OverrideTarget target);

}  // namespace colophon
