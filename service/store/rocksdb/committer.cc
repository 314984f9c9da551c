#include "service/store/rocksdb/committer.h"

#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr size_t kMaxBatchWrites = 1024;
constexpr size_t kMaxBatchBytes = 8 << 20;

}  // namespace

Committer::Committer(const Database* database, std::unique_ptr<CommitState> state,
                     std::function<void(const absl::Status&)> on_failure)
    : database_(database),
      on_failure_(std::move(on_failure)),
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
  bool first;
  {
    std::lock_guard lock(mu_);
    first = waiting_.empty();
    waiting_.push_back(std::move(write));
  }
  if (first) wake_.notify_one();
}

void Committer::Run() {
  for (;;) {
    const Writes writes = TakeWaiting();
    if (writes.empty()) return;
    for (size_t begin = 0; begin < writes.size();) begin = CommitSome(writes, begin);
  }
}

Committer::Writes Committer::TakeWaiting() {
  std::unique_lock lock(mu_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

size_t Committer::CommitSome(const Writes& writes, size_t begin) {
  batch_.Clear();
  results_.clear();
  size_t end = begin;
  size_t bytes = 0;
  while (end < writes.size() && end - begin < kMaxBatchWrites && bytes < kMaxBatchBytes) {
    Write& write = *writes[end++];
    bytes += write.size();
    results_.push_back(failed_ ? failure_ : write.Stage(*database_, state_.get(), &batch_));
  }

  bool failed_now = false;
  if (!failed_ && batch_.Count() > 0) {
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = database_->db()->Write(options, &batch_);
    failed_now = !status.ok();
    if (failed_now) Fail(status);
  }
  state_->ForgetStaged();

  for (size_t i = begin; i < end; ++i) {
    // What was refused in a failed batch may have been so for a write whose
    // fate is not known.
    writes[i]->Finish(failed_now ? failure_ : std::move(results_[i - begin]));
  }
  if (failed_now && on_failure_) on_failure_(failure_);
  return end;
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
