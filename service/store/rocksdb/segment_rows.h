#pragma once

// What a segment's rows hold. NOTE: the persistent format.
//
//   term        28 bits of its hash: bucket, then the low 14 bits
//   ids row     id[16]...                       of 256 records, in the order of their row
//                                               numbers; of fewer in the last one
//   postings    varint:delta...                 sorted: each posting minus the one before,
//                                               the first minus 0
//   posting     low 14 bits of a term, u16:row  as one number of 30 bits

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/record_store.h"

namespace colophon {

inline constexpr uint32_t kTermBuckets = 1 << 14;
inline constexpr size_t kIdsOfRow = 256;
// Row numbers have 16 bits.
inline constexpr size_t kMaxSegmentRecords = 1 << 16;

// What a store keeps of a term.
inline uint32_t ShortTerm(Term term) { return static_cast<uint32_t>(term >> 36); }
inline uint16_t BucketOf(uint32_t short_term) { return static_cast<uint16_t>(short_term >> 14); }

inline uint32_t MakePosting(uint32_t short_term, uint16_t row) {
  return (short_term & (kTermBuckets - 1)) << 16 | row;
}
inline uint32_t LowBitsOf(uint32_t posting) { return posting >> 16; }
inline uint16_t RowOf(uint32_t posting) { return static_cast<uint16_t>(posting); }

// Sorted, each once.
std::string EncodePostings(const std::vector<uint32_t>& postings);
// nullopt when they aren't such.
std::optional<std::vector<uint32_t>> DecodePostings(std::string_view content);
// The rows of those with the term's low bits, sorted; nullopt as above.
std::optional<std::vector<uint16_t>> RowsOfTerm(std::string_view postings, uint32_t short_term);

}  // namespace colophon
