// What `--help` tells of each command, and that it is so.

#include "client/cli/help.h"

#include <wordexp.h>

#include <sstream>
#include <string>
#include <vector>

#include "client/cli/program.h"
#include "client/cli/text.h"
#include "client/cli/usage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class HelpTest : public testing::Test {
 protected:
  HelpTest() { DefineProgram(&program_, &session_); }

  const CLI::App& Command(const std::string& name) const { return *program_.get_subcommand(name); }

  CLI::App program_;
  Session session_;
};

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "colophon list", of "  colophon list", "  xclip -o | colophon list" and so on.
std::vector<std::string> ExamplesIn(const std::string& help) {
  std::vector<std::string> examples;
  for (const std::string& line : LinesOf(help)) {
    const size_t begin = line.find("| colophon ");
    if (begin != std::string::npos) {
      examples.push_back(line.substr(begin + 2));
    } else if (line.substr(0, 11) == "  colophon ") {
      examples.push_back(line.substr(2, line.find(" | ") - 2));
    }
  }
  return examples;
}

// As a shell splits it.
std::vector<std::string> WordsOf(const std::string& line) {
  wordexp_t expanded;
  EXPECT_EQ(wordexp(line.c_str(), &expanded, WRDE_NOCMD | WRDE_UNDEF), 0) << line;
  std::vector<std::string> words(expanded.we_wordv, expanded.we_wordv + expanded.we_wordc);
  wordfree(&expanded);
  return words;
}

TEST_F(HelpTest, FitsEightyColumns) {
  std::vector<const CLI::App*> all = CommandsOf(program_);
  all.push_back(&program_);
  for (const CLI::App* app : all) {
    for (const std::string& line : LinesOf(HelpText(*app))) {
      EXPECT_LE(DisplayWidth(line), 80) << app->get_name() << ": " << line;
    }
  }
}

TEST_F(HelpTest, EverythingHasAMeaning) {
  std::vector<Term> terms = CommandTerms(program_);
  for (const CLI::App* command : CommandsOf(program_)) {
    for (const Term& term : ArgumentTerms(*command)) terms.push_back(term);
    for (const Term& term : OptionTerms(*command)) terms.push_back(term);
  }
  ASSERT_THAT(terms, SizeIs(testing::Gt(100u)));
  for (const Term& term : terms) EXPECT_THAT(term.meaning, Not(IsEmpty())) << term.name;
}

TEST_F(HelpTest, EveryCommandHasExamplesThatItTakes) {
  for (const CLI::App* command : CommandsOf(program_)) {
    const std::vector<std::string> examples = ExamplesIn(HelpText(*command));
    EXPECT_THAT(examples.size(), AllOf(testing::Ge(1u), testing::Le(3u))) << command->get_name();
    EXPECT_THAT(examples, Each(StartsWith("colophon " + command->get_name())));
    for (const std::string& example : examples) {
      std::vector<std::string> words = WordsOf(example);
      words.erase(words.begin());
      std::reverse(words.begin(), words.end());  // CLI11 wants it so.
      CLI::App program;
      Session session;
      DefineProgram(&program, &session);
      EXPECT_NO_THROW(program.parse(words)) << example;
      EXPECT_THAT(program.remaining(true), IsEmpty()) << example;
    }
  }
}

TEST_F(HelpTest, TellsTheGlobalOptionsOfEveryCommand) {
  for (const CLI::App* command : CommandsOf(program_)) {
    const std::string help = HelpText(*command);
    for (const char* option : {"-h, --help ", "--server HOST:PORT ", "--caller NAME ",
                               "--timeout TIME ", "--json ", "--no-color "}) {
      EXPECT_THAT(help.substr(help.find("\nGlobal options:\n")), HasSubstr(option))
          << command->get_name();
    }
  }
}

TEST_F(HelpTest, TellsACommandWhole) {
  EXPECT_THAT(
      HelpText(Command("uses")),
      AllOf(HasSubstr("\n\nUsage: colophon uses [OPTIONS] REPO/FILE\n\nArguments:\n  REPO/FILE"),
            HasSubstr("\n\nGlobal options:\n"), HasSubstr("\nExamples:\n  colophon uses ")));
  EXPECT_THAT(HelpText(program_),
              AllOf(HasSubstr("\nUsage: colophon [OPTIONS] COMMAND ...\n"),
                    HasSubstr("\nCommands:\n  init          Create a repository"),
                    HasSubstr("\n  --server HOST:PORT  Server to talk to; else COLOPHON_SERVER, "
                              "else\n                      127.0.0.1:50051\n")));
}

TEST_F(HelpTest, NamesValuesAndChoices) {
  const CLI::App& import = Command("import");
  EXPECT_EQ(ValueName(*import.get_option("--from")), "STORE");
  EXPECT_EQ(ChoicesOf(*import.get_option("--from")),
            (std::vector<std::string>{"langfuse", "openai", "prompty", "text"}));
  EXPECT_EQ(ValueName(*import.get_option("--force")), "");
  EXPECT_EQ(ValueName(*program_.get_option("--server")), "HOST:PORT");
  EXPECT_EQ(ValueName(*Command("history").get_option("--limit")), "N");
  EXPECT_THAT(ChoicesOf(*Command("history").get_option("--limit")), IsEmpty());
  EXPECT_EQ(UsageLine(Command("publish")), "colophon publish [OPTIONS] [PATH...]");
}

}  // namespace
}  // namespace colophon
