#include "service/store/rocksdb/rocksdb_store.h"

#include <filesystem>
#include <future>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "service/store/rocksdb/access_rows.h"
#include "service/store/rocksdb/backup.h"
#include "service/store/rocksdb/committer.h"
#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/disk_guard.h"
#include "service/store/rocksdb/record_reads.h"
#include "service/store/rocksdb/registry_reads.h"
#include "service/store/rocksdb/term_index.h"
#include "service/store/rocksdb/verify.h"
#include "service/store/rocksdb/write.h"

namespace colophon {
namespace {

// Writes go to the committer, reads to the database: each in its own file.
class RocksdbStore : public Store {
 public:
  RocksdbStore(std::unique_ptr<Database> database, std::unique_ptr<CommitState> state,
               std::unique_ptr<TermIndex> terms, const RocksdbStoreOptions& options)
      : database_(std::move(database)),
        registry_(database_.get()),
        records_(database_.get()),
        record_terms_(options.terms),
        disk_(database_->directory(), options),
        terms_(std::move(terms)),
        committer_(database_.get(), std::move(state), &disk_, NotifyTerms(), options) {
    if (terms_ == nullptr) return;
    terms_->Start([this](std::vector<SealedRow> rows) {
      std::promise<absl::Status> written;
      committer_.Enqueue(MakeRowsWrite(std::move(rows), [&written](absl::Status status) {
        written.set_value(std::move(status));
      }));
      return written.get_future().get();
    });
  }
  ~RocksdbStore() override {
    if (terms_ != nullptr) terms_->Stop();
  }

  void CreateRepository(std::string name, absl::Time create_time, Done done) override {
    committer_.Enqueue(MakeRepositoryWrite(name, create_time, std::move(done)));
  }
  void CommitAll(std::vector<ChangeTransaction> transactions, Done done) override {
    committer_.Enqueue(MakeChangeWrite(std::move(transactions), std::move(done)));
  }
  void AppendIntent(std::string_view id, const v1::Intent& intent, Done done) override {
    committer_.Enqueue(MakeIntentWrite(id, intent, std::move(done)));
  }
  void AppendOutcome(std::string_view id, const v1::Outcome& outcome, Done done) override {
    committer_.Enqueue(MakeOutcomeWrite(id, outcome, std::move(done)));
  }
  void AppendRecord(const v1::Record& record, std::string_view request_id, Done done) override {
    committer_.Enqueue(MakeRecordWrite(record, request_id, std::move(done)));
  }
  void AppendScores(std::string_view repository, std::string_view id,
                    const std::vector<v1::Score>& scores, Done done) override {
    committer_.Enqueue(MakeScoresWrite(repository, id, scores, std::move(done)));
  }
  bool failed() const override { return committer_.failed(); }

  absl::StatusOr<std::vector<v1::Repository>> ListRepositories() override {
    return registry_.ListRepositories();
  }
  absl::StatusOr<v1::Change> GetChange(std::string_view repository, int64_t sequence) override {
    return registry_.GetChange(repository, sequence);
  }
  absl::StatusOr<v1::Change> GetChangePage(std::string_view repository, int64_t sequence,
                                           uint32_t page) override {
    return registry_.GetChangePage(repository, sequence, page);
  }
  absl::StatusOr<std::vector<v1::Change>> ListChanges(std::string_view repository, int64_t from,
                                                      int step, int limit) override {
    return registry_.ListChanges(repository, from, step, limit);
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view repository, absl::Time time,
                                       absl::Time now) override {
    return registry_.FindSequence(repository, time, now);
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view repository,
                                       const ObjectId& commit) override {
    return registry_.FindSequence(repository, commit);
  }
  absl::StatusOr<std::optional<RequestRow>> GetRequest(std::string_view repository,
                                                       std::string_view request_id) override {
    return registry_.GetRequest(repository, request_id);
  }
  absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(
      std::string_view repository, std::string_view request_id) override {
    return registry_.FindRecordOfRequest(repository, request_id);
  }

  absl::StatusOr<Object> GetObject(std::string_view repository, const ObjectId& id) override {
    return registry_.GetObject(repository, id);
  }
  absl::StatusOr<bool> HasObject(std::string_view repository, const ObjectId& id) override {
    return registry_.HasObject(repository, id);
  }
  absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view repository,
                                                    std::string_view hex_prefix,
                                                    int limit) override {
    return registry_.FindObjects(repository, hex_prefix, limit);
  }
  absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view repository,
                                            std::string_view prefix) override {
    return registry_.ListRefs(repository, prefix);
  }

  absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view repository,
                                                     std::string_view after, int limit) override {
    return registry_.ListPrompts(repository, after, limit);
  }
  absl::StatusOr<v1::Version> GetVersion(std::string_view repository, std::string_view prompt,
                                         uint32_t version) override {
    return registry_.GetVersion(repository, prompt, version);
  }
  absl::StatusOr<std::vector<v1::Version>> ListVersions(std::string_view repository,
                                                        std::string_view prompt, uint32_t before,
                                                        int limit) override {
    return registry_.ListVersions(repository, prompt, before, limit);
  }
  absl::StatusOr<v1::Version> GetVersionAt(std::string_view repository, std::string_view prompt,
                                           int64_t sequence) override {
    return registry_.GetVersionAt(repository, prompt, sequence);
  }
  absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view repository,
                                                    std::string_view prompt, int64_t sequence,
                                                    const LabelRange& range) override {
    return registry_.ListLabels(repository, prompt, sequence, range);
  }

  absl::StatusOr<v1::Record> GetRecord(std::string_view id) override {
    return records_.GetRecord(id);
  }
  absl::StatusOr<std::string> GetRawAnswer(std::string_view repository,
                                           std::string_view sha256) override {
    return records_.GetRawAnswer(repository, sha256);
  }
  absl::StatusOr<std::vector<std::string>> ListRecordIds(std::string_view first,
                                                         std::string_view last,
                                                         int limit) override {
    return records_.ListRecordIds(first, last, limit);
  }
  absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) override {
    return records_.ListRecords(query);
  }
  absl::StatusOr<std::vector<TermMatch>> FindByTerms(const TermQuery& query) override {
    if (terms_ == nullptr) return std::vector<TermMatch>();
    return terms_->Find(query);
  }
  absl::StatusOr<int64_t> CountRecords() override { return records_.CountRecords(); }
  absl::StatusOr<std::vector<std::string>> ListOpenRecords() override {
    return records_.ListOpenRecords();
  }
  absl::StatusOr<std::vector<std::string>> ListAbandonedRecords() override {
    return records_.ListAbandonedRecords();
  }

  absl::StatusOr<int64_t> GetLogSize(std::string_view repository) override {
    return registry_.GetLogSize(repository);
  }
  absl::StatusOr<std::vector<LogLeaf>> ListLeaves(std::string_view repository, int64_t from,
                                                  int limit) override {
    return registry_.ListLeaves(repository, from, limit);
  }

  void PutKeys(std::vector<store::v1::KeyRow> keys, Done done) override {
    committer_.Enqueue(MakeKeysWrite(keys, std::move(done)));
  }
  absl::StatusOr<std::vector<store::v1::KeyRow>> ListKeys() override {
    return ReadKeys(*database_);
  }

  absl::StatusOr<v1::VerifyStoreResponse> Verify() override {
    return VerifyDatabase(*database_, record_terms_);
  }
  absl::StatusOr<int64_t> Backup(const std::string& directory) override {
    return BackupDatabase(*database_, directory);
  }
  absl::StatusOr<StoreSpace> GetSpace() override {
    StoreSpace space{.disk_free_bytes = disk_.free_bytes()};
    std::error_code error;
    for (std::filesystem::directory_iterator file(database_->directory(), error), end;
         !error && file != end; file.increment(error)) {
      std::error_code gone;  // A file may go meanwhile.
      const uintmax_t size = file->file_size(gone);
      if (!gone) space.store_bytes += static_cast<int64_t>(size);
    }
    if (!error) return space;
    return Unavailable("STORE_READ_FAILED", fmt::format("can't list the store's files: {}. Check "
                                                        "the disk and try again",
                                                        error.message()));
  }

 private:
  Committer::OnClosed NotifyTerms() const {
    if (terms_ == nullptr) return {};
    return [this](const std::vector<ClosedRecord>& closed) { terms_->Add(closed); };
  }

  const std::unique_ptr<Database> database_;
  const RegistryReads registry_;
  const RecordReads records_;
  const RecordTerms record_terms_;
  DiskGuard disk_;
  const std::unique_ptr<TermIndex> terms_;  // None: records have no terms.
  Committer committer_;                     // Last: what waits is written while all else is there.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksdbStore(const std::string& directory,
                                                        const RocksdbStoreOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Database::Open(directory, options));
  ASSIGN_OR_RETURN(std::unique_ptr<CommitState> state, CommitState::Load(database.get()));
  std::unique_ptr<TermIndex> terms;
  if (options.terms.of) {
    ASSIGN_OR_RETURN(terms, TermIndex::Open(database.get(), options));
  }
  return std::make_unique<RocksdbStore>(std::move(database), std::move(state), std::move(terms),
                                        options);
}

}  // namespace colophon
