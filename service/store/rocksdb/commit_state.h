#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/recent_records.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/scores.h"

namespace colophon {

// A record that has its outcome.
struct ClosedRecord {
  RecordId id;
  const std::string* repository = nullptr;  // As long as the state is there.
  int64_t log_end = 0;                      // Leaves of its repository's log, up to its own.
};

// What the preconditions of a write are checked against: the database plus
// the writes staged before it in the same batch.
//
// It holds in memory what every write asks: sequences, counts and open records. A
// batch that fails is never undone here, because then the store has stopped.
//
// Used by the committer's thread only.
class CommitState {
 public:
  static absl::StatusOr<std::unique_ptr<CommitState>> Load(const Database* database);

  // The batch was written: the database knows it from now on.
  void ForgetStaged();

  // --- Repositories.

  // The sequence of its newest change; nullptr when there is no such
  // repository.
  int64_t* FindSequence(std::string_view repository);
  void AddRepository(std::string_view repository) {
    repositories_.emplace(repository, Repository());
  }

  // --- Refs, by their keys.

  absl::StatusOr<std::optional<ObjectId>> GetRef(const std::string& key) const;
  void StageRef(const std::string& key, std::optional<ObjectId> target) { refs_[key] = target; }

  // --- Rows of the registry that are written once.

  absl::StatusOr<bool> HasRow(const std::string& key) const;
  void StageRow(const std::string& key) { rows_.insert(key); }

  // --- Records.

  // With or without an outcome.
  absl::StatusOr<bool> HasRecord(const RecordId& id) const;
  // `repository` exists, here and below.
  void StageIntent(const RecordId& id, std::string_view repository);
  // The repository of a record without an outcome; nullptr when it isn't one.
  const std::string* FindOpen(const RecordId& id) const;
  void StageOpen(const RecordId& id, std::string_view repository);
  void StageOutcome(const RecordId& id, std::string_view repository);
  // What was said of a record, and then is said of it, `added` more than there were.
  absl::StatusOr<ScoreList> GetScores(const RecordId& id) const;
  void StageScores(const RecordId& id, std::string_view repository, ScoreList scores, int added);
  // Adds the counts that the staged rows changed: once a batch, when all is staged.
  void StageCounts(rocksdb::WriteBatch* batch);

  // The records that staged outcomes close, in their order. Their leaves are staged
  // before their outcomes. Until ForgetStaged.
  const std::vector<ClosedRecord>& closed() const { return closed_; }

  // --- The log.

  // `leaf` is encoded (leaves.h); its index is the next one.
  void StageLeaf(std::string_view repository, std::string_view leaf);
  // Adds the leaves of all staged rows: once a batch, when all is staged.
  void StageLog(rocksdb::WriteBatch* batch);

 private:
  struct Repository {
    int64_t sequence = 0;  // Of its newest change.
    // nullopt: the row is damaged, which Verify goes on to tell.
    std::optional<RecordCounts> counts = RecordCounts();
    int64_t log_size = 0;  // With what is staged.
    std::string leaves;    // Staged.
  };
  using Repositories = std::map<std::string, Repository, std::less<>>;

  explicit CommitState(const Database* database) : database_(database) {}
  absl::Status LoadSequence(const std::string& repository, int64_t* sequence);
  absl::Status LoadCounts(const std::string& repository, std::optional<RecordCounts>* counts);
  absl::Status LoadOpenRecords(const std::string& repository);
  absl::Status LoadNewestRecord();

  const Database* const database_;

  // By name. The names are what `open_` points to.
  Repositories repositories_;
  absl::flat_hash_map<RecordId, const std::string*> open_;
  RecentRecords recent_{RecordId::Greatest()};  // Until they are loaded, all are looked up.

  // Staged in this batch and not in the database yet.
  absl::flat_hash_map<std::string, std::optional<ObjectId>> refs_;
  absl::flat_hash_set<std::string> rows_;
  std::vector<ClosedRecord> closed_;
  absl::flat_hash_set<RecordId> records_;  // Those that aren't recent.
  absl::flat_hash_map<RecordId, ScoreList> scores_;
  absl::flat_hash_set<Repositories::pointer> counted_;  // Whose counts changed.
  absl::flat_hash_set<Repositories::pointer> logged_;   // That have leaves.
};

}  // namespace colophon
