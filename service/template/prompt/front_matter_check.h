#pragma once

#include "service/template/prompt/front_matter.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/yaml.h"

namespace colophon::prompt {

// Reads all keys; every problem is reported. Keys that nobody knows are a
// warning, in the namespace `colophon` an error.
FrontMatter CheckFrontMatter(syntax::YamlDocument document, DiagnosticSink* sink);

}  // namespace colophon::prompt
