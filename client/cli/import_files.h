#pragma once

// The files that an import reads and writes.

#include <string>
#include <vector>

#include "client/cli/tree.h"
#include "service/base/status.h"

namespace colophon {

// The files that `paths` mean, as `publish` finds its own but of any name: of a
// folder those that end in .json, .jsonl, .ndjson, .prompty, .txt or .md, hidden
// ones left out; paths are relative to the folder, of a file its name. With
// `store` only those of its kind are taken of a folder. INVALID_ARGUMENT when
// one is too large to be an export.
absl::StatusOr<std::vector<LocalFile>> ReadImportFiles(const std::vector<std::string>& paths,
                                                       const std::string& store);

// Writes each file below `folder`, making folders. A file that is there already
// and differs is FAILED_PRECONDITION, and nothing is written, unless `replace`.
absl::Status WriteTree(const std::string& folder, const std::vector<LocalFile>& files,
                       bool replace);

}  // namespace colophon
