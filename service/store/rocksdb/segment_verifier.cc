#include "service/store/rocksdb/segment_verifier.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/record_reads.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {

absl::Status SegmentVerifier::Verify() {
  const absl::StatusOr<SegmentList> list = ReadSegments(database_, snapshot_);
  if (absl::IsDataLoss(list.status())) {
    problems_.Add("", MessageOf(list.status()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(list.status());
  RETURN_IF_ERROR(AddPostings());
  for (const Segment& segment : list->segments) RETURN_IF_ERROR(VerifySegment(segment));
  RETURN_IF_ERROR(ExpectRecords(list->positions));
  if (records_ != expected_records_) {
    problems_.Add("", fmt::format("segments have {} records, and the logs say {}: they aren't "
                                  "the same",
                                  records_.size(), expected_records_.size()));
  }
  return absl::OkStatus();
}

absl::Status SegmentVerifier::AddPostings() {
  Scan scan(database_, Family::kSegments, "x", {.snapshot = snapshot_, .fill_cache = false});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(1);
    const std::optional<uint16_t> bucket = TakeU16(&rest);
    const std::optional<uint32_t> segment =
        bucket ? SegmentOfPostingsKey(*bucket, scan.key()) : std::nullopt;
    const auto content = Unseal(scan.key(), scan.value(), "postings");
    const auto postings = content.ok() ? DecodePostings(*content) : std::nullopt;
    if (!segment || !postings) {
      problems_.Add("", fmt::format("a segment's row (key {}) is damaged", HexEncode(scan.key())));
      continue;
    }
    for (const uint32_t posting : *postings) {
      const uint32_t term = uint32_t{*bucket} << 14 | LowBitsOf(posting);
      posting_hashes_[*segment] += HashOfPosting(term, RowOf(posting));
    }
  }
  return scan.status();
}

absl::Status SegmentVerifier::VerifySegment(const Segment& segment) {
  const absl::StatusOr<uint64_t> hash = HashOfRecords(segment);
  if (absl::IsDataLoss(hash.status())) {
    problems_.Add("", MessageOf(hash.status()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(hash.status());
  if (*hash == segment.posting_hash && *hash == posting_hashes_[segment.number]) {
    return absl::OkStatus();
  }
  problems_.Add("", fmt::format("segment {} doesn't have the terms of its {} records",
                                segment.number, segment.record_count));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SegmentVerifier::HashOfRecords(const Segment& segment) {
  std::vector<RowMatch> rows;
  for (int32_t row = 0; row < segment.record_count; ++row) {
    rows.push_back({.row = static_cast<uint16_t>(row)});
  }
  ASSIGN_OR_RETURN(const std::vector<RecordId> ids, ReadIds(database_, segment, rows, snapshot_));
  uint64_t hash = 0;
  for (size_t row = 0; row < ids.size(); ++row) {
    records_.Add(ids[row].view());
    const auto record = ReadRecord(database_, ids[row].view(), snapshot_);
    if (absl::IsDataLoss(record.status())) continue;  // Told already.
    RETURN_IF_ERROR(record.status());
    if (!*record) {
      problems_.Add("", fmt::format("segment {} has record {}, which isn't there", segment.number,
                                    UuidFromBytes(ids[row].view())));
      continue;
    }
    std::set<uint32_t> short_terms;
    for (const Term term : terms_.of((*record)->intent().repository(), (*record)->outcome()))
      short_terms.insert(ShortTerm(term));
    for (const uint32_t term : short_terms) {
      hash += HashOfPosting(term, static_cast<uint16_t>(row));
    }
  }
  return hash;
}

absl::Status SegmentVerifier::ExpectRecords(const LogPositions& positions) {
  for (const auto& [repository, end] : positions) {
    Scan scan(database_, Family::kLog, LogPrefix(repository),
              {.snapshot = snapshot_, .fill_cache = false});
    for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
      const auto content = Unseal(scan.key(), scan.value(), "the log");
      const std::optional<int64_t> row_end = EndOfLogKey(scan.key());
      const auto leaves = content.ok() ? DecodeLeaves(*content) : std::nullopt;
      if (!row_end || !leaves) continue;  // Told by the log's own check.
      int64_t index = *row_end - std::ssize(*leaves);
      for (const LogLeaf& leaf : *leaves) {
        if (index++ >= end || leaf.kind != LeafKind::kOutcome) continue;
        expected_records_.Add(*UuidToBytes(leaf.record_id));
      }
      if (index >= end) break;
    }
    RETURN_IF_ERROR(scan.status());
  }
  return absl::OkStatus();
}

}  // namespace colophon
