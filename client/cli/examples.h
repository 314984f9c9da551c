#pragma once

#include <string>
#include <vector>

namespace colophon {

// One to three lines to type as they stand; none of an unknown command.
std::vector<std::string> ExamplesOf(const std::string& command);

}  // namespace colophon
