#include "tests/store/memory_rows.h"

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/store/detach.h"
#include "service/store/scores.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

Sha256Digest HashOfLeaf(std::string_view what, const google::protobuf::MessageLite& message) {
  std::string bytes(1, '\0');
  bytes += what;
  bytes += '\0';
  message.AppendToString(&bytes);
  return Sha256(bytes);
}

void AddLeaf(LeafKind kind, const std::string& id, const google::protobuf::MessageLite& message,
             MemoryRepository* repository) {
  repository->log.push_back(
      {.kind = kind,
       .record_id = id,
       .hash = HashOfLeaf(fmt::format("{} {}", int{kind == LeafKind::kIntent}, id), message)});
}

void WriteChange(const ChangeTransaction& transaction, MemoryRepository* repository) {
  const v1::Change& change = *transaction.change;
  const int64_t sequence = change.sequence();
  repository->changes[sequence] = change;
  repository->sequences[change.commit()] = sequence;
  if (transaction.clock_stepped_back) repository->steps_back.push_back(sequence);
  for (const v1::Version& version : transaction.versions) {
    repository->versions[{version.prompt(), version.version()}] = version;
  }
  for (const PromptRow& row : transaction.prompts) repository->prompts[row.prompt] = row;
  for (const v1::Label& label : transaction.labels) {
    const LabelNameParts name = *SplitLabelName(transaction.repository, label.name());
    repository->labels[{std::string(name.prompt), std::string(name.label)}][sequence] = label;
  }
  repository->log.push_back({.kind = LeafKind::kChange,
                             .sequence = sequence,
                             .hash = HashOfLeaf(fmt::format("change {}", sequence), change)});
}

void Write(const ChangeTransaction& transaction, MemoryRepository* repository) {
  for (const Object& object : transaction.objects) {
    repository->objects[object.id.hex()] = object;
  }
  for (const RefMove& move : transaction.refs) {
    if (move.target) {
      repository->refs[move.name] = *move.target;
    } else {
      repository->refs.erase(move.name);
    }
  }
  if (transaction.change) WriteChange(transaction, repository);
  if (!transaction.request_id.empty()) {
    repository->requests[transaction.request_id] = transaction.request;
  }
}

// As it would be read again.
template <class Message>
absl::Status CheckUtf8(const Message& message) {
  Message copy;
  return copy.ParseFromString(message.SerializeAsString()) ? absl::OkStatus() : RecordNotUtf8();
}

}  // namespace

const MemoryRepository* MemoryRows::Find(std::string_view repository) const {
  const auto found = repositories_.find(repository);
  return found == repositories_.end() ? nullptr : &found->second;
}

absl::Status MemoryRows::CreateRepository(const std::string& name, absl::Time create_time) {
  if (name.empty()) return InvalidArgument("BAD_TRANSACTION", "a repository needs a name");
  if (Find(name) != nullptr) return RepositoryExists(name);
  v1::Repository& row = repositories_[name].row;
  row.set_name(name);
  *row.mutable_create_time() = ToProto(create_time);
  return absl::OkStatus();
}

absl::Status MemoryRows::CheckCommit(const MemoryRepository& repository,
                                     const std::vector<ChangeTransaction>& transactions) const {
  const std::string& name = repository.row.name();
  std::set<std::string> moved;  // Where a ref is after its first move, the rest was checked.
  int64_t newest = repository.sequence();
  for (const ChangeTransaction& transaction : transactions) {
    if (transaction.change && transaction.change->sequence() != ++newest) {
      return LostSequence(name, transaction.change->sequence(), repository.sequence());
    }
    for (const RefMove& move : transaction.refs) {
      if (!moved.insert(move.name).second) continue;
      const auto found = repository.refs.find(move.name);
      const std::optional<ObjectId> current =
          found == repository.refs.end() ? std::nullopt : std::optional(found->second);
      if (current != move.expected) return LostRef(name, move.name, current, move.expected);
    }
    if (transaction.change && repository.sequences.contains(transaction.change->commit())) {
      return LostOnce(name,
                      fmt::format("the change of commit \"{}\"", transaction.change->commit()));
    }
    for (const v1::Version& version : transaction.versions) {
      if (repository.versions.contains({version.prompt(), version.version()})) {
        return LostOnce(name,
                        fmt::format("version {} of \"{}\"", version.version(), version.prompt()));
      }
    }
    if (repository.requests.contains(transaction.request_id)) {
      return LostOnce(name, fmt::format("the answer to request \"{}\"", transaction.request_id));
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryRows::Commit(const std::vector<ChangeTransaction>& transactions) {
  RETURN_IF_ERROR(CheckTransactions(transactions));
  const auto found = repositories_.find(transactions[0].repository);
  if (found == repositories_.end()) return RepositoryNotFound(transactions[0].repository);
  RETURN_IF_ERROR(CheckCommit(found->second, transactions));
  for (const ChangeTransaction& transaction : transactions) Write(transaction, &found->second);
  return absl::OkStatus();
}

absl::Status MemoryRows::AppendIntent(const std::string& id, const v1::Intent& intent) {
  RETURN_IF_ERROR(CheckRecordId(id).status());
  RETURN_IF_ERROR(CheckIntent(intent));
  RETURN_IF_ERROR(CheckUtf8(intent));
  const auto repository = repositories_.find(intent.repository());
  if (repository == repositories_.end()) return RepositoryNotFound(intent.repository());
  if (records_.contains(id)) return RecordExists(id);
  MemoryRecord& row = records_[id];
  row.record.set_id(id);
  *row.record.mutable_intent() = intent;
  row.opening = opening_;
  AddLeaf(LeafKind::kIntent, id, intent, &repository->second);
  return absl::OkStatus();
}

absl::Status MemoryRows::AppendOutcome(const std::string& id, const v1::Outcome& outcome) {
  RETURN_IF_ERROR(CheckRecordId(id).status());
  RETURN_IF_ERROR(CheckOutcome(outcome));
  RETURN_IF_ERROR(CheckUtf8(outcome));
  const auto found = records_.find(id);
  if (found == records_.end()) return RecordNotFound(id);
  v1::Record& record = found->second.record;
  if (record.has_outcome()) return RecordClosed(id);
  *record.mutable_outcome() = outcome;
  MemoryRepository& repository = repositories_.at(record.intent().repository());
  for (std::string& raw : DetachRawAnswers(record.mutable_outcome())) {
    std::string sha256 = Sha256Hex(raw);
    repository.raw_answers[std::move(sha256)] = std::move(raw);
  }
  AddLeaf(LeafKind::kOutcome, id, record.outcome(), &repository);
  return absl::OkStatus();
}

absl::Status MemoryRows::AppendRecord(const v1::Record& record, const std::string& request_id) {
  RETURN_IF_ERROR(CheckOutcome(record.outcome()));
  RETURN_IF_ERROR(CheckUtf8(record.outcome()));
  const auto found = repositories_.find(record.intent().repository());
  if (!request_id.empty() && found != repositories_.end() && !records_.contains(record.id()) &&
      found->second.record_of_request.contains(request_id)) {
    return RequestExists();
  }
  RETURN_IF_ERROR(AppendIntent(record.id(), record.intent()));
  RETURN_IF_ERROR(AppendOutcome(record.id(), record.outcome()));
  if (!request_id.empty()) found->second.record_of_request[request_id] = record.id();
  return absl::OkStatus();
}

absl::Status MemoryRows::AppendScores(const std::string& repository, const std::string& id,
                                      const std::vector<v1::Score>& scores) {
  RETURN_IF_ERROR(CheckRecordId(id).status());
  for (const v1::Score& score : scores) RETURN_IF_ERROR(CheckUtf8(score));
  if (Find(repository) == nullptr) return RepositoryNotFound(repository);
  const auto found = records_.find(id);
  if (found == records_.end()) return RecordNotFound(id);
  return AddScores(scores, found->second.record.mutable_scores()).status();
}

}  // namespace colophon
