#pragma once

// Inline partials that include themselves whatever the variables are: rendering one
// never ends but at a limit.

#include <string>
#include <vector>

#include "service/template/prompt/closure.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::prompt {

struct InlineCycle {
  std::string path;  // Of the file that defines it.
  Position position;
  std::string names;  // "a → b → a"
};

// Only what is certain: what nothing includes does no harm, what stands in a block may
// not be rendered, and a name that is defined twice may mean either. `closure` has its prompt and
// its partials.
std::vector<InlineCycle> FindInlineCycles(const Closure& closure);

}  // namespace colophon::prompt
