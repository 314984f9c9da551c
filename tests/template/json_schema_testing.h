#pragma once

// JSON Schema in tests: schemas and values as text.

#include <memory>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "service/template/schema/json_schema.h"

namespace colophon {

// Fails the test when it isn't JSON.
boost::json::value Json(std::string_view text);

struct CompiledSchema {
  std::shared_ptr<const schema::JsonSchema> schema;
  std::string problems;  // "CODE pointer: message" a line.
};
CompiledSchema CompileSchema(std::string_view schema);

// What is wrong with `value`, "pointer: message" a line; "" when it is valid. The
// problems of the schema when it has any.
std::string Violations(std::string_view schema, std::string_view value);

}  // namespace colophon
