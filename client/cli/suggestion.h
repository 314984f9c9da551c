#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"

namespace colophon {

// The candidate that a misspelt word may stand for: few letters differ, or it is how
// the candidate begins. The first of those that are as close.
std::optional<std::string> FindClosest(std::string_view word,
                                       const std::vector<std::string>& candidates);

// "no command "publsh"; did you mean publish?"
std::string NoCommand(const CLI::App& program, std::string_view word);

// What is wrong with a command line that `program` didn't take, and what to do.
std::string DescribeMisuse(const CLI::App& program, const CLI::ParseError& error);

}  // namespace colophon
