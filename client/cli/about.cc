// help, version, completion, man

#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/help.h"
#include "client/cli/man_page.h"
#include "client/cli/shell_scripts.h"
#include "client/cli/suggestion.h"
#include "client/cli/version.h"
#include "service/base/json.h"

namespace colophon {
namespace {

absl::Status Version(const Session& session) {
  const Output& out = session.output();
  if (out.json()) {
    out.Line(WriteJson(json::object{{"version", kVersion}}));
  } else {
    out.Line(std::string("colophon ") + kVersion);
  }
  return absl::OkStatus();
}

absl::Status Help(const Session& session, const CLI::App& program, const std::string& name) {
  const CLI::App* told = &program;
  if (!name.empty()) {
    const auto found = program.get_subcommands(
        [&name](const CLI::App* command) { return command->get_name() == name; });
    if (found.empty()) return InvalidArgument("BAD_USAGE", NoCommand(program, name));
    told = found.front();
  }
  session.output().Write(HelpText(*told));
  return absl::OkStatus();
}

}  // namespace

void AddAboutCommands(CLI::App* app, Session* session) {
  auto command = std::make_shared<std::string>();
  session
      ->AddCommand(app, "help", "What a command does and takes",
                   [=] { return Help(*session, *app, *command); })
      ->add_option("COMMAND", *command, "All of them in short when not given");
  session->AddCommand(app, "version", "Print this program's version",
                      [=] { return Version(*session); });

  auto shell = std::make_shared<std::string>();
  CLI::App* completion = session->AddCommand(
      app, "completion", "Print what makes a shell complete command lines of colophon", [=] {
        session->output().Write(CompletionScript(*shell));
        return absl::OkStatus();
      });
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(Shells()));
  completion->footer(
      "An installed colophon brings them along. Else, for bash in ~/.bashrc:\n"
      "  source <(colophon completion bash)\n"
      "for zsh in ~/.zshrc, after compinit:\n"
      "  source <(colophon completion zsh)\n"
      "for fish in ~/.config/fish/config.fish:\n"
      "  colophon completion fish | source");

  session->AddCommand(app, "man", "Print the manual page", [=] {
    session->output().Write(ManPage(*app));
    return absl::OkStatus();
  });
}

}  // namespace colophon
