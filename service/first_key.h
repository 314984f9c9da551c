#pragma once

#include <string>

#include "service/base/status.h"

namespace colophon {

// Writes the first administrator's key to `data_directory`/admin.key, which only the
// server's user reads, and tells the log where it is; never the key itself.
// FAILED_PRECONDITION DATA_DIRECTORY.
absl::Status WriteFirstKey(const std::string& data_directory, const std::string& secret);

}  // namespace colophon
