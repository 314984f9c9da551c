#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "service/store/rocksdb/commit_state.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/disk_guard.h"
#include "service/store/rocksdb/write.h"

namespace colophon {

// The one writer. It takes all writes that wait, checks each against the
// database and those before it, writes what passed as one synced batch and
// then tells every caller, in the order they came.
//
// The next batch gathers while this one syncs. When several were told at once,
// they often come back at once with their next write: the committer then waits
// for as many, but for a small part of a sync at most, so that a batch isn't
// half of what it could be. A lone writer is never held back.
//
// After a failed write what reached the disk is not known, so nothing is
// written any more: fail-stop.
//
// Between batches, once an interval, it looks after the disk: new work is refused
// when that is nearly full, and how far the store has come is marked.
//
// Thread-safe.
class Committer {
 public:
  // Called with the records that a batch closed, when it is durable and before anybody is
  // told, on the committer's thread. May be empty.
  using OnClosed = std::function<void(const std::vector<ClosedRecord>&)>;

  Committer(Database* database, std::unique_ptr<CommitState> state, DiskGuard* disk,
            OnClosed on_closed, const RocksdbStoreOptions& options);
  // Writes what waits, then stops.
  ~Committer();

  void Enqueue(std::unique_ptr<Write> write);
  bool failed() const { return failed_; }

 private:
  using Writes = std::vector<std::unique_ptr<Write>>;
  using Clock = std::chrono::steady_clock;

  void Run();
  // Waits for writes, an interval at most. False when it is to stop and none is left.
  bool TakeWaiting(Writes* writes);
  // Waits, for a moment, for those who were just told.
  void GatherReturning(std::unique_lock<std::mutex>* lock);
  // Writes a bounded number from `begin` on; returns where the rest begins.
  size_t CommitSome(const Writes& writes, size_t begin);
  absl::Status Stage(Write* write);
  void KeepUp();
  void MarkSynced();
  void Fail(const rocksdb::Status& status);

  // Constant after construction.
  Database* const database_;
  DiskGuard* const disk_;
  const OnClosed on_closed_;
  const Clock::duration upkeep_interval_;
  const std::function<void(int, std::chrono::nanoseconds)> on_batch_;
  const std::function<void(const absl::Status&)> on_failure_;

  // Used by the committer's thread only.
  const std::unique_ptr<CommitState> state_;
  rocksdb::WriteBatch batch_;
  std::vector<absl::Status> results_;
  absl::Status failure_;
  Clock::time_point told_time_;    // When the last batch was done.
  Clock::duration sync_time_{0};   // How long the last batch took to write.
  Clock::time_point upkeep_time_;  // When KeepUp ran last.

  std::atomic<bool> failed_{false};

  std::mutex mu_;
  std::condition_variable wake_;
  // Guarded by mu_.
  Writes waiting_;
  size_t expected_ = 0;  // Those whom the last batch told and those who waited meanwhile.
  size_t wanted_ = 1;    // The committer is to wake when so many wait.
  bool stopping_ = false;

  std::thread thread_;  // Last: begins when all else is there.
};

}  // namespace colophon
