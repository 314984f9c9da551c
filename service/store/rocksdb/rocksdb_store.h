#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "service/store/store.h"

namespace rocksdb {
class Env;
}

namespace colophon {

struct RocksdbStoreOptions {
  // Block cache and memtables together.
  int64_t cache_bytes = 256 << 20;
  // For tests: where files are read and written. Default: the system's.
  rocksdb::Env* env = nullptr;
  // Called once, on the committer's thread, after a failed write and before anybody
  // is told of it. The server exits there. Default: nothing, so that tests can look.
  std::function<void(const absl::Status&)> on_failure;
  // Called once, on a reader's thread, when a file turned out to be damaged or
  // unreadable. What is whole is still read and written; nothing is compacted any
  // more, so that what can be saved stays.
  std::function<void(const absl::Status&)> on_damage;
};

// Opens or creates a store in `directory`. One process at a time:
// FAILED_PRECONDITION STORE_LOCKED when another has it open;
// FAILED_PRECONDITION STORE_FORMAT when it was written by a newer format.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksdbStore(const std::string& directory,
                                                        const RocksdbStoreOptions& options = {});

}  // namespace colophon
