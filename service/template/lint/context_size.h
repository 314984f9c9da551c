#pragma once

// Prompts whose text alone is more than their model takes.

#include "service/template/prompt/closure.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// CONTEXT_EXCEEDED.
void LintContextSize(const prompt::Closure& closure, DiagnosticSink* sink);

}  // namespace colophon::lint
