#include "client/cli/help.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/cli/examples.h"
#include "client/cli/session.h"
#include "client/cli/text.h"
#include "client/cli/usage.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kWidth = 80;
constexpr int kMaxNameWidth = 22;  // A longer name has a line of its own.

// In lines of at most `width` columns; a word that is wider stays whole.
std::vector<std::string> Wrap(const std::string& text, int width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (DisplayWidth(line) + 1 + DisplayWidth(word) <= width) {
      line.append(" ").append(word);
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::string Indented(int columns, std::string_view line) {
  return std::string(columns, ' ').append(line).append("\n");
}

std::string Section(std::string_view title, const std::vector<Term>& terms) {
  if (terms.empty()) return "";
  int name_width = 0;
  for (const Term& term : terms) {
    const int width = DisplayWidth(term.name);
    if (width <= kMaxNameWidth) name_width = std::max(name_width, width);
  }
  const int column = 2 + name_width + 2;
  std::string text = fmt::format("\n{}:\n", title);
  for (const Term& term : terms) {
    const int width = DisplayWidth(term.name);
    const std::vector<std::string> lines = Wrap(term.meaning, kWidth - column);
    auto line = lines.begin();
    if (width > name_width) {
      text += Indented(2, term.name);
    } else {
      text += Indented(2, term.name + std::string(2 + name_width - width, ' ') + *line++);
    }
    for (; line != lines.end(); ++line) text += Indented(column, *line);
  }
  return text;
}

}  // namespace

std::string HelpText(const CLI::App& app) {
  std::string text;
  for (const std::string& line : Wrap(app.get_description(), kWidth)) text += line + "\n";
  text += fmt::format("\nUsage: {}\n", UsageLine(app));
  text += Section("Commands", CommandTerms(app));
  text += Section("Arguments", ArgumentTerms(app));
  text += Section("Options", OptionTerms(app));
  if (app.get_parent() != nullptr) {
    text += Section("Global options", OptionTerms(*app.get_parent()));
  }
  if (!app.get_footer().empty()) text += "\n" + app.get_footer() + "\n";
  if (app.get_parent() == nullptr) text += Section("Exit codes", ExitCodeTerms());
  const std::vector<std::string> examples = ExamplesOf(app.get_name());
  if (!examples.empty()) text += "\nExamples:\n";
  for (const std::string& example : examples) text += Indented(2, example);
  return text;
}

}  // namespace colophon
