#pragma once

#include <string>
#include <vector>

#include "tests/lint/source_tree.h"

namespace colophon {

// Reads #include lines: each room includes only rooms below it, rooms of one
// layer don't know each other, and a foreign library is included only in its
// home. Tests are free.
std::vector<std::string> CheckLayers(const std::vector<SourceFile>& files);

}  // namespace colophon
