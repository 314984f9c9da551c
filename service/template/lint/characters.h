#pragma once

// Characters that people don't see and models read.

#include <string_view>

#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// INVISIBLE_CHARACTER and BIDI_CHARACTER. `text` is UTF-8, a whole file.
void LintCharacters(std::string_view text, DiagnosticSink* sink);

}  // namespace colophon::lint
