#pragma once

// How Prompty's templates write a conversation: a line for each role, and a
// loop for the messages so far.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/import/jinja_lexer.h"

namespace colophon {

// "system:", "# user :", "assistant[name=\"Bob\"]:" of a whole line.
struct RoleLine {
  std::string role;
  bool has_arguments = false;
};

std::optional<RoleLine> ParseRoleLine(std::string_view line);

// Where the loop that begins at token `at` ends, when all it does is to write
// messages:
//
//   {% for m in list %} {{m.role}}: line break {{m.content}} {% endfor %}
//
// 0 when it does something else, or is no loop.
size_t HistoryLoopEnd(const std::vector<JinjaToken>& tokens, size_t at);

}  // namespace colophon
