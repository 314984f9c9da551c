#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/segment_rows.h"

namespace colophon {

// A row of a segment that was found, and how many of the terms it has.
struct RowMatch {
  uint16_t row = 0;
  size_t count = 0;
};

// The rows that are in at least `least` of the lists, each of which is sorted.
std::vector<RowMatch> CountRows(const std::vector<std::vector<uint16_t>>& lists, size_t least);

// Records and their terms, before they are written as a segment.
//
// Thread-compatible.
class MemorySegment {
 public:
  // Fewer than kMaxSegmentRecords are in it.
  void Add(const RecordId& id, const std::vector<Term>& terms);

  std::vector<RowMatch> Find(const std::vector<uint32_t>& short_terms, size_t least) const;

  // By row.
  const std::vector<RecordId>& ids() const { return ids_; }
  // Of no records: the least of all.
  RecordId least_id() const;
  RecordId greatest_id() const;

  // Their terms with the sorted rows that have them, sorted by term.
  std::vector<std::pair<uint32_t, const std::vector<uint16_t>*>> SortedTerms() const;

 private:
  std::vector<RecordId> ids_;
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> rows_;  // By short term, sorted.
};

}  // namespace colophon
