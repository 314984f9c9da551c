#include "service/store/rocksdb/memory_segment.h"

#include <algorithm>

namespace colophon {

std::vector<RowMatch> CountRows(const std::vector<std::vector<uint16_t>>& lists, size_t least) {
  std::vector<uint16_t> all;
  for (const std::vector<uint16_t>& rows : lists) all.insert(all.end(), rows.begin(), rows.end());
  std::sort(all.begin(), all.end());
  std::vector<RowMatch> found;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::upper_bound(begin, all.end(), *begin);
    const auto count = static_cast<size_t>(end - begin);
    if (count >= least) found.push_back({*begin, count});
    begin = end;
  }
  return found;
}

void MemorySegment::Add(const RecordId& id, const std::vector<Term>& terms) {
  const auto row = static_cast<uint16_t>(ids_.size());
  ids_.push_back(id);
  for (const Term term : terms) {
    std::vector<uint16_t>& rows = rows_[ShortTerm(term)];
    // Two terms may be the same when they are short.
    if (rows.empty() || rows.back() != row) rows.push_back(row);
  }
}

std::vector<RowMatch> MemorySegment::Find(const std::vector<uint32_t>& short_terms,
                                          size_t least) const {
  std::vector<std::vector<uint16_t>> lists;
  for (const uint32_t term : short_terms) {
    const auto found = rows_.find(term);
    if (found != rows_.end()) lists.push_back(found->second);
  }
  return CountRows(lists, least);
}

RecordId MemorySegment::least_id() const {
  return ids_.empty() ? RecordId() : *std::min_element(ids_.begin(), ids_.end());
}

RecordId MemorySegment::greatest_id() const {
  return ids_.empty() ? RecordId() : *std::max_element(ids_.begin(), ids_.end());
}

std::vector<std::pair<uint32_t, const std::vector<uint16_t>*>> MemorySegment::SortedTerms() const {
  std::vector<std::pair<uint32_t, const std::vector<uint16_t>*>> terms;
  terms.reserve(rows_.size());
  for (const auto& [term, rows] : rows_) terms.emplace_back(term, &rows);
  std::sort(terms.begin(), terms.end());
  return terms;
}

}  // namespace colophon
