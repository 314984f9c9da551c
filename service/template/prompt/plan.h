#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "service/template/schema/json_schema.h"

namespace colophon::prompt {

// What an app defines in its code and a call brings along, by name.
struct Definitions {
  std::map<std::string, std::string> schemas;  // JSON Schema, as JSON text.
  std::map<std::string, v1::Tool> tools;
};

// What every rendering of a closure has in common, worked out once. Immutable,
// so it may be shared by threads.
struct Plan {
  // All but the messages.
  v1::Rendered rendered;
  size_t rendered_bytes = 0;
  // Variables that the input schema requires and that have no default.
  std::vector<std::string> required;
  // Null: there is nothing to check.
  std::shared_ptr<const schema::JsonSchema> input_schema;
  std::shared_ptr<const schema::JsonSchema> output_schema;
  // Of those that the call brought, what the prompt names and no file defines.
  Definitions definitions;
  // What it names and nothing defines, sorted: "schema:ticket".
  std::vector<std::string> undefined;
  // The prompt's metadata, as the reference runtime gives it to an app.
  boost::json::object metadata;
  // {"prompt": metadata without its input}: what templates read as @metadata.
  boost::json::object data;
};

}  // namespace colophon::prompt
