#include "tests/crash/checker.h"

#include "fmt/format.h"
#include "service/base/status.h"
#include "tests/crash/load.h"

namespace colophon {

std::vector<std::string> Checker::Check(const Client& client, const History& history,
                                        absl::Time since, End end) {
  problems_ = history.problems();
  made_.clear();
  record_of_.clear();
  Changes changes = history.changes();
  CheckChanges(client, history, changes);
  // From here on every request has an answer.
  SendAgain(client, &changes);
  CheckChanges(client, history, changes);
  CheckVersions(client, changes);
  CheckPrompts(client);
  CheckDrafts(client, changes);
  CheckLabels(client);
  CheckRecords(client, history, since, end);
  return std::move(problems_);
}

bool Checker::Succeeded(const std::string& what, const absl::Status& status) {
  return Expect(status.ok(), [&] {
    return fmt::format("{}: {} ({})", what, status.ToString(), ReasonOf(status));
  });
}

std::vector<std::string> Checker::CheckStore(const Client& client) {
  problems_.clear();
  const absl::StatusOr<v1::VerifyStoreResponse> store = client.VerifyStore({});
  if (!Succeeded("VerifyStore", store.status())) return std::move(problems_);
  for (const v1::StoreProblem& problem : store->problems()) {
    Problem("VerifyStore: " + problem.message());
  }
  Expect(store->open_record_count() == 0,
         [&] { return fmt::format("{} intents without an outcome", store->open_record_count()); });
  Expect(store->change_count() == sequence_, [&] {
    return fmt::format("VerifyStore counts {} changes, not {}", store->change_count(), sequence_);
  });
  return std::move(problems_);
}

std::vector<std::string> Checker::CheckBackup(const Client& client, const History& history,
                                              int64_t time) {
  problems_.clear();
  const absl::StatusOr<v1::VerifyStoreResponse> store = client.VerifyStore({});
  if (!Succeeded("VerifyStore of the backup", store.status())) return std::move(problems_);
  for (const v1::StoreProblem& problem : store->problems()) {
    Problem("VerifyStore of the backup: " + problem.message());
  }
  for (const auto& [operation, fact] : history.changes()) {
    if (!fact.acknowledged || fact.acknowledge_time > time) continue;
    for (const v1::PublishedVersion& published : fact.change.versions()) {
      CheckVersion(client, published.name(),
                   {fact.change.commit(), published.digest(), fact.change.sequence()}, &fact);
    }
  }
  for (const auto& [operation, call] : history.calls()) {
    if (!call.acknowledged || call.acknowledge_time > time) continue;
    v1::GetRecordRequest request;
    request.set_id(call.record);
    const absl::StatusOr<v1::GetRecordResponse> found = client.GetRecord(request);
    if (Succeeded("the backup's record " + call.record, found.status())) {
      CheckAcknowledged(operation, call, found->record());
    }
  }
  return std::move(problems_);
}

std::vector<std::string> Checker::CheckEverything(const Client& client, const History& history) {
  problems_.clear();
  std::map<std::string, std::string> there;
  for (const v1::Record& record : ListRecords(client, absl::UnixEpoch())) {
    Expect(record.has_outcome(),
           [&] { return fmt::format("record {} has no outcome", record.id()); });
    const auto tag = record.intent().tags().find("operation");
    if (tag != record.intent().tags().end()) there[tag->second] = record.id();
  }
  for (const auto& [operation, record] : history.all_calls()) {
    const auto found = there.find(operation);
    Expect(found != there.end() && found->second == record,
           [&, &operation = operation, &record = record] {
             return fmt::format("lost: record {} of {}", record, operation);
           });
  }
  for (const auto& [name, fact] : versions_) CheckVersion(client, name, fact, nullptr);
  return std::move(problems_);
}

}  // namespace colophon
