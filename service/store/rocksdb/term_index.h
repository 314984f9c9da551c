#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/store/rocksdb/commit_state.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/memory_segment.h"
#include "service/store/rocksdb/options.h"
#include "service/store/rocksdb/segments.h"

namespace colophon {

// Finds closed records by their terms.
//
// It follows the repositories' logs: each outcome in them is read once,
// on the index's own thread, and its terms are kept in memory. When a segment's worth is
// there they are written as one and leave memory. A segment says up to where in the logs
// its records are, so that after a start the rest is read again; and that all of it can be
// built again from the records, which happens when a segment is damaged or has terms of
// another version.
//
// A call's record costs nothing here before its caller is answered.
//
// Thread-safe.
class TermIndex {
 public:
  // Nothing was written to the database since it was opened.
  static absl::StatusOr<std::unique_ptr<TermIndex>> Open(const Database* database,
                                                         const RocksdbStoreOptions& options);
  // REQUIRES: it isn't running.
  ~TermIndex();

  // Begins to index; segments are written with `write`.
  void Start(WriteRows write);
  // After that nothing is written, and Find fails.
  void Stop();

  // Of a batch that is durable, in its order; batches in theirs.
  void Add(const std::vector<ClosedRecord>& closed);

  // Knows all that was added before it was called. Blocks until it is indexed.
  absl::StatusOr<std::vector<TermMatch>> Find(const TermQuery& query);

 private:
  // The leaves of a repository's log that were there when the store was opened, and are in
  // no segment.
  struct Rest {
    std::string repository;
    int64_t begin = 0;
    int64_t end = 0;
  };

  TermIndex(const Database* database, const RocksdbStoreOptions& options, SegmentList list,
            std::vector<Rest> rests);

  void Run();
  void IndexRests();
  void IndexRest(const Rest& rest);
  // Until some wait; false when it is to stop.
  bool TakeWaiting(std::vector<ClosedRecord>* closed);
  void Index(std::string_view id, std::string_view repository, int64_t log_end);
  void Seal();
  void Tell(StoreLogLevel level, std::string_view event, const std::string& message) const;
  bool stopping();
  // Waits until what was added by now is indexed.
  absl::Status AwaitIndexed(std::unique_lock<std::mutex>* lock);

  // Constant after construction.
  const Database& database_;
  const RecordTerms terms_;
  const size_t segment_records_;
  const StoreLog log_;
  const std::vector<Rest> rests_;
  WriteRows write_;  // Since Start.

  // Used by the index's thread only.
  LogPositions positions_;
  uint32_t next_number_;

  std::mutex mu_;
  std::condition_variable wake_;     // Something is added, or it is to stop.
  std::condition_variable indexed_;  // Some more are.
  // Guarded by mu_.
  std::deque<ClosedRecord> waiting_;  // Their repositories are in names_.
  std::set<std::string, std::less<>> names_;
  int64_t added_count_ = 0;    // By Add.
  int64_t indexed_count_ = 0;  // Of them.
  bool has_rests_ = true;      // Not all of rests_ is indexed.
  bool stopping_ = false;
  absl::Status failure_;           // Of a segment that couldn't be written.
  std::vector<Segment> segments_;  // By number.
  // Changed by the index's thread only, which may read it without the lock.
  MemorySegment newest_;

  std::thread thread_;
};

}  // namespace colophon
