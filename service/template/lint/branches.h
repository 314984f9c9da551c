#pragma once

// Branches that no variables lead to: constant conditions, and conditions that
// were settled by one around them.

#include <string_view>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// UNREACHABLE_BRANCH, as far as the template alone tells.
void LintBranches(const syntax::Program& program, DiagnosticSink* sink);

// Tells that a branch of an `if`, `unless`, `ifEquals` or `unlessEquals` is never
// rendered, because what it asks is always true or always false, and `why`.
// Nothing when there is no such branch. True: it was told.
bool TellDeadBranch(const syntax::Statement& block, bool is_true, std::string_view why,
                    DiagnosticSink* sink);

}  // namespace colophon::lint
