#pragma once

#include <string>
#include <vector>

#include "tests/lint/source_tree.h"

namespace colophon {

// Reads #include lines: each room includes only rooms below it, rooms of one
// layer don't know each other, and a foreign library is included only in its
// home. Tests are free.
std::vector<std::string> CheckLayers(const std::vector<SourceFile>& files);

// Files of one stem are a module, which depends on the modules of its room whose
// headers it includes. None of them leads back to itself, but in the rooms that are
// excused; one that is excused for nothing is a finding too.
std::vector<std::string> CheckCycles(const std::vector<SourceFile>& files,
                                     const std::vector<std::string>& excused);

}  // namespace colophon
