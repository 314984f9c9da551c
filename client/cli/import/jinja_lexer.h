#pragma once

// The tokens of a Jinja2 template, with its white space control done: "{%-" and
// "-%}" take the white space beside them, and one line break at the end goes.

#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace colophon {

struct JinjaToken {
  enum class Kind {
    kText,
    kValue,      // {{ text }}
    kStatement,  // {% text %}
    kComment,    // {# text #}
  };
  Kind kind = Kind::kText;
  std::string text;  // Of a tag what stands inside, without white space around.
  int line = 0;
};

// INVALID_ARGUMENT BAD_JINJA when a tag has no end. No two texts follow each
// other.
absl::StatusOr<std::vector<JinjaToken>> LexJinja(std::string_view text, int first_line);

absl::Status JinjaError(int line, std::string_view message);

// The words of what stands in a tag: names and numbers, strings with their
// quotes, and signs such as "." and "==".
std::vector<std::string> JinjaWords(std::string_view text);

}  // namespace colophon
