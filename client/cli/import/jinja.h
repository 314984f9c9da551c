#pragma once

// Templates of Jinja2, as Prompty files have them, in Handlebars.
//
//   body       = { text | "{{" value "}}" | "{#" … "#}" | raw | if | for }
//   value      = path [ "|" "safe" ] | string | whole number
//   path       = name { "." name | "[" string "]" | "[" whole number "]" }
//   if         = "{% if" test "%}" body { "{% elif" test "%}" body }
//                [ "{% else %}" body ] "{% endif %}"
//   test       = [ "not" ] path | path ( "==" | "!=" ) literal
//   for        = "{% for" name "in" path "%}" body [ "{% else %}" body ] "{% endfor %}"
//   raw        = "{% raw %}" text "{% endraw %}"
//
// and in a loop loop.index0, loop.first and loop.last. All else is refused: a
// template that means something else is worse than none. What both languages
// print alike is text and whole numbers; of an empty object as a test they
// disagree.
//
// In a chat, lines such as "system:" begin a message, and what stands before
// the first one is the system's. A loop that writes role and content of each
// message, and the line "![thread]", are the history.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/import/template_writer.h"
#include "service/base/status.h"

namespace colophon {

struct JinjaOptions {
  bool roles = true;                     // Whether role lines begin messages.
  std::set<std::string> history_inputs;  // Variables that are printed as the history.
  int first_line = 1;                    // Of the template in its file.
};

struct JinjaResult {
  TemplateWriter body;
  std::set<std::string> printed;   // Variables that are printed whole.
  std::set<std::string> tested;    // Those that an if or a for asks about.
  std::set<std::string> history;   // Those that became the history.
  std::vector<std::string> notes;  // What is told of the conversion.
};

// INVALID_ARGUMENT BAD_JINJA: "line 12: {{ name | upper }}: …".
absl::StatusOr<JinjaResult> ConvertJinja(std::string_view text, const JinjaOptions& options);

}  // namespace colophon
