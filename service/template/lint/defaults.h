#pragma once

// Values of input.default that a call with them is refused for.

#include "service/template/prompt/closure.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// BAD_DEFAULT.
void LintDefaults(const prompt::Closure& closure, DiagnosticSink* sink);

}  // namespace colophon::lint
