// The write of what is said of a record.

#include "colophon/store/v1/rows.pb.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/write.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

// All of a record's scores are one row, which grows: so none is looked for where there is
// none, which is most.
class ScoresWrite : public Write {
 public:
  ScoresWrite(const RecordId& id, std::string repository, std::vector<v1::Score> scores,
              size_t size, Done done)
      : Write(std::move(done), size),
        id_(id),
        repository_(std::move(repository)),
        scores_(std::move(scores)) {}

  absl::Status Stage(const Database& database, CommitState* state,
                     rocksdb::WriteBatch* batch) override {
    if (state->FindSequence(repository_) == nullptr) return RepositoryNotFound(repository_);
    ASSIGN_OR_RETURN(const bool exists, state->HasRecord(id_));
    if (!exists) return RecordNotFound(UuidFromBytes(id_.view()));
    ASSIGN_OR_RETURN(ScoreList scores, state->GetScores(id_));
    ASSIGN_OR_RETURN(const int added, AddScores(scores_, &scores));
    if (added == 0) return absl::OkStatus();
    store::v1::ScoresRow content;
    *content.mutable_scores() = scores;
    const SealedRow row(Family::kRecords, ScoresKey(id_.view()), content);
    batch->Put(database.handle(row.family()), ToSlice(row.key()), ToSlice(row.value()));
    state->StageScores(id_, repository_, std::move(scores), added);
    return absl::OkStatus();
  }

 private:
  const RecordId id_;
  const std::string repository_;
  const std::vector<v1::Score> scores_;
};

}  // namespace

std::unique_ptr<Write> MakeScoresWrite(std::string_view repository, std::string_view id,
                                       const std::vector<v1::Score>& scores, Done done) {
  const auto bytes = CheckRecordId(id);
  if (!bytes.ok()) return MakeRefusedWrite(bytes.status(), std::move(done));
  store::v1::ScoresRow content;
  content.mutable_scores()->Assign(scores.begin(), scores.end());
  const SealedRow row(Family::kRecords, ScoresKey(*bytes), content);
  const absl::Status readable = CheckReadable<store::v1::ScoresRow>(row);
  if (!readable.ok()) return MakeRefusedWrite(readable, std::move(done));
  return std::make_unique<ScoresWrite>(RecordId(*bytes), std::string(repository), scores,
                                       row.size(), std::move(done));
}

}  // namespace colophon
