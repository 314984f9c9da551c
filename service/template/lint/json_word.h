#pragma once

// OpenAI's API refuses every call that asks for JSON without a schema when no message
// says the word.

#include "service/template/prompt/closure.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// JSON_WORD.
void LintJsonWord(const prompt::Closure& closure, DiagnosticSink* sink);

}  // namespace colophon::lint
