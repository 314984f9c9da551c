#include "client/cli/suggestion.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/spelling.h"

namespace colophon {
namespace {

std::string_view WithoutDashes(std::string_view name) {
  return name.substr(std::min(name.size(), name.find_first_not_of('-')));
}

void AddOptionNames(const CLI::App& app, std::vector<std::string>* names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names->push_back("--" + name);
    for (const std::string& name : option->get_snames()) names->push_back("-" + name);
  }
}

// "show"; nullptr when the line names no command.
const CLI::App* FindCommand(const CLI::App& program) {
  const std::vector<CLI::App*> commands = program.get_subcommands();
  return commands.empty() ? nullptr : commands.front();
}

std::string SeeHelp(const CLI::App& program) {
  const CLI::App* command = FindCommand(program);
  return command == nullptr ? "see colophon --help"
                            : fmt::format("see colophon {} --help", command->get_name());
}

std::string WayOut(std::string_view word, const std::vector<std::string>& candidates,
                   const std::string& else_see) {
  const std::optional<std::string> closest = FindClosest(word, candidates);
  return closest ? fmt::format("did you mean {}?", *closest) : else_see;
}

std::string NoOption(const CLI::App& program, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  std::string of;
  if (const CLI::App* command = FindCommand(program)) {
    AddOptionNames(*command, &names);
    of = " of " + command->get_name();
  }
  AddOptionNames(program, &names);
  return fmt::format("no option \"{}\"{}; {}", name, of, WayOut(name, names, SeeHelp(program)));
}

}  // namespace

std::optional<std::string> FindClosest(std::string_view word,
                                       const std::vector<std::string>& candidates) {
  const std::string_view given = WithoutDashes(word);
  // Two letters could be anything.
  if (given.size() < 3) return std::nullopt;
  std::vector<std::string_view> names;
  for (const std::string& candidate : candidates) {
    const std::string_view name = WithoutDashes(candidate);
    if (name.starts_with(given)) return candidate;
    names.push_back(name);
  }
  const std::vector<std::string_view> alike = SpelledAlike(given, names);
  if (alike.empty()) return std::nullopt;
  const auto closest = std::find_if(
      candidates.begin(), candidates.end(),
      [&](const std::string& candidate) { return WithoutDashes(candidate) == alike[0]; });
  return *closest;
}

std::string NoCommand(const CLI::App& program, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  return fmt::format("no command \"{}\"; {}", word, WayOut(word, names, "see colophon --help"));
}

std::string DescribeMisuse(const CLI::App& program, const CLI::ParseError& error) {
  // A misspelt word comes before what is missing because of it.
  for (const std::string& word : program.remaining(true)) {
    if (word == "--") continue;
    if (word.size() > 1 && word.front() == '-') return NoOption(program, word);
    const CLI::App* command = FindCommand(program);
    if (command == nullptr) return NoCommand(program, word);
    return fmt::format("\"{}\" is one argument too many; {}", word, SeeHelp(program));
  }
  return fmt::format("{}; {}", error.what(), SeeHelp(program));
}

}  // namespace colophon
