#include "client/cli/candidates.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "fmt/format.h"

namespace colophon {
namespace {

bool IsOption(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

const CLI::App* FindCommand(const CLI::App& program, const std::string& name) {
  for (const CLI::App* command : CommandsOf(program)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// The words of a line before the one being typed, read from left to right.
class Reader {
 public:
  explicit Reader(const CLI::App& program) : program_(program) {}

  void Read(const std::string& word) {
    if (option_ != nullptr) {
      option_ = nullptr;
    } else if (!options_ended_ && word == "--") {
      options_ended_ = true;
    } else if (!options_ended_ && IsOption(word)) {
      const CLI::Option* const option = FindOption(word);
      if (option != nullptr && !ValueName(*option).empty()) option_ = option;
    } else if (command_ == nullptr && !unknown_command_) {
      command_ = FindCommand(program_, word);
      unknown_command_ = command_ == nullptr;
    } else {
      ++arguments_;
    }
  }

  const CLI::App* command() const { return command_; }
  bool unknown_command() const { return unknown_command_; }
  bool options_ended() const { return options_ended_; }
  // Whose value comes next; nullptr: none's.
  const CLI::Option* option() const { return option_; }

  // By its name, which is the command's or the program's.
  const CLI::Option* FindOption(std::string_view name) const {
    for (const CLI::App* app : {command_, &program_}) {
      if (app == nullptr) continue;
      for (const CLI::Option* option : OptionsOf(*app)) {
        const std::vector<std::string> names = NamesOf(*option);
        if (std::find(names.begin(), names.end(), name) != names.end()) return option;
      }
    }
    return nullptr;
  }

  // The argument that comes next; nullptr: the command takes no more.
  const CLI::Option* NextArgument() const {
    int before = arguments_;
    for (const CLI::Option* argument : ArgumentsOf(*command_)) {
      if (before < argument->get_items_expected_max()) return argument;
      before -= argument->get_items_expected_max();
    }
    return nullptr;
  }

 private:
  const CLI::App& program_;
  const CLI::App* command_ = nullptr;
  bool unknown_command_ = false;
  bool options_ended_ = false;
  const CLI::Option* option_ = nullptr;
  int arguments_ = 0;
};

// `prefix`: what of the word stands before the value, "--from=".
Candidates ValuesOf(const CLI::App& program, const CLI::Option& option, const std::string& prefix) {
  static const std::set<std::string> kFiles = {"FILE", "DIR", "PATH", "REF|FILE", "REF|FILE|DIR"};
  Candidates candidates;
  const std::string value = ValueName(option);
  candidates.files = kFiles.count(value) > 0;
  if (value == "COMMAND") candidates.words = CommandTerms(program);
  for (const std::string& choice : ChoicesOf(option)) {
    candidates.words.push_back({prefix + choice, ""});
  }
  return candidates;
}

void AddOptions(const CLI::App& app, Candidates* candidates) {
  for (const CLI::Option* option : OptionsOf(app)) {
    for (std::string& name : NamesOf(*option)) {
      candidates->words.push_back({std::move(name), option->get_description()});
    }
  }
}

// All that may stand there, however the word being typed begins.
Candidates FindAll(const CLI::App& program, const Reader& before, const std::string& typed) {
  if (before.option() != nullptr) return ValuesOf(program, *before.option(), "");
  if (!before.options_ended() && !typed.empty() && typed.front() == '-') {
    const size_t equals = typed.find('=');
    if (equals != std::string::npos) {
      const CLI::Option* const option = before.FindOption(typed.substr(0, equals));
      return option == nullptr ? Candidates()
                               : ValuesOf(program, *option, typed.substr(0, equals + 1));
    }
    Candidates candidates;
    if (before.command() != nullptr) AddOptions(*before.command(), &candidates);
    AddOptions(program, &candidates);
    return candidates;
  }
  if (before.unknown_command()) return {};
  if (before.command() == nullptr) return {.words = CommandTerms(program)};
  const CLI::Option* const argument = before.NextArgument();
  return argument == nullptr ? Candidates() : ValuesOf(program, *argument, "");
}

}  // namespace

Candidates FindCandidates(const CLI::App& program, const std::vector<std::string>& line) {
  if (line.empty()) return {.words = CommandTerms(program)};
  Reader before(program);
  for (size_t i = 0; i + 1 < line.size(); ++i) before.Read(line[i]);
  const std::string& typed = line.back();
  Candidates candidates = FindAll(program, before, typed);
  candidates.words.erase(std::remove_if(candidates.words.begin(), candidates.words.end(),
                                        [&typed](const Term& word) {
                                          return word.name.compare(0, typed.size(), typed) != 0;
                                        }),
                         candidates.words.end());
  return candidates;
}

std::string FormatCandidates(const Candidates& candidates) {
  std::string lines;
  for (const Term& word : candidates.words) {
    lines += fmt::format("{}\t{}\n", word.name, word.meaning);
  }
  if (candidates.files) lines += ":files\n";
  return lines;
}

}  // namespace colophon
