#pragma once

// Variables that the template reads and the front matter doesn't know, and the
// other way round.

#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/template/prompt/closure.h"

namespace colophon::lint {

// UNUSED_VARIABLE, UNDECLARED_VARIABLE and SIMILAR_VARIABLES, and
// UNREACHABLE_BRANCH where it is the input schema that rules a branch out.
void LintVariables(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics);

}  // namespace colophon::lint
