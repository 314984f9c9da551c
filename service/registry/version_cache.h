#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "service/registry/loaded_version.h"

namespace colophon {

// Parsed versions by name ("acme/support/triage@v12", "…@<commit>"). The least
// recently used go when they are more than `bytes` in all. Never stale, for a
// version never changes.
//
// Thread-safe.
class VersionCache {
 public:
  explicit VersionCache(int64_t bytes) : shard_limit_(bytes / kShards) {}

  // Null when it isn't there.
  std::shared_ptr<const LoadedVersion> Find(std::string_view name);
  void Insert(std::shared_ptr<const LoadedVersion> version);

 private:
  static constexpr int kShards = 16;

  struct Entry {
    std::shared_ptr<const LoadedVersion> version;
    int64_t cost;
  };
  struct alignas(64) Shard {
    std::mutex mu;
    // Guarded by mu.
    std::list<Entry> by_use;  // The latest first; it stays whatever its size.
    // Keys are views of the versions' names.
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;
    int64_t cost = 0;
  };

  Shard& ShardOf(std::string_view name);

  const int64_t shard_limit_;
  std::array<Shard, kShards> shards_;
};

}  // namespace colophon
