#pragma once

// What Prompty's front matter says of inputs, outputs and tools, in each of the
// forms that its schemas have had:
//
//   inputs: {name: Jane}                              a sample
//   inputs: {name: {type: string, default: Jane}}
//   inputs: [{name: name, kind: string}]
//   inputSchema: {properties: [{name: name, kind: string}]}

#include <optional>
#include <string>
#include <vector>

#include "client/cli/import/json_node.h"
#include "client/cli/import/model_settings.h"

namespace colophon {

struct PromptyProperty {
  std::string name;
  // Of JSON Schema, or "any", "thread" and what else there is.
  std::string type = "any";
  std::string description;
  std::optional<bool> required;  // When it is said.
  json::value default_value;
  json::value sample;
  json::value definition;  // All of it; null for a bare sample.
};

absl::StatusOr<std::vector<PromptyProperty>> PromptyProperties(const JsonNode& node);

// "string", "integer", "number", "boolean", "array", "object".
std::string PromptyTypeOf(const json::value& value);

// A JSON Schema with these properties. `required`: those that don't say it.
json::value PromptySchema(const std::vector<PromptyProperty>& properties, bool required,
                          const std::string& field, const NotCarriedSink& sink);

// A map or list of tools; functions become toolDefs.
absl::Status PromptyTools(const JsonNode& node, ModelSettings* settings,
                          const NotCarriedSink& sink);

}  // namespace colophon
