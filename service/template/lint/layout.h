#pragma once

// White space and line breaks that do something else than they seem to.

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// TRAILING_SPACE and TEXT_BEFORE_ROLE.
void LintLayout(const syntax::Program& program, DiagnosticSink* sink);

}  // namespace colophon::lint
