#pragma once

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {

// The 16 bytes of a record's id.
struct RecordId {
  std::array<char, kRecordIdBytes> bytes{};

  // `from` has 16 bytes.
  explicit RecordId(std::string_view from) { std::memcpy(bytes.data(), from.data(), bytes.size()); }
  RecordId() = default;
  std::string_view view() const { return {bytes.data(), bytes.size()}; }

  friend bool operator==(const RecordId&, const RecordId&) = default;
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const RecordId& id) {
    return Hash::combine_contiguous(std::move(hash), id.bytes.data(), id.bytes.size());
  }
};

// What the preconditions of a write are checked against: the database plus
// the writes staged before it in the same batch.
//
// It holds in memory what every write asks: sequences and open records. A
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
  void AddRepository(std::string_view repository) { repositories_.emplace(repository, 0); }

  // --- Refs, by their keys.

  absl::StatusOr<std::optional<ObjectId>> GetRef(const std::string& key) const;
  void StageRef(const std::string& key, std::optional<ObjectId> target) { refs_[key] = target; }

  // --- Rows of the registry that are written once.

  absl::StatusOr<bool> HasRow(const std::string& key) const;
  void StageRow(const std::string& key) { rows_.insert(key); }

  // --- Records.

  // With or without an outcome.
  absl::StatusOr<bool> HasRecord(const RecordId& id) const;
  void StageRecord(const RecordId& id);
  // The repository of a record without an outcome; nullptr when it isn't one.
  const std::string* FindOpen(const RecordId& id) const;
  // `repository` exists.
  void StageOpen(const RecordId& id, std::string_view repository);
  void StageClosed(const RecordId& id) { open_.erase(id); }

 private:
  explicit CommitState(const Database* database) : database_(database) {}
  absl::Status LoadRepositories();
  absl::Status LoadSequence(const std::string& repository, int64_t* sequence);
  absl::Status LoadOpenRecords(const std::string& repository);
  absl::Status LoadNewestRecord();

  const Database* const database_;

  // Name and sequence. The names are what `open_` points to.
  std::map<std::string, int64_t, std::less<>> repositories_;
  absl::flat_hash_map<RecordId, const std::string*> open_;
  // No record has a greater id: a new one that has is new without a look-up.
  RecordId newest_;

  // Staged in this batch and not in the database yet.
  absl::flat_hash_map<std::string, std::optional<ObjectId>> refs_;
  absl::flat_hash_set<std::string> rows_;
  absl::flat_hash_set<RecordId> records_;
};

}  // namespace colophon
