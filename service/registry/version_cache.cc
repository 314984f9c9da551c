#include "service/registry/version_cache.h"

#include <vector>

namespace colophon {
namespace {

// Contents are held as message, as serialized message, as closure and as
// syntax trees, which are a few times the text.
int64_t CostOf(const LoadedVersion& version) {
  constexpr int64_t kOverhead = 4'096;
  return kOverhead + 8 * static_cast<int64_t>(version.serialized.size());
}

}  // namespace

VersionCache::Shard& VersionCache::ShardOf(std::string_view name) {
  // The low bits choose the bucket inside of the shard.
  return shards_[(std::hash<std::string_view>()(name) >> 32) % kShards];
}

std::shared_ptr<const LoadedVersion> VersionCache::Find(std::string_view name) {
  Shard& shard = ShardOf(name);
  std::lock_guard lock(shard.mu);
  const auto found = shard.by_name.find(name);
  if (found == shard.by_name.end()) return nullptr;
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
  return found->second->version;
}

void VersionCache::Insert(std::shared_ptr<const LoadedVersion> version) {
  const std::string_view name = version->version.name();
  const int64_t cost = CostOf(*version);
  std::vector<std::shared_ptr<const LoadedVersion>> dropped;  // Destroyed without the lock.
  Shard& shard = ShardOf(name);
  std::lock_guard lock(shard.mu);
  if (shard.by_name.count(name) > 0) return;
  shard.by_use.push_front({std::move(version), cost});
  shard.by_name.emplace(name, shard.by_use.begin());
  shard.cost += cost;
  while (shard.cost > shard_limit_ && shard.by_use.size() > 1) {
    Entry& last = shard.by_use.back();
    shard.cost -= last.cost;
    shard.by_name.erase(last.version->version.name());
    dropped.push_back(std::move(last.version));
    shard.by_use.pop_back();
  }
}

}  // namespace colophon
