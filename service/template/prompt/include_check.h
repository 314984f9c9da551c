#pragma once

#include <vector>

#include "service/template/prompt/closure.h"

namespace colophon::prompt {

// What includes what: cycles, more depth than is ever rendered, and blocks that nobody
// gives. `closure` has its prompt and its partials; problems go to `found`.
void CheckIncludes(const Closure& closure, std::vector<v1::Diagnostic>* found);

}  // namespace colophon::prompt
