#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "service/base/status.h"
#include "service/store/record_store.h"

namespace rocksdb {
class Env;
}

namespace colophon {

// What the store has to tell whoever runs it. `event` is a word for programs,
// "disk_low". May be called on any thread, also one of RocksDB's: it must not block
// for long nor call the store.
enum class StoreLogLevel { kInfo, kWarning, kError };
using StoreLog =
    std::function<void(StoreLogLevel level, std::string_view event, std::string_view message)>;

// Of a file system, for whoever isn't root.
struct DiskSpace {
  int64_t total_bytes = 0;
  int64_t free_bytes = 0;
};

struct RocksdbStoreOptions {
  // Block cache and memtables together.
  int64_t cache_bytes = 256 << 20;
  // Data files kept open; logs and files that are being written come on top.
  int max_open_files = 8'192;
  // Free bytes of the disk below which new work is refused. 0: 256 MiB, or a
  // twentieth of a smaller disk.
  int64_t min_free_bytes = 0;
  // What records are found by, beside their fields.
  RecordTerms terms;
  // For tests: how many records a segment has (term_index.h), up to 65,536.
  size_t segment_records = 65'536;
  // Opens a store that has lost acknowledged writes: it goes on with what is left.
  // The logs are kept beside it, and Verify tells of the loss from then on. Without
  // a loss it changes nothing.
  bool accept_loss = false;
  // For tests: where files are read and written. Default: the system's.
  rocksdb::Env* env = nullptr;
  // For tests: the free space of a directory's disk. Default: the system's.
  std::function<absl::StatusOr<DiskSpace>(const std::string& directory)> measure_disk;
  // How often free space is looked at and it is noted how far the store has come:
  // what was acknowledged longer ago can't be lost unnoticed.
  std::chrono::milliseconds upkeep_interval{1000};
  StoreLog log;
  // Told of each batch on the committer's thread: how many writes it had and how long it
  // took to write and sync. May be empty.
  std::function<void(int writes, std::chrono::nanoseconds took)> on_batch;
  // Called once, on the committer's thread, after a failed write and before anybody
  // is told of it. The server exits there. Default: nothing, so that tests can look.
  std::function<void(const absl::Status&)> on_failure;
  // Called once, on a reader's thread, when a file turned out to be damaged or
  // unreadable. What is whole is still read and written; nothing is compacted any
  // more, so that what can be saved stays.
  std::function<void(const absl::Status&)> on_damage;
};

}  // namespace colophon
