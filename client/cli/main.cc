// `colophon`: the command line.

#include <string>

#include "client/cli/commands.h"

int main(int argc, char** argv) {
  using namespace colophon;
  CLI::App app("Prompts as versions, and which version wrote what.", "colophon");
  Session session;
  session.AddOptions(&app);
  AddFolderCommands(&app, &session);
  AddRepositoryCommands(&app, &session);
  AddCheckCommands(&app, &session);
  AddPublishCommands(&app, &session);
  AddRemoveCommands(&app, &session);
  AddDraftCommands(&app, &session);
  AddImportCommands(&app, &session);
  AddVersionCommands(&app, &session);
  AddDiffCommands(&app, &session);
  AddLabelCommands(&app, &session);
  AddRenderCommands(&app, &session);
  AddCompleteCommands(&app, &session);
  AddRecordsCommands(&app, &session);
  AddRecordCommands(&app, &session);
  AddFindCommands(&app, &session);
  AddGrepCommands(&app, &session);
  AddHistoryCommands(&app, &session);
  AddWatchCommands(&app, &session);
  AddErrorCommands(&app, &session);
  app.require_subcommand(0, 1);  // None is told below, after what was misspelt.
  app.get_formatter()->column_width(34);
  app.footer(
      "A reference REF is REPOSITORY/PROMPT[@SELECTOR], as acme/support/triage@production;\n"
      "a selector is v12, a label, latest, a commit or heads/BRANCH, and production without one.\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage or invalid argument, 3 not found,\n"
      "4 lost to another change or already there, 5 refused by the state of things,\n"
      "6 server or provider unavailable, busy or too slow, 7 not allowed,\n"
      "8 a pull left conflicts to look at.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // Help.
    session.output().Error(std::string(error.what()) + "; see --help");
    return kExitUsage;
  }
  if (app.get_subcommands().empty()) {
    session.output().Error("name a command; see --help");
    return kExitUsage;
  }
  return session.Run();
}
