#pragma once

// What the definitions of the program and its commands say, as the help, the man page
// and the shells show it.

#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"

namespace colophon {

struct Term {
  std::string name;     // "-m, --message TEXT"
  std::string meaning;  // "What changes and why"
};

// In the order in which they were added.
std::vector<const CLI::App*> CommandsOf(const CLI::App& program);
// Of a command without the program's, which every command takes too, --help as well.
std::vector<const CLI::Option*> OptionsOf(const CLI::App& app);
std::vector<const CLI::Option*> ArgumentsOf(const CLI::App& app);

// "colophon show [OPTIONS] REF"
std::string UsageLine(const CLI::App& app);
std::vector<Term> CommandTerms(const CLI::App& program);
std::vector<Term> OptionTerms(const CLI::App& app);
std::vector<Term> ArgumentTerms(const CLI::App& app);

// "-m", "--message"
std::vector<std::string> NamesOf(const CLI::Option& option);
// "TEXT" of an option, "REF" of an argument; empty: a flag.
std::string ValueName(const CLI::Option& option);
// The values that it takes, where it takes no other.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

}  // namespace colophon
