#include "client/cli/program.h"

#include <string>

#include "client/cli/candidates.h"
#include "client/cli/commands.h"
#include "client/cli/help.h"
#include "client/cli/shell_scripts.h"
#include "client/cli/suggestion.h"
#include "client/cli/version.h"

namespace colophon {

void DefineProgram(CLI::App* program, Session* session) {
  program->name("colophon");
  program->description("Prompts as versions, and which version wrote what.");
  // First, because commands take it over when they are added.
  program->formatter_fn([](const CLI::App* app, const std::string& /*name*/,
                           CLI::AppFormatMode /*mode*/) { return HelpText(*app); });
  program->set_help_flag("-h,--help", "Print this help and exit");
  program->set_version_flag("--version", std::string("colophon ") + kVersion,
                            "Print this program's version and exit");
  session->AddOptions(program);
  AddFolderCommands(program, session);
  AddRepositoryCommands(program, session);
  AddCheckCommands(program, session);
  AddPublishCommands(program, session);
  AddRemoveCommands(program, session);
  AddDraftCommands(program, session);
  AddImportCommands(program, session);
  AddVersionCommands(program, session);
  AddDiffCommands(program, session);
  AddLabelCommands(program, session);
  AddRenderCommands(program, session);
  AddCompleteCommands(program, session);
  AddRecordsCommands(program, session);
  AddRecordCommands(program, session);
  AddReadCommands(program, session);
  AddScoreCommands(program, session);
  AddStatsCommands(program, session);
  AddFindCommands(program, session);
  AddGrepCommands(program, session);
  AddHistoryCommands(program, session);
  AddWatchCommands(program, session);
  AddLoginCommands(program, session);
  AddKeyCommands(program, session);
  AddErrorCommands(program, session);
  AddAboutCommands(program, session);
  program->require_subcommand(0, 1);  // None is told below, after what was misspelt.
  program->footer(
      "`colophon help COMMAND` tells what a command takes, with examples.\n"
      "\n"
      "A reference REF is REPOSITORY/PROMPT[@SELECTOR], acme/support/triage@production;\n"
      "a selector is v12, a label, latest, a commit or heads/BRANCH, and production\n"
      "without one.");
}

int RunProgram(int argc, const char* const* argv) {
  CLI::App program;
  Session session;
  DefineProgram(&program, &session);
  // Before the parser, which would take the words of an unfinished line as its own.
  if (argc > 1 && argv[1] == std::string_view(kCandidatesCommand)) {
    session.output().Write(
        FormatCandidates(FindCandidates(program, std::vector<std::string>(argv + 2, argv + argc))));
    return kExitOk;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == 0;
    const bool misspelt = program.get_subcommands().empty() && !program.remaining().empty();
    if (asked_for_help && !misspelt) return program.exit(error);
    session.output().Error(DescribeMisuse(program, error));
    return kExitUsage;
  }
  if (program.get_subcommands().empty()) {
    session.output().Error("name a command; see colophon --help");
    return kExitUsage;
  }
  return session.Run();
}

}  // namespace colophon
