#include "service/template/lint/lint.h"

#include <algorithm>
#include <tuple>

#include "service/template/lint/branches.h"
#include "service/template/lint/characters.h"
#include "service/template/lint/context_size.h"
#include "service/template/lint/defaults.h"
#include "service/template/lint/json_word.h"
#include "service/template/lint/layout.h"
#include "service/template/lint/marks.h"
#include "service/template/lint/names.h"
#include "service/template/lint/parameters.h"
#include "service/template/lint/secrets.h"
#include "service/template/lint/variables.h"
#include "service/template/syntax/js_text.h"

namespace colophon::lint {
namespace {

// What can be told of a file's bytes, of whichever kind it is.
void LintText(std::string_view text, DiagnosticSink* sink) {
  LintSecrets(text, sink);
  LintCharacters(text, sink);
}

void LintEmpty(const prompt::PromptFile& prompt, DiagnosticSink* sink) {
  for (const syntax::Statement& statement : prompt.program().body) {
    const bool is_nothing =
        statement.kind == syntax::Statement::Kind::kComment ||
        statement.kind == syntax::Statement::Kind::kInline ||
        (statement.kind == syntax::Statement::Kind::kContent && syntax::IsBlank(statement.text));
    if (!is_nothing) return;
  }
  sink->Warning({1, 1}, "EMPTY_PROMPT",
                "the prompt has no text, so every call of it is refused: write what the model is "
                "to be sent");
}

void LintTemplate(const prompt::PromptFile& file, DiagnosticSink* sink) {
  LintBranches(file.program(), sink);
  LintLayout(file.program(), sink);
  LintMarks(file.program(), sink);
}

void Report(std::vector<v1::Diagnostic> found, std::vector<v1::Diagnostic>* diagnostics) {
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::forward_as_tuple(a.path(), a.line(), a.column()) <
           std::forward_as_tuple(b.path(), b.line(), b.column());
  });
  diagnostics->insert(diagnostics->end(), found.begin(), found.end());
}

}  // namespace

void Lint(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics) {
  std::vector<v1::Diagnostic> found;  // What matters most first: a sink takes only so many.
  for (const prompt::ClosureFile& file : closure.files) {
    DiagnosticSink sink(file.path, &found);
    LintText(file.content, &sink);
  }
  LintVariables(closure, &found);
  DiagnosticSink sink(closure.path, &found);
  LintEmpty(*closure.prompt, &sink);
  LintNames(*closure.prompt, &sink);
  LintDefaults(closure, &sink);
  LintContextSize(closure, &sink);
  LintParameters(closure.prompt->front_matter(), &sink);
  LintJsonWord(closure, &sink);
  LintTemplate(*closure.prompt, &sink);
  for (const auto& [name, partial] : closure.partials) {
    DiagnosticSink partial_sink(partial->path(), &found);
    LintTemplate(*partial, &partial_sink);
  }
  Report(std::move(found), diagnostics);
}

void LintPartial(const prompt::PromptFile& partial, std::string_view text,
                 std::vector<v1::Diagnostic>* diagnostics) {
  std::vector<v1::Diagnostic> found;
  DiagnosticSink sink(partial.path(), &found);
  LintText(text, &sink);
  LintTemplate(partial, &sink);
  Report(std::move(found), diagnostics);
}

void LintFile(std::string_view path, std::string_view text,
              std::vector<v1::Diagnostic>* diagnostics) {
  std::vector<v1::Diagnostic> found;
  DiagnosticSink sink(path, &found);
  LintText(text, &sink);
  Report(std::move(found), diagnostics);
}

}  // namespace colophon::lint
