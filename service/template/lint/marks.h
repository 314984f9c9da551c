#pragma once

// Marks that do something else than their author thinks: braces of other languages,
// comments that end early, blocks of helpers that take none.

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// IGNORED_BLOCK, SINGLE_BRACE and COMMENT_ENDS_INSIDE.
void LintMarks(const syntax::Program& program, DiagnosticSink* sink);

}  // namespace colophon::lint
