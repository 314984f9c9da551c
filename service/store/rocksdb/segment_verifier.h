#pragma once

#include <cstdint>

#include "rocksdb/snapshot.h"
#include "service/store/checker.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/key_set.h"
#include "service/store/rocksdb/segments.h"

namespace colophon {

// Walks all segments in a snapshot: that each has the postings its records give, no more
// and no fewer, and that their records are those which the logs say are in them.
//
// Thread-compatible.
class SegmentVerifier {
 public:
  SegmentVerifier(const Database* database, const rocksdb::Snapshot* snapshot,
                  const RecordTerms* terms, Problems* problems)
      : database_(*database), snapshot_(snapshot), terms_(*terms), problems_(*problems) {}

  // An error only when the store can't be read.
  absl::Status Verify();

 private:
  absl::Status VerifySegment(const Segment& segment);
  // The sum of the hashes of what its records give.
  absl::StatusOr<uint64_t> HashOfRecords(const Segment& segment);
  // Adds the hashes of all postings there are to those of their segments.
  absl::Status AddPostings();
  absl::Status ExpectRecords(const LogPositions& positions);

  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  const RecordTerms& terms_;
  Problems& problems_;
  std::map<uint32_t, uint64_t> posting_hashes_;  // By segment.
  KeySet records_;                               // That segments have.
  KeySet expected_records_;                      // That the logs have.
};

}  // namespace colophon
