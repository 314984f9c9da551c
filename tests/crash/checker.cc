#include "tests/crash/checker.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/status.h"
#include "tests/crash/load.h"

namespace colophon {
namespace {

constexpr int kPage = 500;
constexpr int kRecordsReadAgain = 20;
constexpr int kTextsFound = 5;

std::string OperationOf(const v1::Record& record) {
  const auto found = record.intent().tags().find("operation");
  return found == record.intent().tags().end() ? "" : found->second;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* to) {
  to->set_seconds(absl::ToUnixSeconds(time));
}

std::string TextOf(const v1::Record& record) {
  std::string text;
  for (const v1::Part& part : record.outcome().completion().message().parts()) text += part.text();
  return text;
}

}  // namespace

std::vector<std::string> Checker::Check(const Client& client, const History& history,
                                        absl::Time since) {
  problems_ = history.problems();
  sequence_of_.clear();
  record_of_.clear();
  CheckChanges(client, history);
  CheckVersions(client, history);
  CheckLabels(client);
  CheckRecords(client, history, since);
  return std::move(problems_);
}

bool Checker::Succeeded(const std::string& what, const absl::Status& status) {
  if (!status.ok()) Problem(fmt::format("{}: {} ({})", what, status.ToString(), ReasonOf(status)));
  return status.ok();
}

// --- Changes: no hole, nothing lost, nothing twice, nothing that was refused.

void Checker::CheckChanges(const Client& client, const History& history) {
  std::vector<v1::Change> changes;  // Newest first.
  v1::ListChangesRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  bool more = true;
  while (more) {
    const absl::StatusOr<v1::ListChangesResponse> page = client.ListChanges(request);
    if (!Succeeded("ListChanges", page.status())) return;
    for (const v1::Change& change : page->changes()) {
      more = change.sequence() > sequence_;
      if (!more) break;
      changes.push_back(change);
    }
    more = more && !page->next_page_token().empty();
    request.set_page_token(page->next_page_token());
  }
  std::reverse(changes.begin(), changes.end());
  for (const v1::Change& change : changes) {
    if (change.sequence() != sequence_ + 1) {
      Problem(fmt::format("a hole: sequence {} follows {}", change.sequence(), sequence_));
    }
    sequence_ = change.sequence();
    CheckChange(history, change);
    ReplayVersions(change);
    ReplayLabels(change);
  }
  for (const auto& [operation, fact] : history.changes()) {
    if (fact.acknowledged && fact.change.sequence() > 0 && !sequence_of_.contains(operation)) {
      Problem(fmt::format("lost: {} was acknowledged as sequence {}", operation,
                          fact.change.sequence()));
    }
  }
  for (const auto& [sequence, commit] : history.seen()) {
    if (sequence > sequence_) {
      Problem(fmt::format("undone: a watcher saw sequence {}, now the last is {}", sequence,
                          sequence_));
    }
  }
}

void Checker::CheckChange(const History& history, const v1::Change& change) {
  if (change.description() == "prepare") return;
  const std::string& operation = change.description();
  const auto found = history.changes().find(operation);
  if (found == history.changes().end()) {
    Problem(fmt::format("nobody tried {}, which is sequence {}", operation, change.sequence()));
    return;
  }
  const ChangeFact& fact = found->second;
  const auto [earlier, is_first] = sequence_of_.emplace(operation, change.sequence());
  if (!is_first) {
    Problem(fmt::format("twice: {} is sequence {} and {}", operation, earlier->second,
                        change.sequence()));
  }
  if (fact.refused) Problem(fmt::format("{} was refused and yet is there", operation));
  if (fact.acknowledged && fact.change.SerializeAsString() != change.SerializeAsString()) {
    Problem(fmt::format("{} was acknowledged as\n{}and now is\n{}", operation,
                        fact.change.DebugString(), change.DebugString()));
  }
  const auto seen = history.seen().find(change.sequence());
  if (seen != history.seen().end() && seen->second != change.commit()) {
    Problem(fmt::format("a watcher saw sequence {} as {}, now it is {}", change.sequence(),
                        seen->second, change.commit()));
  }
}

void Checker::ReplayVersions(const v1::Change& change) {
  for (const v1::PublishedVersion& version : change.versions()) {
    uint32_t& latest = latest_[version.prompt()];
    if (version.version() != latest + 1) {
      Problem(fmt::format("{} follows version {}", version.name(), latest));
    }
    latest = version.version();
  }
}

void Checker::ReplayLabels(const v1::Change& change) {
  for (const v1::LabelMove& move : change.label_moves()) {
    std::string& now = labels_[move.prompt() + "@" + move.label()];
    if (move.previous().SerializeAsString() != now) {
      Problem(fmt::format("sequence {} moved {}@{} from a place where it was not",
                          change.sequence(), move.prompt(), move.label()));
    }
    now = move.targets().SerializeAsString();
  }
}

void Checker::CheckVersions(const Client& client, const History& history) {
  for (const auto& [operation, fact] : history.changes()) {
    for (const v1::PublishedVersion& published : fact.change.versions()) {
      v1::GetVersionRequest request;
      request.set_name(published.name());
      const absl::StatusOr<v1::GetVersionResponse> found = client.GetVersion(request);
      if (!Succeeded(published.name(), found.status())) continue;
      const v1::Version& version = found->version();
      if (version.digest() != published.digest() || version.commit() != fact.change.commit() ||
          version.sequence() != fact.change.sequence()) {
        Problem(fmt::format("{} is not what {} was told", published.name(), operation));
      }
      for (const v1::File& file : version.files()) {
        const auto written = fact.files.find(file.path());
        if (written != fact.files.end() && written->second != file.content()) {
          Problem(
              fmt::format("{} has another {} than was published", published.name(), file.path()));
        }
      }
    }
  }
  for (const auto& [prompt, latest] : latest_) {
    v1::GetVersionRequest request;
    request.set_name(fmt::format("{}/{}@latest", kRepository, prompt));
    const absl::StatusOr<v1::GetVersionResponse> found = client.GetVersion(request);
    if (Succeeded(request.name(), found.status()) && found->version().version() != latest) {
      Problem(fmt::format("{} is version {}, the changes say {}", request.name(),
                          found->version().version(), latest));
    }
  }
}

void Checker::CheckLabels(const Client& client) {
  v1::ListLabelsRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  const absl::StatusOr<v1::ListLabelsResponse> found = client.ListLabels(request);
  if (!Succeeded("ListLabels", found.status())) return;
  if (static_cast<size_t>(found->labels_size()) != labels_.size()) {
    Problem(fmt::format("{} labels, the changes say {}", found->labels_size(), labels_.size()));
  }
  for (const v1::Label& label : found->labels()) {
    const std::string name = label.name().substr(std::string(kRepository).size() + 1);
    const auto replayed = labels_.find(name);
    if (replayed == labels_.end() || replayed->second != label.targets().SerializeAsString()) {
      Problem(fmt::format("{} points to {}, which the changes don't say", label.name(),
                          label.targets().ShortDebugString()));
    }
  }
}

// --- Records: every intent has an outcome, every answer its record.

std::vector<v1::Record> Checker::ListRecords(const Client& client, absl::Time since) {
  std::vector<v1::Record> records;
  v1::ListRecordsRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  SetTime(since, request.mutable_start_time());
  bool more = true;
  while (more) {
    const absl::StatusOr<v1::ListRecordsResponse> page = client.ListRecords(request);
    if (!Succeeded("ListRecords", page.status())) break;
    records.insert(records.end(), page->records().begin(), page->records().end());
    more = !page->next_page_token().empty();
    request.set_page_token(page->next_page_token());
  }
  return records;
}

void Checker::CheckRecords(const Client& client, const History& history, absl::Time since) {
  std::vector<v1::Record> records = ListRecords(client, since);
  // The listing begins at a whole second, so the round before is in it too.
  std::erase_if(records, [&](const v1::Record& record) {
    return !history.calls().contains(OperationOf(record)) &&
           history.all_calls().contains(OperationOf(record));
  });
  for (const v1::Record& record : records) CheckRecord(history, record);
  for (const auto& [operation, call] : history.calls()) {
    const auto found = record_of_.find(operation);
    if (found == record_of_.end()) {
      if (!call.record.empty()) {
        Problem(fmt::format("lost: record {} of {}", call.record, operation));
      }
    } else if (!call.record.empty() && found->second != call.record) {
      Problem(
          fmt::format("{} was told record {}, there is {}", operation, call.record, found->second));
    }
  }
  std::shuffle(records.begin(), records.end(), random_);
  for (size_t i = 0; i < records.size() && i < kRecordsReadAgain; ++i) {
    CheckAgain(client, records[i]);
  }
  for (size_t i = 0; i < records.size() && i < kTextsFound; ++i) {
    const std::string text = TextOf(records[i]);
    if (records[i].outcome().status() != v1::STATUS_OK || text.empty()) continue;
    v1::FindRecordsRequest request;
    request.set_text(text);
    const absl::StatusOr<v1::FindRecordsResponse> found = client.FindRecords(request);
    if (!Succeeded("FindRecords", found.status())) continue;
    if (found->records_size() != 1 || found->records(0).id() != records[i].id()) {
      Problem(fmt::format("the text of record {} finds {} records", records[i].id(),
                          found->records_size()));
    }
  }
}

void Checker::CheckRecord(const History& history, const v1::Record& record) {
  const std::string operation = OperationOf(record);
  const auto found = history.calls().find(operation);
  if (found == history.calls().end()) {
    // A call of an earlier round that nobody was told of: its end was checked then.
    return;
  }
  const CallFact& call = found->second;
  if (!record_of_.emplace(operation, record.id()).second) {
    Problem(fmt::format("twice: {} has a second record {}", operation, record.id()));
  }
  const v1::Status status = record.outcome().status();
  if (!record.has_outcome() || (status != v1::STATUS_OK && status != v1::STATUS_UNKNOWN)) {
    Problem(fmt::format("record {} of {} has status {}", record.id(), operation,
                        v1::Status_Name(status)));
  }
  if (status == v1::STATUS_UNKNOWN) ++unknown_count_;
  const auto& variables = record.intent().variables().fields();
  const auto text = variables.find("text");
  if (text == variables.end() || text->second.string_value() != call.text) {
    Problem(fmt::format("record {} has other variables than {}", record.id(), operation));
  }
  if (status == v1::STATUS_OK && Sha256Hex(TextOf(record)) != record.outcome().output_digest()) {
    Problem(fmt::format("the output of record {} has another digest", record.id()));
  }
  if (!call.acknowledged) return;
  if (status != v1::STATUS_OK || record.outcome().output_digest() != call.output_digest) {
    Problem(fmt::format("record {} is not what {} was told: {}", record.id(), operation,
                        record.outcome().ShortDebugString()));
  }
  const std::string version = fmt::format("{}/{}@v{}", record.intent().repository(),
                                          record.intent().prompt(), record.intent().version());
  if (version != call.version) {
    Problem(fmt::format("{} was told {}, its record says {}", operation, call.version, version));
  }
}

// What was sent can be made again, byte for byte.
void Checker::CheckAgain(const Client& client, const v1::Record& record) {
  v1::GetRecordRequest request;
  request.set_id(record.id());
  request.set_rendered(true);
  const absl::StatusOr<v1::GetRecordResponse> found = client.GetRecord(request);
  if (!Succeeded("GetRecord " + record.id(), found.status())) return;
  if (!found->rendered_verified()) {
    Problem(fmt::format("record {} can't be rendered again", record.id()));
  }
}

// --- The store by itself.

std::vector<std::string> Checker::CheckStore(const Client& client) {
  problems_.clear();
  const absl::StatusOr<v1::VerifyStoreResponse> store = client.VerifyStore({});
  if (!Succeeded("VerifyStore", store.status())) return std::move(problems_);
  for (const v1::StoreProblem& problem : store->problems()) {
    Problem("VerifyStore: " + problem.message());
  }
  if (store->open_record_count() != 0) {
    Problem(fmt::format("{} intents without an outcome", store->open_record_count()));
  }
  if (store->change_count() != sequence_) {
    Problem(fmt::format("VerifyStore counts {} changes, not {}", store->change_count(), sequence_));
  }
  return std::move(problems_);
}

std::vector<std::string> Checker::CheckAllRecords(const Client& client, const History& history) {
  problems_.clear();
  std::map<std::string, std::string> there;
  for (const v1::Record& record : ListRecords(client, absl::UnixEpoch())) {
    if (!record.has_outcome()) Problem(fmt::format("record {} has no outcome", record.id()));
    there[OperationOf(record)] = record.id();
  }
  for (const auto& [operation, record] : history.all_calls()) {
    const auto found = there.find(operation);
    if (found == there.end() || found->second != record) {
      Problem(fmt::format("lost: record {} of {}", record, operation));
    }
  }
  return std::move(problems_);
}

}  // namespace colophon
