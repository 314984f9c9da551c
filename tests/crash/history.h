#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"

namespace colophon {

// One call of a model: what was asked and what was answered.
struct CallFact {
  std::string text;           // The variable.
  std::string record;         // From the stream's start or the answer; empty: neither came.
  std::string version;        // As the answer said.
  std::string output_digest;  // Of the answer; empty: no answer came.
  bool acknowledged = false;
};

// One change: a publish or a label move.
struct ChangeFact {
  std::map<std::string, std::string> files;  // Path to content, as published.
  bool acknowledged = false;
  bool refused = false;  // The server said no: it must not be there.
  v1::Change change;     // As acknowledged; empty: it altered nothing.
};

// What was tried, acknowledged and seen, in memory: what a crash must not lose.
// An operation has a name of its own ("r3-call-2-17") that the server keeps, as
// a tag of a record or the description of a change.
//
// Thread-safe; the maps may be read when no load runs.
class History {
 public:
  // Before the operation is sent.
  void TryCall(const std::string& operation, const std::string& text);
  void TryChange(const std::string& operation, std::map<std::string, std::string> files);

  void CallHasRecord(const std::string& operation, const std::string& record);
  void CallAcknowledged(const std::string& operation, const std::string& record,
                        const std::string& version, const std::string& output_digest);
  void ChangeAcknowledged(const std::string& operation, const v1::Change& change);
  void ChangeRefused(const std::string& operation);
  // By a watcher or a reader: what was seen once can't have been undone.
  void ChangeSeen(int64_t sequence, const std::string& commit);
  // Something that must not happen even while nothing crashes.
  void Problem(const std::string& problem);

  // The next round begins: its operations are kept apart from the older ones.
  void BeginRound();

  // Of this round.
  const std::map<std::string, CallFact>& calls() const { return calls_; }
  const std::map<std::string, ChangeFact>& changes() const { return changes_; }
  const std::map<int64_t, std::string>& seen() const { return seen_; }
  const std::vector<std::string>& problems() const { return problems_; }
  // Of all rounds, acknowledged: operation to record id.
  const std::map<std::string, std::string>& all_calls() const { return all_calls_; }

 private:
  std::mutex mu_;
  // Guarded by mu_ while load runs.
  std::map<std::string, CallFact> calls_;
  std::map<std::string, ChangeFact> changes_;
  std::map<int64_t, std::string> seen_;
  std::vector<std::string> problems_;
  std::map<std::string, std::string> all_calls_;
};

}  // namespace colophon
