#pragma once

// What is allowed in a prompt and seldom meant: warnings. Errors only for what can't
// be meant; publishing is refused for them, and what was published before stays as
// it is.
//
//   IGNORED_BLOCK        an error: {{#role}} and its like, whose block is never sent
//   BAD_PARAMETER        an error: a model parameter that no API takes so
//   PARAMETER_NAME       a parameter by another name than every provider knows
//   SINGLE_BRACE         {name}, ${name} and {% … %} of other template languages
//   COMMENT_ENDS_INSIDE  a comment that a }} within it ended
//   JSON_WORD            JSON is asked for, and no text says so
//   UNUSED_VARIABLE      input.schema or input.default names it, nothing reads it
//   UNDECLARED_VARIABLE  the template reads it, the input schema has no place for it
//   SIMILAR_VARIABLES    userName and user_name
//   UNREACHABLE_BRANCH   a branch that no variables lead to
//   TEXT_BEFORE_ROLE     text that ends on the line of a {{role}}: it belongs to
//                        the message before
//   TRAILING_SPACE       spaces before a line break that are sent to the model
//   EMPTY_PROMPT         nothing but white space and comments: every call is refused
//   NAME_MISMATCH        front matter has another name or variant than the path
//   BAD_DEFAULT          a value of input.default that the input schema refuses
//   CONTEXT_EXCEEDED     the text alone has more tokens than the model takes
//   INVISIBLE_CHARACTER  zero-width and control characters, tags
//   BIDI_CHARACTER       characters that change the direction of text
//   SECRET               what looks like a key
//
// A false alarm is worse than a miss: what isn't certain is not told. Pure, and
// bounded in time and in the number of warnings, whatever the files hold.

#include <string_view>
#include <vector>

#include "service/template/prompt/closure.h"

namespace colophon::lint {

// Looks at a prompt and every file of its closure; each warning names the file
// it is about. Sorted by path and place.
void Lint(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics);

// The same for a partial that no prompt includes, as far as that can be told
// without one. `text` is what it was parsed from.
void LintPartial(const prompt::PromptFile& partial, std::string_view text,
                 std::vector<v1::Diagnostic>* diagnostics);

// What can be told of the bytes of any other file; `text` is UTF-8.
void LintFile(std::string_view path, std::string_view text,
              std::vector<v1::Diagnostic>* diagnostics);

}  // namespace colophon::lint
