#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "service/store/store.h"

namespace colophon {

// One repository of a MemoryStore.
struct MemoryRepository {
  v1::Repository row;                                  // Without sequence and commit.
  std::map<std::string, Object, std::less<>> objects;  // By hex id.
  std::map<std::string, ObjectId, std::less<>> refs;
  std::map<int64_t, v1::Change> changes;  // Whole, by sequence.
  std::vector<int64_t> steps_back;
  std::map<std::string, int64_t, std::less<>> sequences;  // By hex id of the commit.
  std::map<std::string, PromptRow, std::less<>> prompts;
  std::map<std::pair<std::string, uint32_t>, v1::Version> versions;
  // Moves by (prompt, label), then by sequence.
  std::map<std::pair<std::string, std::string>, std::map<int64_t, v1::Label>> labels;
  std::map<std::string, RequestRow, std::less<>> requests;
  std::map<std::string, std::string, std::less<>> record_of_request;
  std::map<std::string, std::string, std::less<>> raw_answers;  // By SHA-256, in hex.
  std::vector<LogLeaf> log;

  int64_t sequence() const { return changes.empty() ? 0 : changes.rbegin()->first; }
};

struct MemoryRecord {
  v1::Record record;
  int64_t opening = 0;  // Of the store, that wrote its intent.
};

// What a MemoryStore holds, and its writes: each checks, then writes all or nothing.
//
// Thread-compatible.
class MemoryRows {
 public:
  absl::Status CreateRepository(const std::string& name, absl::Time create_time);
  absl::Status Commit(const std::vector<ChangeTransaction>& transactions);
  absl::Status AppendIntent(const std::string& id, const v1::Intent& intent);
  absl::Status AppendOutcome(const std::string& id, const v1::Outcome& outcome);
  absl::Status AppendRecord(const v1::Record& record, const std::string& request_id);
  absl::Status AppendScores(const std::string& repository, const std::string& id,
                            const std::vector<v1::Score>& scores);

  // nullptr when there is none.
  const MemoryRepository* Find(std::string_view repository) const;
  const std::map<std::string, MemoryRepository, std::less<>>& repositories() const {
    return repositories_;
  }
  // By id.
  const std::map<std::string, MemoryRecord, std::less<>>& records() const { return records_; }

  // By id.
  std::map<std::string, store::v1::KeyRow>& keys() { return keys_; }

  // How often it was opened: records of earlier times have lost their process.
  int64_t opening() const { return opening_; }
  void BeginOpening() { ++opening_; }

 private:
  absl::Status CheckCommit(const MemoryRepository& repository,
                           const std::vector<ChangeTransaction>& transactions) const;

  int64_t opening_ = 0;
  std::map<std::string, MemoryRepository, std::less<>> repositories_;
  std::map<std::string, MemoryRecord, std::less<>> records_;
  std::map<std::string, store::v1::KeyRow> keys_;
};

}  // namespace colophon
