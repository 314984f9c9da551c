#include "client/cli/man_page.h"

#include <map>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/cli/examples.h"
#include "client/cli/session.h"
#include "client/cli/usage.h"
#include "client/cli/version.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// The characters themselves, where roff would set typographic ones or read a command.
std::string Escaped(std::string_view text) {
  static const std::map<char, std::string_view> kEscapes = {
      {'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'~', "\\(ti"}, {'^', "\\(ha"}};
  std::string escaped;
  if (!text.empty() && text.front() == '.') escaped += "\\&";
  for (const char c : text) {
    const auto found = kEscapes.find(c);
    if (found == kEscapes.end()) {
      escaped += c;
    } else {
      escaped += found->second;
    }
  }
  return escaped;
}

// Paragraphs are filled; lines that begin with a blank stay as they are.
std::string Prose(const std::string& text) {
  std::string prose = ".PP\n";
  bool kept = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool keep = !line.empty() && line.front() == ' ';
    if (keep != kept) prose += keep ? ".nf\n" : ".fi\n";
    kept = keep;
    prose += line.empty() ? ".PP\n" : Escaped(line) + "\n";
  }
  return prose + (kept ? ".fi\n" : "");
}

std::string Bold(std::string_view text) { return fmt::format("\\fB{}\\fR", Escaped(text)); }

std::string List(const std::vector<Term>& terms) {
  std::string list;
  for (const Term& term : terms) {
    list += fmt::format(".TP\n{}\n{}\n", Bold(term.name), Escaped(term.meaning));
  }
  return list;
}

std::string Command(const CLI::App& command) {
  std::string text = fmt::format(".SS {}\n", Escaped(UsageLine(command)));
  text += Prose(command.get_description() + ".");
  text += List(ArgumentTerms(command));
  text += List(OptionTerms(command));
  if (!command.get_footer().empty()) text += Prose(command.get_footer());
  std::string examples;
  for (const std::string& example : ExamplesOf(command.get_name())) {
    examples += "  " + example + "\n";
  }
  if (!examples.empty()) text += Prose(examples);
  return text;
}

std::vector<Term> Variables(const CLI::App& program) {
  std::vector<Term> variables;
  for (const CLI::Option* option : OptionsOf(program)) {
    if (option->get_envname().empty()) continue;
    variables.push_back({option->get_envname(), "Stands for " + NamesOf(*option).back() + "."});
  }
  variables.push_back({"NO_COLOR", "When it is set, no colours."});
  return variables;
}

}  // namespace

std::string ManPage(const CLI::App& program) {
  std::string page = fmt::format(
      ".\\\" Written by `colophon man`.\n"
      ".TH COLOPHON 1 \"\" \"colophon {}\" \"User Commands\"\n"
      ".SH NAME\ncolophon \\- versions of prompts, and which version wrote what\n"
      ".SH SYNOPSIS\n{}\n",
      kVersion, Escaped(UsageLine(program)));
  page += ".SH DESCRIPTION\n" + Prose(program.get_description()) + Prose(program.get_footer());
  page += ".SH OPTIONS\n" + Prose("Every command takes these too.") + List(OptionTerms(program));
  page += ".SH COMMANDS\n";
  for (const CLI::App* command : CommandsOf(program)) page += Command(*command);
  page += ".SH ENVIRONMENT\n" + List(Variables(program));
  page += ".SH EXIT STATUS\n" + List(ExitCodeTerms());
  return page;
}

}  // namespace colophon
