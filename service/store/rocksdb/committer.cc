#include "service/store/rocksdb/committer.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr size_t kMaxBatchWrites = 1024;
constexpr size_t kMaxBatchBytes = 8 << 20;

// How long to wait for those who were just told: this part of a sync, and
// never longer than that.
constexpr int kGatherPartOfSync = 8;
constexpr std::chrono::microseconds kMaxGather(1000);

}  // namespace

Committer::Committer(Database* database, std::unique_ptr<CommitState> state, DiskGuard* disk,
                     OnClosed on_closed, const RocksdbStoreOptions& options)
    : database_(database),
      disk_(disk),
      on_closed_(std::move(on_closed)),
      upkeep_interval_(options.upkeep_interval),
      on_batch_(options.on_batch),
      on_failure_(options.on_failure),
      state_(std::move(state)),
      thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Committer::Enqueue(std::unique_ptr<Write> write) {
  bool wanted;
  {
    std::lock_guard lock(mu_);
    waiting_.push_back(std::move(write));
    wanted = waiting_.size() == wanted_;
  }
  if (wanted) wake_.notify_one();
}

void Committer::Run() {
  for (Writes writes; TakeWaiting(&writes);) {
    KeepUp();
    for (size_t begin = 0; begin < writes.size();) begin = CommitSome(writes, begin);
    if (!writes.empty()) told_time_ = Clock::now();
  }
  MarkSynced();
}

bool Committer::TakeWaiting(Writes* writes) {
  std::unique_lock lock(mu_);
  GatherReturning(&lock);
  wanted_ = 1;
  wake_.wait_for(lock, upkeep_interval_, [this] { return stopping_ || !waiting_.empty(); });
  *writes = std::exchange(waiting_, {});
  return !stopping_ || !writes->empty();
}

void Committer::KeepUp() {
  const Clock::time_point now = Clock::now();
  if (upkeep_time_ != Clock::time_point() && now - upkeep_time_ < upkeep_interval_) return;
  upkeep_time_ = now;
  disk_->Look();
  database_->PauseCompactions(disk_->low());
  MarkSynced();
}

void Committer::MarkSynced() {
  if (failed_) return;
  const rocksdb::Status status = database_->MarkSynced();
  if (status.ok()) return;
  Fail(status);
  if (on_failure_) on_failure_(failure_);
}

void Committer::GatherReturning(std::unique_lock<std::mutex>* lock) {
  const size_t expected = std::min(expected_, kMaxBatchWrites);
  if (expected < 2 || stopping_) return;
  const Clock::duration patience =
      std::min<Clock::duration>(sync_time_ / kGatherPartOfSync, kMaxGather);
  wanted_ = expected;
  wake_.wait_until(*lock, told_time_ + patience,
                   [&] { return stopping_ || waiting_.size() >= expected; });
}

size_t Committer::CommitSome(const Writes& writes, size_t begin) {
  batch_.Clear();
  results_.clear();
  size_t end = begin;
  size_t bytes = 0;
  while (end < writes.size() && end - begin < kMaxBatchWrites && bytes < kMaxBatchBytes) {
    Write& write = *writes[end++];
    bytes += write.size();
    results_.push_back(Stage(&write));
  }
  state_->StageCounts(&batch_);
  state_->StageLog(&batch_);

  bool failed_now = false;
  if (!failed_ && batch_.Count() > 0) {
    rocksdb::WriteOptions options;
    options.sync = true;
    const Clock::time_point start = Clock::now();
    const rocksdb::Status status = database_->db()->Write(options, &batch_);
    sync_time_ = Clock::now() - start;
    if (on_batch_) on_batch_(static_cast<int>(end - begin), sync_time_);
    failed_now = !status.ok();
    if (failed_now) Fail(status);
  }
  if (on_closed_ && !failed_) on_closed_(state_->closed());
  state_->ForgetStaged();
  // Before anybody is answered, so that a server that exits there says nothing.
  if (failed_now && on_failure_) on_failure_(failure_);
  {
    std::lock_guard lock(mu_);
    expected_ = waiting_.size() + writes.size();
  }

  for (size_t i = begin; i < end; ++i) {
    // What was refused in a failed batch may have been so for a write whose
    // fate is not known.
    writes[i]->Finish(failed_now ? failure_ : std::move(results_[i - begin]));
  }
  return end;
}

absl::Status Committer::Stage(Write* write) {
  if (failed_) return failure_;
  if (write->kind() == Write::Kind::kBegin) RETURN_IF_ERROR(disk_->Admit());
  return write->Stage(*database_, state_.get(), &batch_);
}

void Committer::Fail(const rocksdb::Status& status) {
  failure_ = Unavailable(
      "STORE_FAILED",
      fmt::format("the store stopped after a failed write ({}): whether it reached the disk is "
                  "not known. Check the disk, restart the server and read what is there",
                  status.ToString()));
  failed_ = true;
}

}  // namespace colophon
