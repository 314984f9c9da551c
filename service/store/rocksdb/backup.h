#pragma once

#include <cstdint>
#include <string>

#include "service/store/rocksdb/database.h"

namespace colophon {

// Store::Backup: a copy that opens as a store. It appears under its name when
// it is complete and synced, or not at all.
//
// ALREADY_EXISTS BACKUP_EXISTS; UNAVAILABLE BACKUP_FAILED.
absl::StatusOr<int64_t> BackupDatabase(const Database& database, const std::string& directory);

}  // namespace colophon
