#pragma once

// What a CachedResolver keeps on disk, so that a restart finds the last known
// good even while the server is down.
//
//   file       = "colophon-cache 1\n" sha256 "\n" payload     sha256 in hex, of payload
//   payload    = address:string count repository* count entry*
//   repository = name:string sequence:int contact_time:int
//   entry      = key:string sequence:int fetch_time:int count target*
//   target     = weight:int label:string sequence:int version:string
//   string     = length:int byte*
//   int, count = 8 bytes, little-endian; times are Unix nanoseconds;
//                version is a colophon.v1.Version
//
// NOTE: this is a persistent format; another one has another number.

#include <memory>
#include <string>
#include <vector>

#include "client/cpp/resolver_cache.h"
#include "service/base/status.h"

namespace colophon {

struct CacheState {
  struct Repository {
    std::string name;
    int64_t sequence = 0;
    int64_t contact_time = 0;
  };
  struct Entry {
    std::string key;
    std::shared_ptr<const CacheEntry> entry;
  };

  std::string address;  // Of the server it was told by.
  std::vector<Repository> repositories;
  std::vector<Entry> entries;  // Most recently used first.
};

// Written beside the file, synced and renamed: a crash leaves the old one or
// the new one. Only the user may read it: prompts can be secret.
absl::Status WriteCacheState(const CacheState& state, const std::string& path);

// An empty state when there is no file. DATA_LOSS BAD_CACHE_FILE when it is
// damaged or another's.
absl::StatusOr<CacheState> ReadCacheState(const std::string& path, const std::string& address);

}  // namespace colophon
