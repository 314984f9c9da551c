#pragma once

// Keys that were pasted into a prompt, by the form their issuers give them.

#include <string_view>

#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// SECRET in a whole file. No message holds more of one than its beginning.
void LintSecrets(std::string_view text, DiagnosticSink* sink);

}  // namespace colophon::lint
