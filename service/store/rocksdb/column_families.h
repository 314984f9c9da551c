#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "rocksdb/options.h"

namespace colophon {

// The column families. NOTE: their names are part of the persistent format.
enum class Family {
  kMeta,      // "default": the format, the repositories, the counts of records, the keys.
  kRegistry,  // Refs, changes, prompts, versions, labels, requests.
  kObjects,   // Git objects.
  kRecords,   // Intents and outcomes.
  kIndex,     // What records are looked up by; keys only.
  kMedia,     // Images and long texts of intents, what providers sent; each once.
  kLog,       // The leaves of what was written, in its order.
  kSegments,  // What closed records are found by; can be built again.
};

inline constexpr std::array<Family, 8> kFamilies = {
    Family::kMeta,  Family::kRegistry, Family::kObjects, Family::kRecords,
    Family::kIndex, Family::kMedia,    Family::kLog,     Family::kSegments};

std::string_view FamilyName(Family family);

// How a family is kept on disk; all share one cache.
rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache);

// Prefix that the index family's bloom filter knows: the kind and the digest
// of an output key. Only a scan of one output may rely on it.
inline constexpr size_t kIndexBloomPrefix = 17;

}  // namespace colophon
