#pragma once

// The commands, a file a group. Each adds itself to the program.

#include "client/cli/session.h"

namespace colophon {

void AddRepositoryCommands(CLI::App* app, Session* session);  // info verify-store backup
void AddFolderCommands(CLI::App* app, Session* session);      // init pull status export
void AddPublishCommands(CLI::App* app, Session* session);     // publish archive
void AddRemoveCommands(CLI::App* app, Session* session);      // rm
void AddDraftCommands(CLI::App* app, Session* session);       // drafts
void AddImportCommands(CLI::App* app, Session* session);      // import
void AddVersionCommands(CLI::App* app, Session* session);     // list uses show versions
void AddDiffCommands(CLI::App* app, Session* session);        // diff
void AddLabelCommands(CLI::App* app, Session* session);       // label
void AddCheckCommands(CLI::App* app, Session* session);       // check
void AddRenderCommands(CLI::App* app, Session* session);      // render
void AddCompleteCommands(CLI::App* app, Session* session);    // complete
void AddRecordsCommands(CLI::App* app, Session* session);     // records
void AddRecordCommands(CLI::App* app, Session* session);      // record
void AddScoreCommands(CLI::App* app, Session* session);       // score
void AddReadCommands(CLI::App* app, Session* session);        // read
void AddStatsCommands(CLI::App* app, Session* session);       // stats
void AddFindCommands(CLI::App* app, Session* session);        // find
void AddGrepCommands(CLI::App* app, Session* session);        // grep
void AddHistoryCommands(CLI::App* app, Session* session);     // history
void AddKeyCommands(CLI::App* app, Session* session);         // key
void AddLoginCommands(CLI::App* app, Session* session);       // login logout whoami
void AddErrorCommands(CLI::App* app, Session* session);       // errors
void AddWatchCommands(CLI::App* app, Session* session);       // watch
void AddAboutCommands(CLI::App* app, Session* session);       // help version completion man

}  // namespace colophon
