#include "client/cli/usage.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace colophon {
namespace {

// What an argument is, wherever its command says nothing closer.
std::string MeaningOf(const std::string& argument) {
  static const std::map<std::string, std::string> kMeanings = {
      {"REF",
       "REPOSITORY/PROMPT[@SELECTOR], acme/support/triage@production; a selector is v12, a "
       "label, latest, a commit or heads/BRANCH, and production without one"},
      {"REPOSITORY", "Its name: acme"},
      {"PROMPT", "REPOSITORY/PROMPT: acme/support/triage"},
      {"REPO[/PROMPT]", "acme, or acme/support/triage"},
      {"ID", "A record's id, as a call's footer and `colophon records` tell it"},
  };
  const auto found = kMeanings.find(argument);
  return found == kMeanings.end() ? "" : found->second;
}

bool TakesMany(const CLI::Option& option) {
  return option.get_items_expected_max() >= CLI::detail::expected_max_vector_size;
}

std::string UsageOf(const CLI::Option& argument) {
  const std::string name = argument.get_name(true, false);
  std::string usage = name;
  if (TakesMany(argument)) {
    usage += "...";
  } else {
    for (int i = 1; i < argument.get_items_expected_max(); ++i) usage += " [" + name + "]";
  }
  return argument.get_required() ? usage : "[" + usage + "]";
}

// "; else COLOPHON_SERVER, else 127.0.0.1:50051"
std::string DefaultOf(const CLI::Option& option) {
  std::vector<std::string> defaults;
  if (!option.get_envname().empty()) defaults.push_back("else " + option.get_envname());
  if (!option.get_default_str().empty()) defaults.push_back("else " + option.get_default_str());
  return defaults.empty() ? "" : fmt::format("; {}", fmt::join(defaults, ", "));
}

}  // namespace

std::vector<const CLI::App*> CommandsOf(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* /*command*/) { return true; });
}

std::vector<const CLI::Option*> OptionsOf(const CLI::App& app) {
  const bool is_program = app.get_parent() == nullptr;
  return app.get_options([&](const CLI::Option* option) {
    return option->nonpositional() && (is_program || option != app.get_help_ptr());
  });
}

std::vector<const CLI::Option*> ArgumentsOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string UsageLine(const CLI::App& app) {
  std::string usage = app.get_name() + " [OPTIONS]";
  if (app.get_parent() != nullptr) usage = app.get_parent()->get_name() + " " + usage;
  if (!CommandsOf(app).empty()) usage += " COMMAND ...";
  for (const CLI::Option* argument : ArgumentsOf(app)) usage += " " + UsageOf(*argument);
  return usage;
}

std::vector<Term> CommandTerms(const CLI::App& program) {
  std::vector<Term> terms;
  for (const CLI::App* command : CommandsOf(program)) {
    terms.push_back({command->get_name(), command->get_description()});
  }
  return terms;
}

std::vector<Term> OptionTerms(const CLI::App& app) {
  std::vector<Term> terms;
  for (const CLI::Option* option : OptionsOf(app)) {
    const std::string value = ValueName(*option);
    terms.push_back(
        {fmt::format("{}{}{}", fmt::join(NamesOf(*option), ", "), value.empty() ? "" : " ", value),
         fmt::format("{}{}{}", option->get_description(), DefaultOf(*option),
                     TakesMany(*option) ? " (repeatable)" : "")});
  }
  return terms;
}

std::vector<Term> ArgumentTerms(const CLI::App& app) {
  std::vector<Term> terms;
  for (const CLI::Option* argument : ArgumentsOf(app)) {
    const std::string name = argument->get_name(true, false);
    const std::string& meaning = argument->get_description();
    terms.push_back({name, meaning.empty() ? MeaningOf(name) : meaning});
  }
  return terms;
}

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

// CLI11 writes "STORE:{langfuse,openai}" and "INT:NONNEGATIVE", but HOST:PORT is our own.
std::string ValueName(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true, false);
  if (option.get_items_expected_max() == 0) return "";
  std::string name = option.get_type_name();
  for (const char* check : {":{", ":NONNEGATIVE", ":POSITIVE"}) {
    name = name.substr(0, name.find(check));
  }
  return name == "INT" || name == "UINT" ? "N" : name;
}

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t begin = type.find(":{");
  if (begin == std::string::npos) return {};
  const size_t end = type.find('}', begin);
  return absl::StrSplit(type.substr(begin + 2, end - begin - 2), ',');
}

}  // namespace colophon
