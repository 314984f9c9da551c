#pragma once

// Model parameters of the front matter.

#include "service/template/prompt/front_matter.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// BAD_PARAMETER and PARAMETER_NAME.
void LintParameters(const prompt::FrontMatter& matter, DiagnosticSink* sink);

}  // namespace colophon::lint
