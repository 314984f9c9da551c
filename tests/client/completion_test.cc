// Unfinished command lines, as the shells complete them.

#include <string>
#include <vector>

#include "client/cli/candidates.h"
#include "client/cli/program.h"
#include "client/cli/shell_scripts.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOfArray;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() { DefineProgram(&program_, &session_); }

  Candidates Find(const std::vector<std::string>& line) const {
    return FindCandidates(program_, line);
  }
  std::vector<std::string> Words(const std::vector<std::string>& line) const {
    std::vector<std::string> words;
    for (const Term& word : Find(line).words) words.push_back(word.name);
    return words;
  }
  bool Files(const std::vector<std::string>& line) const { return Find(line).files; }

  CLI::App program_;
  Session session_;
};

TEST_F(CompletionTest, NamesCommands) {
  EXPECT_THAT(Words({"re"}), ElementsAre("render", "records", "record", "read"));
  EXPECT_EQ(Words({""}).size(), CommandsOf(program_).size());
  EXPECT_EQ(Words({}), Words({""}));
  EXPECT_THAT(Words({"--server", "localhost:1", "--json", "sho"}), ElementsAre("show"));
  EXPECT_THAT(Words({"help", "sho"}), ElementsAre("show"));
  EXPECT_THAT(Words({"nonsense", ""}), IsEmpty());
  EXPECT_THAT(Words({"sho", ""}), IsEmpty());
}

TEST_F(CompletionTest, NamesOptionsOfTheCommandAndTheProgram) {
  EXPECT_THAT(Words({"publish", "--d"}), ElementsAre("--draft", "--dry-run", "--diff"));
  EXPECT_THAT(Words({"publish", "prompts", "-m", "--d", "--l"}), ElementsAre("--label"));
  EXPECT_THAT(Words({"publish", "--j"}), ElementsAre("--json"));
  EXPECT_THAT(Words({"--ver"}), ElementsAre("--version"));
  EXPECT_THAT(Words({"--d"}), IsEmpty());
  EXPECT_THAT(Words({"publish", "--", "--d"}), IsEmpty());
  EXPECT_EQ(FormatCandidates(Find({"publish", "--diff"})),
            "--diff\tShow what differs in the files that are sent\n");
}

TEST_F(CompletionTest, NamesTheValuesThatAnOptionTakes) {
  EXPECT_THAT(Words({"import", "--from", ""}),
              ElementsAre("langfuse", "openai", "prompty", "text"));
  EXPECT_THAT(Words({"import", "--from", "o"}), ElementsAre("openai"));
  EXPECT_THAT(Words({"import", "--from=o"}), ElementsAre("--from=openai"));
  EXPECT_THAT(Words({"import", "--fram=o"}), IsEmpty());
  EXPECT_THAT(Words({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(Words({"publish", "-m", ""}), IsEmpty());
}

TEST_F(CompletionTest, LeavesFilesToTheShell) {
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
           {"publish", ""},
           {"publish", "a", "b"},
           {"render", ""},
           {"render", "acme/x", "--data", ""},
           {"render", "--data=da"},
           {"diff", "a", ""},
           {"init", "acme", ""},
       }) {
    EXPECT_TRUE(Files(line)) << fmt::format("{}", line);
    EXPECT_THAT(Words(line), IsEmpty()) << fmt::format("{}", line);
  }
  EXPECT_EQ(FormatCandidates(Find({"publish", ""})), ":files\n");
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
           {""},
           {"show", ""},
           {"publish", "-m", ""},
           {"publish", "--"},
           {"diff", "a", "b", ""},
           {"init", ""},
           {"uses", ""},
       }) {
    EXPECT_FALSE(Files(line)) << fmt::format("{}", line);
  }
}

// A shell in a folder of its own, where `colophon` is found.
class ShellTest : public testing::Test {
 protected:
  ShellTest() { WriteFile(dir_ / "answer.txt", ""); }

  static bool IsThere(const std::string& shell) {
    return Shell("command -v " + shell).exit_code == 0;
  }

  // What comes out of a command, on a terminal of which `keys` are typed.
  std::string Run(const std::string& command, const std::string& keys = "") const {
    WriteFile(dir_ / "command", command);
    WriteFile(dir_ / "keys", keys);
    return Shell(fmt::format("cd {0} && HOME={0} ZDOTDIR={0} TERM=xterm PATH=$(dirname {1}):$PATH "
                             "script -qec 'sh ./command' /dev/null <keys",
                             dir_.path(), COLOPHON))
        .output;
  }

  TempDir dir_;
};

// Each line with a tab at its end; C-t prints what became of it.
std::string KeysOf(const std::vector<std::string>& lines) {
  std::string keys;
  for (const std::string& line : lines) keys += line + "\t\x14";
  return keys + "exit\n";
}

const std::vector<std::string>& Typed() {
  static const std::vector<std::string> lines = {
      "colophon publ",
      "colophon --server localhost:1 verif",
      "colophon publish -m 'Ask for it' --prun",
      "colophon import --from=lan",
      "colophon import --from pro",
      "colophon find ans",
      "colophon render --data=ans",
      "colophon publish -m ans",
  };
  return lines;
}

// The shells put a blank after a word that is whole.
std::vector<testing::Matcher<const std::string&>> Completed() {
  return {HasSubstr("line: colophon publish ."),
          HasSubstr("line: colophon --server localhost:1 verify-store ."),
          HasSubstr("line: colophon publish -m 'Ask for it' --prune ."),
          HasSubstr("line: colophon import --from=langfuse ."),
          HasSubstr("line: colophon import --from prompty ."),
          HasSubstr("line: colophon find answer.txt ."),
          HasSubstr("line: colophon render --data=answer.txt ."),
          HasSubstr("line: colophon publish -m ans.")};
}

TEST_F(ShellTest, BashCompletes) {
  WriteFile(dir_ / "rc",
            "source <(colophon completion bash)\n"
            "show() { printf 'line: %s.\\n' \"$READLINE_LINE\"; READLINE_LINE=; }\n"
            "bind -x '\"\\C-t\": show'\n");
  EXPECT_THAT(Run("bash --init-file rc -i", KeysOf(Typed())), AllOfArray(Completed()));
}

TEST_F(ShellTest, ZshCompletes) {
  if (!IsThere("zsh")) GTEST_SKIP() << "there is no zsh";
  WriteFile(dir_ / ".zshrc",
            "autoload -Uz compinit && compinit -u -D\n"
            "source <(colophon completion zsh)\n"
            "show() { print -r \"line: $BUFFER.\"; BUFFER= }\n"
            "zle -N show && bindkey '^T' show\n");
  EXPECT_THAT(Run("zsh -i", KeysOf(Typed())), AllOfArray(Completed()));
}

TEST_F(ShellTest, FishCompletes) {
  if (!IsThere("fish")) GTEST_SKIP() << "there is no fish";
  std::string script = "colophon completion fish | source\n";
  for (const std::string& line : Typed()) script += fmt::format("complete -C \"{}\"\n", line);
  WriteFile(dir_ / "script", script);
  EXPECT_EQ(Run("fish --no-config script"),
            "publish\tPublish files, or folders of them, as one change\r\n"
            "verify-store\tCheck every hash and cross-reference of the store\r\n"
            "--prune\tDelete what is published and not in the working folder any more\r\n"
            "--from=langfuse\r\n"
            "prompty\r\n"
            "answer.txt\r\n"
            "--data=answer.txt\r\n");
}

}  // namespace
}  // namespace colophon
