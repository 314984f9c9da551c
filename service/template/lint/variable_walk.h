#pragma once

#include "service/template/lint/variable_reads.h"
#include "service/template/prompt/closure.h"

namespace colophon::lint {

// Walks a prompt's template and partials as the renderer would, every branch of
// them, and hands their expressions to `reads`. False when there is too much to
// walk: then `reads` is not complete.
bool WalkVariables(const prompt::Closure& closure, VariableReads* reads);

}  // namespace colophon::lint
