#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "service/store/rocksdb/options.h"

namespace colophon {

// Of the file system that holds `directory`, which exists.
absl::StatusOr<DiskSpace> MeasureDisk(const std::string& directory);

// "12.5 MiB", as people read it.
std::string FormatBytes(int64_t bytes);

// Watches the free space of the store's disk, and says whether new work is taken.
//
// Writing an answer down must not fail for want of space, for then what a provider
// was paid for is gone. So new work stops while there is still room: below the
// reserve it is refused, below twice the reserve there is a warning. What is
// between two limits and hovers there is told once: a limit counts as left behind
// an eighth above it.
//
// Look is for one thread; the rest is thread-safe.
class DiskGuard {
 public:
  // Looks at once.
  DiskGuard(std::string directory, const RocksdbStoreOptions& options);

  // Measures, and tells the log of each limit that was crossed. Where the system
  // doesn't tell, what was known before stays.
  void Look();

  // OK, or RESOURCE_EXHAUSTED DISK_LOW with the bytes and when to try again.
  absl::Status Admit() const;
  bool low() const { return level_ == Level::kLow; }
  int64_t free_bytes() const { return free_bytes_; }

 private:
  enum class Level { kPlenty, kWarned, kLow };

  Level LevelOf(int64_t free_bytes, Level now) const;
  void Tell(Level from, Level to) const;

  // Constant after construction.
  const std::string directory_;
  const decltype(RocksdbStoreOptions::measure_disk) measure_;
  const StoreLog log_;
  const int64_t configured_reserve_;  // 0: by the size of the disk.

  std::atomic<int64_t> reserve_{0};
  std::atomic<int64_t> free_bytes_{0};
  std::atomic<Level> level_{Level::kPlenty};
};

}  // namespace colophon
