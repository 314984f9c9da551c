#pragma once

#include <string>

#include "CLI/CLI.hpp"

namespace colophon {

// What `--help` prints of the program or one of its commands: at most 80 columns wide.
std::string HelpText(const CLI::App& app);

}  // namespace colophon
