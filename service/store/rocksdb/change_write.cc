// Writes of the registry: a new repository, a change, a draft.

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/store/change_pages.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/write.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

class RefusedWrite : public Write {
 public:
  RefusedWrite(absl::Status status, Done done) : Write(std::move(done), 0), status_(status) {}

  absl::Status Stage(const Database&, CommitState*, rocksdb::WriteBatch*) override {
    return status_;
  }

 private:
  const absl::Status status_;
};

class RowsWrite : public Write {
 public:
  RowsWrite(std::vector<SealedRow> rows, size_t size, Done done)
      : Write(std::move(done), size, Kind::kFinish), rows_(std::move(rows)) {}

  absl::Status Stage(const Database& database, CommitState*, rocksdb::WriteBatch* batch) override {
    for (const SealedRow& row : rows_) {
      batch->Put(database.handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<SealedRow> rows_;
};

class RepositoryWrite : public Write {
 public:
  RepositoryWrite(std::string name, SealedRow row, Done done)
      : Write(std::move(done), row.size()), name_(std::move(name)), row_(std::move(row)) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    if (state->FindSequence(name_) != nullptr) {
      return RepositoryExists(name_);
    }
    batch->Put(database.handle(row_.family()), ToSlice(row_.key()), ToSlice(row_.value()));
    state->AddRepository(name_);
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  const SealedRow row_;
};

// A row that must not be there yet.
struct OnceRow {
  std::string key;
  std::string what;  // "version 12 of \"support/triage\""
};

struct PreparedRef {
  std::string key;
  RefMove move;
  std::optional<SealedRow> row;  // nullopt: deletes.
};

struct PreparedObject {
  std::string key;
  Object object;
};

// Everything that one transaction, or several that follow each other, write.
struct PreparedChange {
  std::string repository;
  // Of the first change and the last one; none for a draft.
  std::optional<int64_t> first_sequence;
  std::optional<int64_t> last_sequence;
  std::vector<PreparedObject> objects;
  std::vector<PreparedRef> refs;
  std::vector<SealedRow> rows;
  std::vector<OnceRow> once;
  std::vector<std::string> leaves;  // Of the changes.
  size_t size = 0;
};

class ChangeWrite : public Write {
 public:
  ChangeWrite(PreparedChange change, Done done)
      : Write(std::move(done), change.size), change_(std::move(change)) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    RETURN_IF_ERROR(Check(state));
    for (const PreparedObject& prepared : change_.objects) {
      PutObject(database, prepared, batch);
    }
    for (const SealedRow& row : change_.rows) {
      batch->Put(database.handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
    }
    for (const PreparedRef& ref : change_.refs) {
      rocksdb::ColumnFamilyHandle* const handle = database.handle(Family::kRegistry);
      if (ref.row) {
        batch->Put(handle, ToSlice(ref.key), ToSlice(ref.row->value()));
      } else {
        batch->Delete(handle, ToSlice(ref.key));
      }
      state->StageRef(ref.key, ref.move.target);
    }
    for (const OnceRow& once : change_.once) state->StageRow(once.key);
    for (const std::string& leaf : change_.leaves) state->StageLeaf(change_.repository, leaf);
    if (change_.last_sequence) {
      *state->FindSequence(change_.repository) = *change_.last_sequence;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Check(CommitState* state) {
    const int64_t* const sequence = state->FindSequence(change_.repository);
    if (sequence == nullptr) return RepositoryNotFound(change_.repository);
    if (change_.first_sequence && *change_.first_sequence != *sequence + 1) {
      return LostSequence(change_.repository, *change_.first_sequence, *sequence);
    }
    for (const PreparedRef& ref : change_.refs) {
      ASSIGN_OR_RETURN(const std::optional<ObjectId> current, state->GetRef(ref.key));
      if (current != ref.move.expected) {
        return LostRef(change_.repository, ref.move.name, current, ref.move.expected);
      }
    }
    for (const OnceRow& once : change_.once) {
      ASSIGN_OR_RETURN(const bool exists, state->HasRow(once.key));
      if (exists) return LostOnce(change_.repository, once.what);
    }
    return absl::OkStatus();
  }

  static void PutObject(const Database& database, const PreparedObject& prepared,
                        rocksdb::WriteBatch* batch) {
    const char type = static_cast<char>(prepared.object.type);
    const rocksdb::Slice key = ToSlice(prepared.key);
    const rocksdb::Slice value[2] = {rocksdb::Slice(&type, 1), ToSlice(prepared.object.data)};
    batch->Put(database.handle(Family::kObjects), rocksdb::SliceParts(&key, 1),
               rocksdb::SliceParts(value, 2));
  }

  const PreparedChange change_;
};

std::string BigEndian(uint32_t number) {
  std::string bytes;
  AppendU32(number, &bytes);
  return bytes;
}

void PrepareRows(const ChangeTransaction& transaction, PreparedChange* prepared) {
  const std::string& repository = transaction.repository;
  std::vector<SealedRow>& rows = prepared->rows;
  const v1::Change& change = *transaction.change;
  const int64_t sequence = change.sequence();
  if (!prepared->first_sequence) prepared->first_sequence = sequence;
  prepared->last_sequence = sequence;
  const std::vector<v1::Change> pages = SplitChange(change);
  rows.emplace_back(Family::kRegistry, ChangeKey(repository, sequence), pages[0]);
  for (size_t i = 1; i < pages.size(); ++i) {
    const auto number = static_cast<uint32_t>(i + 1);
    rows.emplace_back(Family::kRegistry, ChangePageKey(repository, sequence, number), pages[i]);
  }
  std::string stored;
  for (size_t i = rows.size() - pages.size(); i < rows.size(); ++i) stored += rows[i].stored();
  prepared->leaves.push_back(EncodeLeaf(LeafKind::kChange, LeafKeyOfChange(sequence), stored));

  const std::string commit_key = CommitKey(repository, *ObjectId::FromHex(change.commit()));
  if (transaction.clock_stepped_back) {
    rows.emplace_back(Family::kRegistry, StepBackKey(repository, sequence), std::string());
  }
  std::string sequence_bytes;
  AppendU64(static_cast<uint64_t>(sequence), &sequence_bytes);
  rows.emplace_back(Family::kRegistry, commit_key, sequence_bytes);
  prepared->once.push_back(
      {commit_key, fmt::format("the change of commit \"{}\"", change.commit())});

  for (const v1::Version& version : transaction.versions) {
    const std::string key = VersionKey(repository, version.prompt(), version.version());
    rows.emplace_back(Family::kRegistry, key, version);
    rows.emplace_back(Family::kRegistry, PublishedKey(repository, version.prompt(), sequence),
                      BigEndian(version.version()));
    prepared->once.push_back(
        {key, fmt::format("version {} of \"{}\"", version.version(), version.prompt())});
  }
  for (const PromptRow& row : transaction.prompts) {
    rows.emplace_back(Family::kRegistry, PromptKey(repository, row.prompt), EncodePromptRow(row));
  }
  for (const v1::Label& label : transaction.labels) {
    const LabelNameParts name = *SplitLabelName(repository, label.name());
    rows.emplace_back(Family::kRegistry, LabelKey(repository, name.prompt, name.label, sequence),
                      label);
  }
}

// A ref that is moved again goes from where it was to where it comes at last.
void PrepareRef(const std::string& repository, RefMove move, PreparedChange* prepared) {
  std::string key = RefKey(repository, move.name);
  std::optional<SealedRow> row;
  if (move.target) row.emplace(Family::kRegistry, key, move.target->bytes());
  const auto known = std::find_if(prepared->refs.begin(), prepared->refs.end(),
                                  [&key](const PreparedRef& before) { return before.key == key; });
  if (known == prepared->refs.end()) {
    prepared->refs.push_back({std::move(key), std::move(move), std::move(row)});
    return;
  }
  known->move.target = move.target;
  known->row = std::move(row);
}

void Prepare(ChangeTransaction transaction, PreparedChange* prepared) {
  const std::string& repository = transaction.repository;
  prepared->repository = repository;
  if (transaction.change) PrepareRows(transaction, prepared);
  if (!transaction.request_id.empty()) {
    const std::string key = RequestKey(repository, transaction.request_id);
    prepared->rows.emplace_back(Family::kRegistry, key, EncodeRequestRow(transaction.request));
    prepared->once.push_back(
        {key, fmt::format("the answer to request \"{}\"", transaction.request_id)});
  }
  for (Object& object : transaction.objects) {
    prepared->size += object.data.size();
    std::string key = ObjectKey(repository, object.id);
    prepared->objects.push_back({std::move(key), std::move(object)});
  }
  for (RefMove& move : transaction.refs) PrepareRef(repository, std::move(move), prepared);
}

}  // namespace

std::unique_ptr<Write> MakeRowsWrite(std::vector<SealedRow> rows, Done done) {
  size_t size = 0;
  for (const SealedRow& row : rows) size += row.size();
  return std::make_unique<RowsWrite>(std::move(rows), size, std::move(done));
}

std::unique_ptr<Write> MakeRefusedWrite(absl::Status status, Done done) {
  return std::make_unique<RefusedWrite>(std::move(status), std::move(done));
}

std::unique_ptr<Write> MakeRepositoryWrite(const std::string& name, absl::Time create_time,
                                           Done done) {
  if (name.empty()) {
    return MakeRefusedWrite(InvalidArgument("BAD_TRANSACTION", "a repository needs a name"),
                            std::move(done));
  }
  v1::Repository repository;
  repository.set_name(name);
  *repository.mutable_create_time() = ToProto(create_time);
  SealedRow row(Family::kMeta, RepositoryKey(name), repository);
  return std::make_unique<RepositoryWrite>(name, std::move(row), std::move(done));
}

std::unique_ptr<Write> MakeChangeWrite(std::vector<ChangeTransaction> transactions, Done done) {
  const absl::Status status = CheckTransactions(transactions);
  if (!status.ok()) return MakeRefusedWrite(status, std::move(done));
  PreparedChange prepared;
  for (ChangeTransaction& transaction : transactions) Prepare(std::move(transaction), &prepared);
  for (const SealedRow& row : prepared.rows) prepared.size += row.size();
  return std::make_unique<ChangeWrite>(std::move(prepared), std::move(done));
}

}  // namespace colophon
