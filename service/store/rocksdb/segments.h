#pragma once

// Segments as they are written and read. A segment's first row and its last one are the
// same: it says "begun", then "whole". One that doesn't say "whole", because the process
// ended before, is nothing but a number that isn't used again.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "colophon/store/v1/rows.pb.h"
#include "rocksdb/snapshot.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/memory_segment.h"
#include "service/store/rocksdb/rows.h"

namespace colophon {

// How many leaves of each repository's log are looked at.
using LogPositions = std::map<std::string, int64_t, std::less<>>;

// A whole one.
struct Segment {
  uint32_t number = 0;
  int32_t record_count = 0;
  RecordId least_id;
  RecordId greatest_id;
  uint32_t terms_version = 0;
  uint64_t posting_hash = 0;
};

struct SegmentList {
  std::vector<Segment> segments;  // By number.
  uint32_t next_number = 1;
  LogPositions positions;  // What they and those before them have.
};

// DATA_LOSS CORRUPT_STORE when one can't be read.
absl::StatusOr<SegmentList> ReadSegments(const Database& database,
                                         const rocksdb::Snapshot* snapshot = nullptr);

// A number of a posting's, of which a segment has the sum.
uint64_t HashOfPosting(uint32_t short_term, uint16_t row);

// Writes rows, and returns when they are durable.
using WriteRows = std::function<absl::Status(std::vector<SealedRow>)>;

// In small batches, one after the other: each holds up the calls that are made meanwhile.
absl::Status WriteSegment(uint32_t number, const MemorySegment& records, uint32_t terms_version,
                          const LogPositions& positions, const WriteRows& write);

// In the order of the matches, which are sorted by row.
absl::StatusOr<std::vector<RecordId>> ReadIds(const Database& database, const Segment& segment,
                                              const std::vector<RowMatch>& matches,
                                              const rocksdb::Snapshot* snapshot = nullptr);

// All rows of the family. Nobody else writes.
absl::Status DropSegments(const Database& database);

// Looks through segments for some terms, from the newest on.
//
// Thread-compatible.
class PostingsReader {
 public:
  PostingsReader(const Database* database, const std::vector<uint32_t>& short_terms);
  ~PostingsReader();

  // The rows that have at least `least` of the terms. Each segment has a smaller number than the
  // one before.
  absl::StatusOr<std::vector<RowMatch>> Find(const Segment& segment, size_t least);

 private:
  struct Cursor;
  std::vector<Cursor> cursors_;
};

}  // namespace colophon
