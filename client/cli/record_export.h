#pragma once

#include <string>

#include "client/cli/record_question.h"
#include "client/cli/session.h"

namespace colophon {

struct RecordExportOptions {
  std::string format;  // Of RecordFormats; empty: none is asked for.
  std::string file;    // Empty: standard output.
  bool rendered = false;
  bool resume = false;
};

// --format, -o and --resume.
void AddRecordExportOptions(CLI::App* command, RecordExportOptions* options);

// Writes the records in the format, at most `limit`, 0: all. What was written to a file stays
// there when it breaks off, with FILE.resume, which says where it goes on.
absl::Status ExportRecords(const Session& session, const Client& client, const AskedRecords& asked,
                           const RecordExportOptions& options, int limit);

}  // namespace colophon
