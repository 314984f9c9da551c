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

// Compares a server that has started again with what its clients were told.
// Remembers, from check to check, how far the changes are known to be right.
//
// Not thread-safe.
class Checker {
 public:
  explicit Checker(uint64_t seed) : random_(seed) {}

  // After a crash: everything of the history's round. `since` is before the
  // round's first call. What is wrong; empty when nothing is.
  std::vector<std::string> Check(const Client& client, const History& history, absl::Time since);
  // Everything in the store, as VerifyStore walks it: the longer, the more there
  // is. After Check, for the number of changes is compared too.
  std::vector<std::string> CheckStore(const Client& client);
  // At the end: every record that any round was told of is still there.
  std::vector<std::string> CheckAllRecords(const Client& client, const History& history);

  int64_t sequence() const { return sequence_; }
  int64_t unknown_count() const { return unknown_count_; }

 private:
  void CheckChanges(const Client& client, const History& history);
  void CheckChange(const History& history, const v1::Change& change);
  void ReplayVersions(const v1::Change& change);
  void ReplayLabels(const v1::Change& change);
  void CheckVersions(const Client& client, const History& history);
  void CheckLabels(const Client& client);
  void CheckRecords(const Client& client, const History& history, absl::Time since);
  void CheckRecord(const History& history, const v1::Record& record);
  void CheckAgain(const Client& client, const v1::Record& record);

  // Every record that began at `since` or later.
  std::vector<v1::Record> ListRecords(const Client& client, absl::Time since);
  // False, and a problem, when the status is an error.
  bool Succeeded(const std::string& what, const absl::Status& status);
  void Problem(std::string problem) { problems_.push_back(std::move(problem)); }

  std::mt19937_64 random_;
  int64_t sequence_ = 0;                          // Of the newest change that was checked.
  std::map<std::string, uint32_t> latest_;        // Version number by prompt.
  std::map<std::string, std::string> labels_;     // Targets by "load/p1@production".
  std::map<std::string, int64_t> sequence_of_;    // By operation, of this round.
  std::map<std::string, std::string> record_of_;  // By operation, of this round.
  int64_t unknown_count_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace colophon
