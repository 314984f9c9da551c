#pragma once

#include <string>

#include "service/base/status.h"
#include "service/store/store.h"

namespace colophon {

// Writes a repository as a bare git repository into `directory`, which must not
// exist: all branches, versions as tags, HEAD at main, and what the refs reach as one pack. What is
// published meanwhile is not in it. FAILED_PRECONDITION EXPORT_EXISTS; NOT_FOUND
// REPOSITORY_NOT_FOUND. After an error the directory is incomplete.
absl::Status ExportRepository(Store* store, const std::string& repository,
                              const std::string& directory);

}  // namespace colophon
