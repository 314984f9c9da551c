#include "service/store/rocksdb/commit_state.h"

#include <utility>

#include "fmt/format.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/repository_names.h"
#include "service/store/rocksdb/scan.h"
#include "service/store/rocksdb/score_rows.h"

namespace colophon {

absl::StatusOr<std::unique_ptr<CommitState>> CommitState::Load(const Database* database) {
  std::unique_ptr<CommitState> state(new CommitState(database));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ReadRepositoryNames(*database));
  for (const std::string& name : names) state->AddRepository(name);
  for (auto& [name, repository] : state->repositories_) {
    RETURN_IF_ERROR(state->LoadSequence(name, &repository.sequence));
    RETURN_IF_ERROR(state->LoadCounts(name, &repository.counts));
    ASSIGN_OR_RETURN(repository.log_size, ReadLogSize(*database, name));
    RETURN_IF_ERROR(state->LoadOpenRecords(name));
  }
  RETURN_IF_ERROR(state->LoadNewestRecord());
  return state;
}

absl::Status CommitState::LoadSequence(const std::string& repository, int64_t* sequence) {
  const std::string prefix = RegistryPrefix(RegistryKind::kChange, repository);
  Scan scan(*database_, Family::kRegistry, prefix);
  scan.SeekToLast();
  if (!scan.Valid()) return scan.status();
  std::string_view rest = scan.key().substr(prefix.size());
  const std::optional<uint64_t> number = TakeU64(&rest);
  if (!number || !rest.empty()) {
    return DamagedRow(fmt::format("the newest change of \"{}\"", repository));
  }
  *sequence = static_cast<int64_t>(*number);
  return absl::OkStatus();
}

absl::Status CommitState::LoadCounts(const std::string& repository,
                                     std::optional<RecordCounts>* counts) {
  const std::string key = RecordCountsKey(repository);
  ASSIGN_OR_RETURN(const std::optional<std::string> value, database_->Get(Family::kMeta, key));
  if (!value) return absl::OkStatus();  // None was written.
  const auto content = Unseal(key, *value, fmt::format("how many records \"{}\" has", repository));
  if (absl::IsFailedPrecondition(content.status())) return content.status();
  *counts = content.ok() ? DecodeRecordCounts(*content) : std::nullopt;
  return absl::OkStatus();
}

absl::Status CommitState::LoadOpenRecords(const std::string& repository) {
  Scan scan(*database_, Family::kIndex, IndexPrefix(OpenIndex(repository)));
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const std::optional<std::string_view> id = RecordIdOfIndexKey(scan.key());
    if (!id) return DamagedRow(fmt::format("an open record of \"{}\"", repository));
    StageOpen(RecordId(*id), repository);
  }
  return scan.status();
}

absl::Status CommitState::LoadNewestRecord() {
  Scan scan(*database_, Family::kRecords, "");
  scan.SeekToLast();
  if (!scan.Valid()) {
    if (scan.status().ok()) recent_ = RecentRecords(RecordId());
    return scan.status();
  }
  // If it isn't a record, which Verify tells, every id is looked up.
  if (scan.key().size() == kRecordIdBytes + 1) recent_ = RecentRecords(RecordId(scan.key()));
  return absl::OkStatus();
}

void CommitState::ForgetStaged() {
  refs_.clear();
  rows_.clear();
  records_.clear();
  scores_.clear();
  counted_.clear();
  logged_.clear();
  closed_.clear();
}

int64_t* CommitState::FindSequence(std::string_view repository) {
  const auto found = repositories_.find(repository);
  return found == repositories_.end() ? nullptr : &found->second.sequence;
}

absl::StatusOr<std::optional<ObjectId>> CommitState::GetRef(const std::string& key) const {
  if (const auto staged = refs_.find(key); staged != refs_.end()) return staged->second;
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database_->GetSealed(Family::kRegistry, key, "a ref"));
  if (!stored) return std::optional<ObjectId>();
  const std::optional<ObjectId> target = ObjectId::FromBytes(*stored);
  if (!target) return DamagedRow("a ref");
  return target;
}

absl::StatusOr<bool> CommitState::HasRow(const std::string& key) const {
  if (rows_.contains(key)) return true;
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, database_->Get(Family::kRegistry, key));
  return stored.has_value();
}

absl::StatusOr<bool> CommitState::HasRecord(const RecordId& id) const {
  if (const std::optional<bool> known = recent_.Has(id)) return *known;
  if (records_.contains(id) || open_.contains(id)) return true;
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database_->Get(Family::kRecords, IntentKey(id.view())));
  return stored.has_value();
}

void CommitState::StageIntent(const RecordId& id, std::string_view repository) {
  const auto found = repositories_.find(repository);
  if (found->second.counts) ++found->second.counts->intents;
  counted_.insert(&*found);
  if (!recent_.Add(id)) records_.insert(id);
}

const std::string* CommitState::FindOpen(const RecordId& id) const {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second;
}

void CommitState::StageOutcome(const RecordId& id, std::string_view repository) {
  const auto found = repositories_.find(repository);
  if (found->second.counts) ++found->second.counts->outcomes;
  counted_.insert(&*found);
  open_.erase(id);
  closed_.push_back({id, &found->first, found->second.log_size});
}

absl::StatusOr<ScoreList> CommitState::GetScores(const RecordId& id) const {
  if (const auto staged = scores_.find(id); staged != scores_.end()) return staged->second;
  ScoreList scores;
  RETURN_IF_ERROR(ReadScores(*database_, id.view(), nullptr, &scores));
  return scores;
}

void CommitState::StageScores(const RecordId& id, std::string_view repository, ScoreList scores,
                              int added) {
  const auto found = repositories_.find(repository);
  if (found->second.counts) found->second.counts->scores += static_cast<uint64_t>(added);
  counted_.insert(&*found);
  scores_[id] = std::move(scores);
}

void CommitState::StageCounts(rocksdb::WriteBatch* batch) {
  for (const Repositories::pointer repository : counted_) {
    if (!repository->second.counts) continue;
    const SealedRow row(Family::kMeta, RecordCountsKey(repository->first),
                        EncodeRecordCounts(*repository->second.counts));
    batch->Put(database_->handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
  }
}

void CommitState::StageLeaf(std::string_view repository, std::string_view leaf) {
  const auto found = repositories_.find(repository);
  found->second.leaves += leaf;
  ++found->second.log_size;
  logged_.insert(&*found);
}

void CommitState::StageLog(rocksdb::WriteBatch* batch) {
  for (const Repositories::pointer repository : logged_) {
    Repository& state = repository->second;
    const SealedRow row(Family::kLog, LogKey(repository->first, state.log_size),
                        std::string_view(state.leaves));
    batch->Put(database_->handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
    state.leaves.clear();
  }
}

void CommitState::StageOpen(const RecordId& id, std::string_view repository) {
  open_[id] = &repositories_.find(repository)->first;
}

}  // namespace colophon
