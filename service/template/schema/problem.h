#pragma once

#include <string>

namespace colophon::schema {

// What is wrong with a schema, or isn't enforced.
struct Problem {
  std::string pointer;  // JSON pointer into the schema, "/color?(enum)".
  std::string code;     // "BAD_SCHEMA" or, a warning, "UNKNOWN_SCHEMA".
  std::string message;
  bool is_error = true;
};

}  // namespace colophon::schema
