// Writes of records: an intent, an outcome, both.

#include <optional>
#include <vector>

#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/store/detach.h"
#include "service/store/rocksdb/intent_rows.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/shared_values.h"
#include "service/store/rocksdb/write.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

// Index keys in one buffer: a record has several, and they are small.
class KeyList {
 public:
  void Add(const RecordIndex& index, std::string_view id) {
    AppendIndexKey(index, id, &bytes_);
    ends_.push_back(bytes_.size());
  }
  void PutAll(rocksdb::ColumnFamilyHandle* handle, rocksdb::WriteBatch* batch) const {
    size_t begin = 0;
    for (const size_t end : ends_) {
      batch->Put(handle, rocksdb::Slice(bytes_.data() + begin, end - begin), rocksdb::Slice());
      begin = end;
    }
  }
  size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

void PutRow(const Database& database, const SealedRow& row, rocksdb::WriteBatch* batch) {
  batch->Put(database.handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
}

absl::Status CheckNew(const CommitState& state, const RecordId& id) {
  ASSIGN_OR_RETURN(const bool exists, state.HasRecord(id));
  if (!exists) return absl::OkStatus();
  return RecordExists(UuidFromBytes(id.view()));
}

class IntentWrite : public Write {
 public:
  IntentWrite(const RecordId& id, std::string repository, IntentRows rows, KeyList keys, Done done)
      : Write(std::move(done), rows.size() + keys.size()),
        id_(id),
        repository_(std::move(repository)),
        rows_(std::move(rows)),
        leaf_(EncodeLeaf(LeafKind::kIntent, id.view(), rows_.row().stored())),
        keys_(std::move(keys)) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    if (state->FindSequence(repository_) == nullptr) return RepositoryNotFound(repository_);
    RETURN_IF_ERROR(CheckNew(*state, id_));
    RETURN_IF_ERROR(rows_.Stage(database, batch));
    keys_.PutAll(database.handle(Family::kIndex), batch);
    const SealedRow open(Family::kIndex, IndexKey(OpenIndex(repository_), id_.view()),
                         std::string_view(database.instance()));
    PutRow(database, open, batch);
    state->StageIntent(id_, repository_);
    state->StageOpen(id_, repository_);
    state->StageLeaf(repository_, leaf_);
    return absl::OkStatus();
  }

 private:
  const RecordId id_;
  const std::string repository_;
  const IntentRows rows_;
  const std::string leaf_;
  const KeyList keys_;
};

// An outcome's row, and what providers sent beside it.
struct OutcomeRows {
  SealedRow row;
  SharedValues raw_answers;

  static absl::StatusOr<OutcomeRows> Make(std::string_view id, const v1::Outcome& outcome) {
    v1::Outcome rest;
    SharedValues raw_answers;
    const bool has_raw = HasRawAnswers(outcome);
    if (has_raw) {
      rest = outcome;
      for (std::string& value : DetachRawAnswers(&rest)) raw_answers.Add(std::move(value));
    }
    OutcomeRows rows{SealedRow(Family::kRecords, OutcomeKey(id), has_raw ? rest : outcome),
                     std::move(raw_answers)};
    RETURN_IF_ERROR(CheckReadable<v1::Outcome>(rows.row));
    return rows;
  }

  absl::Status Stage(const Database& database, std::string_view repository, const RecordId& id,
                     rocksdb::WriteBatch* batch) const {
    RETURN_IF_ERROR(raw_answers.Stage(database, repository, id.view(), batch));
    PutRow(database, row, batch);
    return absl::OkStatus();
  }
  size_t size() const { return row.size() + raw_answers.size(); }
};

class OutcomeWrite : public Write {
 public:
  OutcomeWrite(const RecordId& id, const v1::Outcome& outcome, OutcomeRows rows, Done done)
      : Write(std::move(done), rows.size(), Kind::kFinish),
        id_(id),
        ended_as_(outcome.status()),
        output_digest_(outcome.output_digest()),
        rows_(std::move(rows)),
        leaf_(EncodeLeaf(LeafKind::kOutcome, id.view(), rows_.row.stored())) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    const std::string* const repository = state->FindOpen(id_);
    if (repository == nullptr) return NotOpen(*state);
    RETURN_IF_ERROR(rows_.Stage(database, *repository, id_, batch));
    rocksdb::ColumnFamilyHandle* const index = database.handle(Family::kIndex);
    // Written once and deleted once, which is what SingleDelete is for: it
    // leaves no tombstone behind.
    batch->SingleDelete(index, ToSlice(IndexKey(OpenIndex(*repository), id_.view())));
    ForEachIndexOfOutcome(*repository, ended_as_, output_digest_, [&](const RecordIndex& entry) {
      batch->Put(index, ToSlice(IndexKey(entry, id_.view())), rocksdb::Slice());
    });
    state->StageLeaf(*repository, leaf_);
    state->StageOutcome(id_, *repository);
    return absl::OkStatus();
  }

 private:
  absl::Status NotOpen(const CommitState& state) const {
    const std::string id = UuidFromBytes(id_.view());
    ASSIGN_OR_RETURN(const bool exists, state.HasRecord(id_));
    return exists ? RecordClosed(id) : RecordNotFound(id);
  }

  const RecordId id_;
  const v1::RecordStatus ended_as_;
  const std::string output_digest_;
  const OutcomeRows rows_;
  const std::string leaf_;
};

class RecordWrite : public Write {
 public:
  // `request` names the record that a request made.
  RecordWrite(const RecordId& id, std::string repository, IntentRows intent, OutcomeRows outcome,
              KeyList keys, std::optional<SealedRow> request, Done done)
      : Write(std::move(done), intent.size() + outcome.size() + keys.size()),
        id_(id),
        repository_(std::move(repository)),
        intent_(std::move(intent)),
        outcome_(std::move(outcome)),
        intent_leaf_(EncodeLeaf(LeafKind::kIntent, id.view(), intent_.row().stored())),
        outcome_leaf_(EncodeLeaf(LeafKind::kOutcome, id.view(), outcome_.row.stored())),
        keys_(std::move(keys)),
        request_(std::move(request)) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    if (state->FindSequence(repository_) == nullptr) return RepositoryNotFound(repository_);
    RETURN_IF_ERROR(CheckNew(*state, id_));
    if (request_) RETURN_IF_ERROR(StageRequest(database, state, batch));
    RETURN_IF_ERROR(intent_.Stage(database, batch));
    RETURN_IF_ERROR(outcome_.Stage(database, repository_, id_, batch));
    keys_.PutAll(database.handle(Family::kIndex), batch);
    state->StageIntent(id_, repository_);
    state->StageLeaf(repository_, intent_leaf_);
    state->StageLeaf(repository_, outcome_leaf_);
    state->StageOutcome(id_, repository_);
    return absl::OkStatus();
  }

 private:
  absl::Status StageRequest(const Database& database, CommitState* state,
                            rocksdb::WriteBatch* batch) {
    ASSIGN_OR_RETURN(const bool exists, state->HasRow(std::string(request_->key())));
    if (exists) return RequestExists();
    state->StageRow(std::string(request_->key()));
    PutRow(database, *request_, batch);
    return absl::OkStatus();
  }

  const RecordId id_;
  const std::string repository_;
  const IntentRows intent_;
  const OutcomeRows outcome_;
  const std::string intent_leaf_;
  const std::string outcome_leaf_;
  const KeyList keys_;
  const std::optional<SealedRow> request_;
};

absl::StatusOr<std::unique_ptr<Write>> PrepareIntent(std::string_view id, const v1::Intent& intent,
                                                     Done* done) {
  ASSIGN_OR_RETURN(const std::string bytes, CheckRecordId(id));
  RETURN_IF_ERROR(CheckIntent(intent));
  ASSIGN_OR_RETURN(IntentRows rows, IntentRows::Make(bytes, intent));
  KeyList keys;
  ForEachIndexOfIntent(intent, [&](const RecordIndex& index) { keys.Add(index, bytes); });
  return std::make_unique<IntentWrite>(RecordId(bytes), intent.repository(), std::move(rows),
                                       std::move(keys), std::move(*done));
}

absl::StatusOr<std::unique_ptr<Write>> PrepareOutcome(std::string_view id,
                                                      const v1::Outcome& outcome, Done* done) {
  ASSIGN_OR_RETURN(const std::string bytes, CheckRecordId(id));
  RETURN_IF_ERROR(CheckOutcome(outcome));
  ASSIGN_OR_RETURN(OutcomeRows rows, OutcomeRows::Make(bytes, outcome));
  return std::make_unique<OutcomeWrite>(RecordId(bytes), outcome, std::move(rows),
                                        std::move(*done));
}

absl::StatusOr<std::unique_ptr<Write>> PrepareRecord(const v1::Record& record,
                                                     std::string_view request_id, Done* done) {
  ASSIGN_OR_RETURN(const std::string bytes, CheckRecordId(record.id()));
  RETURN_IF_ERROR(CheckIntent(record.intent()));
  RETURN_IF_ERROR(CheckOutcome(record.outcome()));
  ASSIGN_OR_RETURN(IntentRows intent, IntentRows::Make(bytes, record.intent()));
  ASSIGN_OR_RETURN(OutcomeRows outcome, OutcomeRows::Make(bytes, record.outcome()));
  KeyList keys;
  ForEachIndexOfRecord(record, [&](const RecordIndex& index) { keys.Add(index, bytes); });
  const std::string& repository = record.intent().repository();
  std::optional<SealedRow> request;
  if (!request_id.empty()) {
    request.emplace(Family::kRegistry, RecordRequestKey(repository, request_id), bytes);
  }
  return std::make_unique<RecordWrite>(RecordId(bytes), repository, std::move(intent),
                                       std::move(outcome), std::move(keys), std::move(request),
                                       std::move(*done));
}

std::unique_ptr<Write> OrRefused(absl::StatusOr<std::unique_ptr<Write>> write, Done done) {
  if (write.ok()) return *std::move(write);
  return MakeRefusedWrite(write.status(), std::move(done));
}

}  // namespace

std::unique_ptr<Write> MakeIntentWrite(std::string_view id, const v1::Intent& intent, Done done) {
  auto write = PrepareIntent(id, intent, &done);
  return OrRefused(std::move(write), std::move(done));
}

std::unique_ptr<Write> MakeOutcomeWrite(std::string_view id, const v1::Outcome& outcome,
                                        Done done) {
  auto write = PrepareOutcome(id, outcome, &done);
  return OrRefused(std::move(write), std::move(done));
}

std::unique_ptr<Write> MakeRecordWrite(const v1::Record& record, std::string_view request_id,
                                       Done done) {
  auto write = PrepareRecord(record, request_id, &done);
  return OrRefused(std::move(write), std::move(done));
}

}  // namespace colophon
