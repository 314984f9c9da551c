#pragma once

// A file is the prompt that its path says: "support/triage.short.prompt" is the
// variant "short" of "support/triage", a prompt of its own with its own versions.

#include "service/template/prompt/prompt_file.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// NAME_MISMATCH.
void LintNames(const prompt::PromptFile& file, DiagnosticSink* sink);

}  // namespace colophon::lint
