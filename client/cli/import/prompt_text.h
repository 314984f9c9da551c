#pragma once

// A whole `.prompt` file.

#include <map>
#include <set>
#include <string>

#include "client/cli/import/model_settings.h"
#include "client/cli/import/template_writer.h"
#include "service/base/json.h"

namespace colophon {

// Front matter of the members that are something, and the body. Without any it
// is the body alone.
std::string PromptText(const json::object& front_matter, const TemplateWriter& body);

// `value` as YAML, in lines; what JSON and YAML could read differently is quoted.
std::string ToYaml(const json::object& value);

// What input.schema says of one variable.
struct VariableSchema {
  std::string type = "any";  // Of Picoschema, without "object" and "array".
  bool optional = false;
  std::string description;
};

// An input.schema of variables by name: Picoschema, or JSON Schema where a name
// would mean something in Picoschema.
json::object SchemaOfVariables(const std::map<std::string, VariableSchema>& variables);
// Each is required, whatever it is.
json::object SchemaOfVariables(const std::set<std::string>& names);

// Adds config, toolDefs and output.
void AddSettings(const ModelSettings& settings, json::object* front_matter);

}  // namespace colophon
