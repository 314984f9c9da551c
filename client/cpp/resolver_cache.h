#pragma once

// The memory of a CachedResolver: what each reference points to.

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/reference_parts.h"
#include "colophon/v1/registry.pb.h"
#include "service/base/label_pick.h"

namespace colophon {

// A version as a reference found it. Immutable.
struct ResolvedVersion {
  v1::Version version;  // With the contents of its files.
  std::string label;    // The label it was found by; empty by another selector.
  // The repository's sequence when it was fetched.
  int64_t sequence = 0;
};

// How far a repository is followed; shared by its watch and its entries.
struct WatchState {
  // When what is cached was last known to be current, as Unix nanoseconds.
  std::atomic<int64_t> contact_time{0};
  // False from a restart until the server answered or was found dead.
  std::atomic<bool> settled{true};
};

// What a reference points to. Immutable.
struct CacheEntry {
  ReferenceParts::Kind kind = ReferenceParts::Kind::kFixed;
  std::string label;  // "production"; for PickShare.
  // Parallel, in order of version number; more than one for a weighted label.
  std::vector<LabelShare> shares;
  std::vector<std::shared_ptr<const ResolvedVersion>> versions;
  // No move up to this sequence is missing.
  int64_t sequence = 0;
  absl::Time fetch_time;
  // Null when no watch keeps it current.
  std::shared_ptr<const WatchState> watch;

  const std::shared_ptr<const ResolvedVersion>& Pick(std::string_view subject) const;
};

// What a label or `latest` is known to point to, before the versions are
// there. No targets: it was removed.
struct Pointing {
  v1::LabelTargets targets;
  int64_t sequence = 0;
};

// The place of one reference in the cache.
class CacheSlot {
 public:
  explicit CacheSlot(std::string_view key) : key_(key), parts_(ReferenceParts::Of(key)) {}

  // As the app wrote it.
  const std::string& key() const { return key_; }
  const ReferenceParts& parts() const { return parts_; }
  // Held while its versions are fetched, so that a thousand requests for a new
  // reference fetch it once.
  std::mutex& loading() { return loading_; }

 private:
  friend class ResolverCache;

  // Constant after construction.
  const std::string key_;
  const ReferenceParts parts_;

  std::mutex loading_;

  // Guarded by the mutex of the cache's shard.
  std::shared_ptr<const CacheEntry> entry_;
  std::optional<Pointing> wanted_;
  std::list<CacheSlot*>::iterator recent_;
};

// A bounded map; the least recently used entries leave first.
//
// Plain mutexes over shards rather than a reader-writer lock: what they guard
// is a look-up, and a stream of readers can't keep a label move waiting.
//
// Thread-safe.
class ResolverCache {
 public:
  explicit ResolverCache(int max_entries);

  // Null when it isn't there.
  std::shared_ptr<const CacheEntry> Find(std::string_view key);

  // The slot, made when there is none.
  std::shared_ptr<CacheSlot> Open(std::string_view key);
  // The slot's entry, or null, and what it should point to.
  std::shared_ptr<const CacheEntry> Look(CacheSlot& slot, std::optional<Pointing>* wanted);
  // Says what a slot should point to, unless something newer is known.
  void Point(CacheSlot& slot, const Pointing& pointing);
  // The same by key; null when there is no such slot or it knew.
  std::shared_ptr<CacheSlot> Point(std::string_view key, const Pointing& pointing);
  // Makes `entry` what Find answers. False when the slot was pointed elsewhere
  // while the entry was fetched.
  bool Publish(CacheSlot& slot, std::shared_ptr<const CacheEntry> entry);
  // Puts back what was saved.
  void Restore(CacheSlot& slot, std::shared_ptr<const CacheEntry> entry);
  // Forgets what it should point to: it must be asked for.
  void Unpoint(CacheSlot& slot);
  void Remove(std::string_view key);
  // Removes the slot when nothing was ever found for it.
  void RemoveIfEmpty(CacheSlot& slot);

  std::vector<std::shared_ptr<CacheSlot>> Slots();
  size_t size();

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Shard {
    std::mutex mu;
    // Guarded by mu.
    std::unordered_map<std::string, std::shared_ptr<CacheSlot>, Hash, std::equal_to<>> slots;
    std::list<CacheSlot*> recent;  // Most recent first.
  };

  Shard& ShardOf(std::string_view key);
  static bool PointLocked(CacheSlot& slot, const Pointing& pointing);

  // Constant after construction.
  size_t max_shard_entries_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace colophon
