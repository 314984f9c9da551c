#pragma once

#include <memory>
#include <string>
#include <vector>

#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "service/template/closure.h"
#include "service/template/picoschema.h"

namespace colophon {

// What every rendering of a closure has in common, worked out once. Immutable,
// so it may be shared by threads.
struct PromptPlan {
  // All but the messages.
  v1::Rendered rendered;
  // Variables that the input schema requires and that have no default.
  std::vector<std::string> required;
  // What the reference's renderMetadata returns.
  boost::json::object metadata;
  // {"prompt": metadata without its input}: what templates read as @metadata.
  boost::json::object data;
};

std::shared_ptr<const PromptPlan> MakePlan(const Closure& closure);

// A definition {"name", "description", "inputSchema" | "input_schema" |
// "parameters"}, or OpenAI's {"type": "function", "function": {…}}; its schema
// may be Picoschema. `name` is its name when it says none. Nullopt after a
// problem that is an error.
std::optional<v1::Tool> ParseTool(const boost::json::value& definition, std::string_view name,
                                  const SchemaResolver& resolve,
                                  std::vector<SchemaProblem>* problems);

// Reads `schemas`, texts that LoadClosure has checked.
SchemaResolver ResolverOf(const std::map<std::string, std::string>& schemas);

}  // namespace colophon
