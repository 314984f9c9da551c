#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/client.h"
#include "tests/crash/history.h"

namespace colophon {

// How the server ended.
enum class End {
  kKilled,   // Open intents become UNKNOWN.
  kStopped,  // In good order: every call that began has an outcome of its own.
};

// Compares a server that has started again with what its clients were told.
// Remembers, from check to check, how far the changes are known to be right.
// Sends requests that weren't answered once more, as their clients would.
//
// Not thread-safe.
class Checker {
 public:
  explicit Checker(uint64_t seed) : random_(seed) {}

  // After the server's end: everything of the history's round. `since` is before
  // the round's first call. What is wrong; empty when nothing is.
  std::vector<std::string> Check(const Client& client, const History& history, absl::Time since,
                                 End end);
  // Everything in the store, as VerifyStore walks it: the longer, the more there
  // is. After Check, for the number of changes is compared too.
  std::vector<std::string> CheckStore(const Client& client);
  // A server that runs on a copy has what was acknowledged before `time`, when
  // the copy was begun, and is whole.
  std::vector<std::string> CheckBackup(const Client& client, const History& history, int64_t time);
  // At the end: every record that any round was told of is still there, and
  // every version, by number and by commit.
  std::vector<std::string> CheckEverything(const Client& client, const History& history);

  int64_t sequence() const { return sequence_; }
  // The commit at which main stands.
  const std::string& head() const { return head_; }
  // Where each draft branch stands.
  const std::map<std::string, std::string>& draft_heads() const { return draft_heads_; }
  int64_t unknown_count() const { return unknown_count_; }
  int64_t repeated_count() const { return repeated_count_; }
  int64_t check_count() const { return check_count_; }

 private:
  using Changes = std::map<std::string, ChangeFact>;

  struct VersionFact {
    std::string commit;
    std::string digest;
    int64_t sequence = 0;
  };

  // checker_changes.cc
  void CheckChanges(const Client& client, const History& history, const Changes& changes);
  void CheckChange(const History& history, const Changes& changes, const v1::Change& change);
  void ReplayVersions(const v1::Change& change);
  void ReplayLabels(const v1::Change& change);
  void SendAgain(const Client& client, Changes* changes);
  void SendAgain(const Client& client, const std::string& operation, ChangeFact* fact);
  void CheckVersions(const Client& client, const Changes& changes);
  void CheckVersion(const Client& client, const std::string& name, const VersionFact& fact,
                    const ChangeFact* change);
  void CheckPrompts(const Client& client);
  void CheckDrafts(const Client& client, const Changes& changes);
  void CheckLabels(const Client& client);

  // checker_records.cc
  void CheckRecords(const Client& client, const History& history, absl::Time since, End end);
  void CheckRecord(const History& history, const v1::Record& record, End end);
  void CheckAcknowledged(const std::string& operation, const CallFact& call,
                         const v1::Record& record);
  void CheckAgain(const Client& client, const v1::Record& record);
  void CheckFound(const Client& client, const v1::Record& record);
  // Every record that began at `since` or later.
  std::vector<v1::Record> ListRecords(const Client& client, absl::Time since);

  // False, and a problem, when the status is an error.
  bool Succeeded(const std::string& what, const absl::Status& status);
  void Problem(std::string problem) { problems_.push_back(std::move(problem)); }
  // `text()` says what is wrong when it doesn't hold.
  template <class Text>
  bool Expect(bool holds, const Text& text) {
    ++check_count_;
    if (!holds) Problem(text());
    return holds;
  }

  std::mt19937_64 random_;
  int64_t sequence_ = 0;  // Of the newest change that was checked.
  std::string head_;
  std::map<std::string, VersionFact> versions_;     // By "crash/load/p1@v3".
  std::map<std::string, uint32_t> latest_;          // Version number by prompt.
  std::map<std::string, bool> archived_;            // By prompt.
  std::map<std::string, std::string> labels_;       // Targets by "load/p1@production".
  std::map<std::string, std::string> draft_heads_;  // Commit by branch.
  std::map<std::string, std::string> drafts_;       // Content by "draft-c0-t1:load/p1".
  std::map<std::string, v1::Change> made_;          // By operation, of this round.
  std::map<std::string, std::string> record_of_;    // By operation, of this round.
  int64_t unknown_count_ = 0;
  int64_t repeated_count_ = 0;
  int64_t check_count_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace colophon
