#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "colophon/v1/completion.pb.h"
#include "service/template/schema/picoschema.h"

namespace colophon::prompt {

// 1 to 64 letters, digits, _ or -.
bool IsToolName(std::string_view name);

// A definition {"name", "description", "inputSchema" | "input_schema" |
// "parameters"}, or OpenAI's {"type": "function", "function": {…}}; its schema
// may be Picoschema. `name` is its name when it says none. Nullopt after a
// problem that is an error.
std::optional<v1::Tool> ParseTool(const boost::json::value& definition, std::string_view name,
                                  const schema::Resolver& resolve,
                                  std::vector<schema::Problem>* problems);

}  // namespace colophon::prompt
