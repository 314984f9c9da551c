#pragma once

#include <vector>

#include "client/cli/tree.h"

namespace colophon {

// What `init` puts into an empty folder: a prompt that can be called at once, the partial
// it includes, and in comments what its parts are.
std::vector<LocalFile> StarterFiles();

}  // namespace colophon
