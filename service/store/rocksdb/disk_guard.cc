#include "service/store/rocksdb/disk_guard.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

// Room for the outcomes of ten thousand calls, and for the rows in memory to be
// flushed: at most half of the cache's default. A small disk keeps a twentieth.
constexpr int64_t kDefaultReserve = 256 << 20;
constexpr int64_t kPartOfDisk = 20;
constexpr int64_t kPartToRecover = 8;

// People make room, not programs: to ask more often is of no use.
constexpr absl::Duration kRetryDelay = absl::Seconds(30);

// What `limit` has to be passed by until it counts as left behind.
int64_t Above(int64_t limit) { return limit + limit / kPartToRecover; }

}  // namespace

absl::StatusOr<DiskSpace> MeasureDisk(const std::string& directory) {
  struct statvfs disk;
  if (statvfs(directory.c_str(), &disk) != 0) {
    return Unavailable("DISK_SPACE_UNKNOWN",
                       fmt::format("the free space of \"{}\" can't be read: {}", directory,
                                   std::error_code(errno, std::generic_category()).message()));
  }
  const auto block = static_cast<int64_t>(disk.f_frsize);
  return DiskSpace{.total_bytes = block * static_cast<int64_t>(disk.f_blocks),
                   .free_bytes = block * static_cast<int64_t>(disk.f_bavail)};
}

std::string FormatBytes(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} {}", bytes, kUnits[0]);
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

DiskGuard::DiskGuard(std::string directory, const RocksdbStoreOptions& options)
    : directory_(std::move(directory)),
      measure_(options.measure_disk ? options.measure_disk : MeasureDisk),
      log_(options.log),
      configured_reserve_(options.min_free_bytes) {
  Look();
}

void DiskGuard::Look() {
  const absl::StatusOr<DiskSpace> disk = measure_(directory_);
  if (!disk.ok()) return;
  reserve_ = configured_reserve_ > 0 ? configured_reserve_
                                     : std::min(kDefaultReserve, disk->total_bytes / kPartOfDisk);
  free_bytes_ = disk->free_bytes;
  const Level from = level_;
  const Level to = LevelOf(disk->free_bytes, from);
  level_ = to;
  if (from != to) Tell(from, to);
}

DiskGuard::Level DiskGuard::LevelOf(int64_t free_bytes, Level now) const {
  const int64_t low = reserve_;
  const int64_t warned = 2 * low;
  if (free_bytes < (now == Level::kLow ? Above(low) : low)) return Level::kLow;
  if (free_bytes < (now == Level::kPlenty ? warned : Above(warned))) return Level::kWarned;
  return Level::kPlenty;
}

void DiskGuard::Tell(Level from, Level to) const {
  if (!log_) return;
  const std::string space =
      fmt::format("{} free on the disk of \"{}\"", FormatBytes(free_bytes_), directory_);
  switch (to) {
    case Level::kPlenty:
      return log_(StoreLogLevel::kInfo, "disk_recovered", space);
    case Level::kLow:
      return log_(StoreLogLevel::kError, "disk_low",
                  fmt::format("{}, below the reserve of {}: new calls and changes are refused "
                              "until there is room; reads go on, calls that run are recorded",
                              space, FormatBytes(reserve_)));
    case Level::kWarned:
      if (from == Level::kLow) {
        return log_(StoreLogLevel::kWarning, "disk_recovered",
                    fmt::format("{}: new calls and changes are taken again; below {} they are "
                                "refused",
                                space, FormatBytes(reserve_)));
      }
      return log_(StoreLogLevel::kWarning, "disk_filling",
                  fmt::format("{}: below {} new calls and changes will be refused; make room",
                              space, FormatBytes(reserve_)));
  }
}

absl::Status DiskGuard::Admit() const {
  if (!low()) return absl::OkStatus();
  const int64_t free_bytes = free_bytes_;
  const int64_t reserve = reserve_;
  return WithRetryDelay(
      ResourceExhausted("DISK_LOW",
                        fmt::format("the server's disk has {} free, less than the {} that it keeps "
                                    "for the answers of running calls: nothing new is written "
                                    "until there is room. What is stored can be read",
                                    FormatBytes(free_bytes), FormatBytes(reserve)),
                        {{"free_bytes", fmt::format("{}", free_bytes)},
                         {"min_free_bytes", fmt::format("{}", reserve)}}),
      kRetryDelay);
}

}  // namespace colophon
