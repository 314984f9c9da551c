#include "client/cpp/resolver_cache.h"

#include <algorithm>
#include <utility>

namespace colophon {
namespace {

constexpr int kShards = 16;
// Below this one shard keeps the bound and the order exact.
constexpr int kMinShardedEntries = 1024;

}  // namespace

const std::shared_ptr<const ResolvedVersion>& CacheEntry::Pick(std::string_view subject) const {
  return versions[PickShare(shares, subject, label)];
}

ResolverCache::ResolverCache(int max_entries) {
  const int shards = max_entries < kMinShardedEntries ? 1 : kShards;
  max_shard_entries_ = std::max(1, max_entries / shards);
  for (int i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

ResolverCache::Shard& ResolverCache::ShardOf(std::string_view key) {
  return *shards_[Hash()(key) % shards_.size()];
}

std::shared_ptr<const CacheEntry> ResolverCache::Find(std::string_view key) {
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mu);
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end()) return nullptr;
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second->recent_);
  return found->second->entry_;
}

std::shared_ptr<CacheSlot> ResolverCache::Open(std::string_view key) {
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mu);
  const auto found = shard.slots.find(key);
  if (found != shard.slots.end()) return found->second;
  while (shard.slots.size() >= max_shard_entries_) {
    // By a copy: what owns the key goes with the slot.
    const std::string oldest = shard.recent.back()->key();
    shard.recent.pop_back();
    shard.slots.erase(oldest);
  }
  auto slot = std::make_shared<CacheSlot>(key);
  slot->recent_ = shard.recent.insert(shard.recent.begin(), slot.get());
  shard.slots.emplace(slot->key(), slot);
  return slot;
}

std::shared_ptr<const CacheEntry> ResolverCache::Look(CacheSlot& slot,
                                                      std::optional<Pointing>* wanted) {
  std::lock_guard lock(ShardOf(slot.key()).mu);
  if (wanted != nullptr) *wanted = slot.wanted_;
  return slot.entry_;
}

bool ResolverCache::PointLocked(CacheSlot& slot, const Pointing& pointing) {
  if (slot.wanted_ && slot.wanted_->sequence >= pointing.sequence) return false;
  slot.wanted_ = pointing;
  return true;
}

void ResolverCache::Point(CacheSlot& slot, const Pointing& pointing) {
  std::lock_guard lock(ShardOf(slot.key()).mu);
  PointLocked(slot, pointing);
}

std::shared_ptr<CacheSlot> ResolverCache::Point(std::string_view key, const Pointing& pointing) {
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mu);
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end() || !PointLocked(*found->second, pointing)) return nullptr;
  return found->second;
}

bool ResolverCache::Publish(CacheSlot& slot, std::shared_ptr<const CacheEntry> entry) {
  std::lock_guard lock(ShardOf(slot.key()).mu);
  if (entry->watch != nullptr && (!slot.wanted_ || slot.wanted_->sequence != entry->sequence)) {
    return false;
  }
  slot.entry_ = std::move(entry);
  return true;
}

void ResolverCache::Restore(CacheSlot& slot, std::shared_ptr<const CacheEntry> entry) {
  Pointing pointing;
  pointing.sequence = entry->sequence;
  for (size_t i = 0; i < entry->versions.size(); ++i) {
    v1::LabelTarget* target = pointing.targets.add_targets();
    target->set_version(entry->shares[i].version);
    target->set_weight(entry->shares[i].weight);
  }
  std::lock_guard lock(ShardOf(slot.key()).mu);
  slot.wanted_ = std::move(pointing);
  slot.entry_ = std::move(entry);
}

void ResolverCache::Unpoint(CacheSlot& slot) {
  std::lock_guard lock(ShardOf(slot.key()).mu);
  slot.wanted_.reset();
}

void ResolverCache::Remove(std::string_view key) {
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mu);
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end()) return;
  shard.recent.erase(found->second->recent_);
  shard.slots.erase(found);
}

void ResolverCache::RemoveIfEmpty(CacheSlot& slot) {
  Shard& shard = ShardOf(slot.key());
  std::lock_guard lock(shard.mu);
  const auto found = shard.slots.find(slot.key());
  if (found == shard.slots.end() || found->second.get() != &slot || slot.entry_) return;
  shard.recent.erase(slot.recent_);
  shard.slots.erase(found);
}

std::vector<std::shared_ptr<CacheSlot>> ResolverCache::Slots() {
  std::vector<std::shared_ptr<CacheSlot>> slots;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard->mu);
    for (const CacheSlot* slot : shard->recent)
      slots.push_back(shard->slots.find(slot->key())->second);
  }
  return slots;
}

size_t ResolverCache::size() {
  size_t size = 0;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard->mu);
    size += shard->slots.size();
  }
  return size;
}

}  // namespace colophon
