#pragma once

// A file on disk, tried as it is.

#include <string>

#include "client/cli/session.h"

namespace colophon {

struct TryOptions {
  std::string file;
  std::string repository;  // Outside of a working folder.
  std::string draft;       // Empty: one of the caller's own.
};

// The reference that stands for the file with all that it includes, as they are here: the
// latest version where that is the same, else a draft of it, by its commit. Errors as of
// publishing; ABORTED TRY_CHANGED when somebody else wrote to the draft meanwhile.
absl::StatusOr<std::string> PublishTry(const Session& session, const TryOptions& options);

}  // namespace colophon
