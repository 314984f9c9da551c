#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/commit_state.h"
#include "service/store/store.h"

namespace colophon {

// One write on its way to the committer. What can be done without looking at
// the store (serializing, sealing, building keys) was done by the caller's
// thread when it was made.
class Write {
 public:
  // Whether it begins something, or ends what was begun: that is taken also when the
  // disk is nearly full.
  enum class Kind { kBegin, kFinish };

  // `size`: about how many bytes it adds to a batch.
  Write(Done done, size_t size, Kind kind = Kind::kBegin)
      : done_(std::move(done)), size_(size), kind_(kind) {}
  virtual ~Write() = default;
  Write(const Write&) = delete;
  Write& operator=(const Write&) = delete;

  // Checks the preconditions, then adds the rows to the batch and to the
  // state. Adds nothing when it fails. On the committer's thread.
  virtual absl::Status Stage(const Database& database, CommitState* state,
                             rocksdb::WriteBatch* batch) = 0;

  size_t size() const { return size_; }
  Kind kind() const { return kind_; }
  void Finish(absl::Status status) {
    if (done_) done_(std::move(status));
  }

 private:
  Done done_;
  const size_t size_;
  const Kind kind_;
};

// A malformed write comes out as one that fails when its turn comes, so that
// every Done is called in order and by the committer.
std::unique_ptr<Write> MakeRepositoryWrite(const std::string& name, absl::Time create_time,
                                           Done done);
std::unique_ptr<Write> MakeChangeWrite(std::vector<ChangeTransaction> transactions, Done done);
std::unique_ptr<Write> MakeIntentWrite(std::string_view id, const v1::Intent& intent, Done done);
std::unique_ptr<Write> MakeOutcomeWrite(std::string_view id, const v1::Outcome& outcome, Done done);
std::unique_ptr<Write> MakeRecordWrite(const v1::Record& record, std::string_view request_id,
                                       Done done);

std::unique_ptr<Write> MakeScoresWrite(std::string_view repository, std::string_view id,
                                       const std::vector<v1::Score>& scores, Done done);

// Of rows that nothing is asked of.
std::unique_ptr<Write> MakeRowsWrite(std::vector<SealedRow> rows, Done done);

// Fails with `status`.
std::unique_ptr<Write> MakeRefusedWrite(absl::Status status, Done done);

}  // namespace colophon
