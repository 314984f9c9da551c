#include "tests/crash/history.h"

#include <utility>

namespace colophon {

void History::TryCall(const std::string& operation, const std::string& text) {
  std::lock_guard<std::mutex> lock(mu_);
  calls_[operation].text = text;
}

void History::TryChange(const std::string& operation, std::map<std::string, std::string> files) {
  std::lock_guard<std::mutex> lock(mu_);
  changes_[operation].files = std::move(files);
}

void History::CallHasRecord(const std::string& operation, const std::string& record) {
  std::lock_guard<std::mutex> lock(mu_);
  calls_[operation].record = record;
}

void History::CallAcknowledged(const std::string& operation, const std::string& record,
                               const std::string& version, const std::string& output_digest) {
  std::lock_guard<std::mutex> lock(mu_);
  CallFact& call = calls_[operation];
  call.record = record;
  call.version = version;
  call.output_digest = output_digest;
  call.acknowledged = true;
  all_calls_[operation] = record;
}

void History::ChangeAcknowledged(const std::string& operation, const v1::Change& change) {
  std::lock_guard<std::mutex> lock(mu_);
  ChangeFact& fact = changes_[operation];
  fact.acknowledged = true;
  fact.change = change;
}

void History::ChangeRefused(const std::string& operation) {
  std::lock_guard<std::mutex> lock(mu_);
  changes_[operation].refused = true;
}

void History::ChangeSeen(int64_t sequence, const std::string& commit) {
  std::lock_guard<std::mutex> lock(mu_);
  seen_[sequence] = commit;
}

void History::Problem(const std::string& problem) {
  std::lock_guard<std::mutex> lock(mu_);
  problems_.push_back(problem);
}

void History::BeginRound() {
  std::lock_guard<std::mutex> lock(mu_);
  calls_.clear();
  changes_.clear();
  seen_.clear();
}

}  // namespace colophon
