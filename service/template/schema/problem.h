#pragma once

#include <string>

namespace colophon::schema {

// What is wrong with a schema, or isn't enforced.
struct Problem {
  std::string pointer;  // JSON pointer into the schema, "/color?(enum)".
  std::string code;     // "BAD_SCHEMA" or, warnings, "UNKNOWN_SCHEMA", "JSON_SCHEMA_WITHIN".
  std::string message;
  bool is_error = true;
};

}  // namespace colophon::schema
