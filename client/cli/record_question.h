#pragma once

#include <string>

#include "client/cli/record_filter.h"
#include "client/cli/session.h"

namespace colophon {

// Which records a command is about, as it is typed.
struct RecordQuestion {
  std::string name;
  std::string repository;
  RecordFilterOptions filter;
};

// NAME, FILTER and the short forms of a filter.
void AddRecordQuestion(CLI::App* command, RecordQuestion* question);

// What is asked for, as the API takes it.
struct AskedRecords {
  std::string name;
  std::string filter;
};

// Without a name: of the working folder's repository, or of the only one there is.
absl::StatusOr<AskedRecords> ReadRecordQuestion(const Session& session, const Client& client,
                                                RecordQuestion question);

}  // namespace colophon
