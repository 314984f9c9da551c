#pragma once

// Files taken out of a repository, with the labels of the prompts among them.

#include <set>
#include <string>
#include <vector>

#include "client/cli/folder_files.h"
#include "client/cpp/client.h"

namespace colophon {

// The files that `names` mean: a file, a folder, or a prompt or partial without its ending.
// NOT_FOUND NO_FILE for a name that means none.
absl::StatusOr<std::set<std::string>> FindRemoved(const std::string& repository,
                                                  const FileMap& files,
                                                  const std::vector<std::string>& names);

// Adds their deletion, and that of every label of a prompt among them: a label that still
// names a prompt would refuse it. Labels files go with their labels.
absl::Status AddRemovals(const Client& client, const std::set<std::string>& paths,
                         v1::PublishRequest* request);

}  // namespace colophon
