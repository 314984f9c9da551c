#pragma once

#include <memory>
#include <string>

#include "service/store/rocksdb/options.h"
#include "service/store/store.h"

namespace colophon {

// Opens or creates a store in `directory`. One process at a time:
//   FAILED_PRECONDITION STORE_LOCKED     another process has it open
//   FAILED_PRECONDITION STORE_FORMAT     a newer version wrote it
//   FAILED_PRECONDITION STORE_DIRECTORY  it can't be made, read or written
//   RESOURCE_EXHAUSTED DISK_FULL         opening would need more than is free
//   DATA_LOSS LOST_WRITES                what was acknowledged is missing
//   DATA_LOSS CORRUPT_STORE              a file is damaged or missing
// Nothing is changed by a refusal.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksdbStore(const std::string& directory,
                                                        const RocksdbStoreOptions& options = {});

}  // namespace colophon
