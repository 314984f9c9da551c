#pragma once

// The rules of Lint, a file a group.

#include <string_view>
#include <vector>

#include "service/template/prompt/closure.h"
#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// A rule tells so many of a kind in one file; who has more knows by then.
inline constexpr int kMostOfAKind = 50;

// Positions of offsets that only grow, in time proportional to the text.
class PositionCursor {
 public:
  PositionCursor(std::string_view text, Position start) : text_(text), position_(start) {}

  // `offset` is not before the last one, nor between "\r" and "\n".
  Position At(size_t offset) {
    position_ = syntax::PositionAt(text_.substr(at_, offset - at_), offset - at_, position_);
    at_ = offset;
    return position_;
  }

 private:
  const std::string_view text_;
  size_t at_ = 0;
  Position position_;
};

// INVISIBLE_CHARACTER and BIDI_CHARACTER. `text` is UTF-8, a whole file.
void LintCharacters(std::string_view text, DiagnosticSink* sink);

// SECRET in a whole file. No message holds more of one than its beginning.
void LintSecrets(std::string_view text, DiagnosticSink* sink);

// TRAILING_SPACE and TEXT_BEFORE_ROLE.
void LintLayout(const syntax::Program& program, DiagnosticSink* sink);

// UNREACHABLE_BRANCH, as far as the template alone tells.
void LintBranches(const syntax::Program& program, DiagnosticSink* sink);

// Tells that a branch of an `if`, `unless`, `ifEquals` or `unlessEquals` is never
// rendered, because what it asks is always true or always false, and `why`.
// Nothing when there is no such branch. True: it was told.
bool TellDeadBranch(const syntax::Statement& block, bool is_true, std::string_view why,
                    DiagnosticSink* sink);

// UNUSED_VARIABLE, UNDECLARED_VARIABLE and SIMILAR_VARIABLES, and
// UNREACHABLE_BRANCH where it is the input schema that rules a branch out.
void LintVariables(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics);

// NAME_MISMATCH.
void LintNames(const prompt::PromptFile& file, DiagnosticSink* sink);

// BAD_DEFAULT.
void LintDefaults(const prompt::Closure& closure, DiagnosticSink* sink);

// CONTEXT_EXCEEDED.
void LintContextSize(const prompt::Closure& closure, DiagnosticSink* sink);

}  // namespace colophon::lint
