#pragma once

#include <string>

#include "CLI/CLI.hpp"

namespace colophon {

// colophon(1), in the macros of man(7).
std::string ManPage(const CLI::App& program);

}  // namespace colophon
