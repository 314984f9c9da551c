#pragma once

// Prompts from texts, for tests.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json/object.hpp"
#include "service/template/prompt/closure.h"
#include "service/template/render/renderer.h"

namespace colophon {

// Files by path.
using Tree = std::map<std::string, std::string>;

struct Loaded {
  std::shared_ptr<const prompt::Closure> closure;  // Null after an error.
  std::vector<v1::Diagnostic> diagnostics;

  // One line each, as FormatDiagnostic has it.
  std::string Text() const;
  // "3:7 UNKNOWN_HELPER" a line, errors and warnings.
  std::string Codes() const;
};

Loaded LoadTree(const std::string& path, const Tree& tree);
// The one file p.prompt, and partials by name.
Loaded LoadPrompt(std::string_view text, const std::map<std::string, std::string>& partials = {});

// JSON text to an object; a failure of the test when it is none.
boost::json::object Object(std::string_view json);

// Renders, with variables as JSON text. A failed load is INVALID_ARGUMENT
// BAD_FILE.
absl::StatusOr<v1::Rendered> RenderText(std::string_view text, std::string_view variables = "{}",
                                        const std::map<std::string, std::string>& partials = {},
                                        const render::Limits& limits = {});

// The text of what is rendered when it is one message of one part, else each
// message as "role: part|part" on a line of its own. Errors as "!REASON".
std::string Output(std::string_view text, std::string_view variables = "{}",
                   const std::map<std::string, std::string>& partials = {});
std::string Describe(const absl::StatusOr<v1::Rendered>& rendered);

// `output` is what Handlebars.js 4.7 prints with noEscape. Where that is white
// space alone there is no message.
struct HandlebarsCase {
  const char* text;
  const char* variables;  // As JSON text.
  const char* output;
  std::map<std::string, std::string> partials = {};
};
void CheckHandlebars(const HandlebarsCase& test);

}  // namespace colophon
