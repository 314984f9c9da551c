#pragma once

#include <string>

#include "client/cli/folder_files.h"
#include "client/cpp/client.h"

namespace colophon {

// A draft and what it was made from.
struct DraftFiles {
  RemoteFiles files;  // Its sequence is where it began.
  RemoteFiles base;   // Main then.
};

// NOT_FOUND BRANCH_NOT_FOUND.
absl::StatusOr<DraftFiles> GetDraftFiles(const Client& client, const std::string& repository,
                                         const std::string& branch);

}  // namespace colophon
