#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/store/store.h"

namespace colophon {

// A store that counts what is read from it: work is asserted in rows, which are the
// same on every machine.
//
// Thread-safe.
class CountingStore : public Store {
 public:
  explicit CountingStore(Store* store) : store_(*store) {}

  std::atomic<int64_t> trees = 0;
  std::atomic<int64_t> prompt_rows = 0;
  std::atomic<int64_t> label_rows = 0;
  std::atomic<int64_t> changes = 0;
  std::atomic<int64_t> records = 0;
  // Called before an object is read. To be set before the store is used.
  std::function<void()> on_object = [] {};

  void CreateRepository(std::string name, absl::Time create_time, Done done) override {
    store_.CreateRepository(std::move(name), create_time, std::move(done));
  }
  void CommitAll(std::vector<ChangeTransaction> transactions, Done done) override {
    store_.CommitAll(std::move(transactions), std::move(done));
  }
  absl::StatusOr<std::vector<v1::Repository>> ListRepositories() override {
    return store_.ListRepositories();
  }
  absl::StatusOr<v1::Change> GetChange(std::string_view repository, int64_t sequence) override {
    ++changes;
    return store_.GetChange(repository, sequence);
  }
  absl::StatusOr<v1::Change> GetChangePage(std::string_view repository, int64_t sequence,
                                           uint32_t page) override {
    ++changes;
    return store_.GetChangePage(repository, sequence, page);
  }
  absl::StatusOr<std::vector<v1::Change>> ListChanges(std::string_view repository, int64_t from,
                                                      int step, int limit) override {
    return Counted(store_.ListChanges(repository, from, step, limit), &changes);
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view repository, absl::Time time,
                                       absl::Time now) override {
    return store_.FindSequence(repository, time, now);
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view repository,
                                       const ObjectId& commit) override {
    return store_.FindSequence(repository, commit);
  }
  absl::StatusOr<std::optional<RequestRow>> GetRequest(std::string_view repository,
                                                       std::string_view request_id) override {
    return store_.GetRequest(repository, request_id);
  }
  absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(
      std::string_view repository, std::string_view request_id) override {
    return store_.FindRecordOfRequest(repository, request_id);
  }
  absl::StatusOr<Object> GetObject(std::string_view repository, const ObjectId& id) override {
    on_object();
    auto object = store_.GetObject(repository, id);
    if (object.ok() && object->type == ObjectType::kTree) ++trees;
    return object;
  }
  absl::StatusOr<bool> HasObject(std::string_view repository, const ObjectId& id) override {
    return store_.HasObject(repository, id);
  }
  absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view repository,
                                                    std::string_view hex_prefix,
                                                    int limit) override {
    return store_.FindObjects(repository, hex_prefix, limit);
  }
  absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view repository,
                                            std::string_view prefix) override {
    return store_.ListRefs(repository, prefix);
  }
  using Store::ListPrompts;
  absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view repository,
                                                     std::string_view after, int limit) override {
    return Counted(store_.ListPrompts(repository, after, limit), &prompt_rows);
  }
  absl::StatusOr<v1::Version> GetVersion(std::string_view repository, std::string_view prompt,
                                         uint32_t version) override {
    return store_.GetVersion(repository, prompt, version);
  }
  absl::StatusOr<std::vector<v1::Version>> ListVersions(std::string_view repository,
                                                        std::string_view prompt, uint32_t before,
                                                        int limit) override {
    return store_.ListVersions(repository, prompt, before, limit);
  }
  absl::StatusOr<v1::Version> GetVersionAt(std::string_view repository, std::string_view prompt,
                                           int64_t sequence) override {
    return store_.GetVersionAt(repository, prompt, sequence);
  }
  using Store::ListLabels;
  absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view repository,
                                                    std::string_view prompt, int64_t sequence,
                                                    const LabelRange& range) override {
    return Counted(store_.ListLabels(repository, prompt, sequence, range), &label_rows);
  }
  void AppendIntent(std::string_view id, const v1::Intent& intent, Done done) override {
    store_.AppendIntent(id, intent, std::move(done));
  }
  void AppendOutcome(std::string_view id, const v1::Outcome& outcome, Done done) override {
    store_.AppendOutcome(id, outcome, std::move(done));
  }
  void AppendRecord(const v1::Record& record, std::string_view request_id, Done done) override {
    store_.AppendRecord(record, request_id, std::move(done));
  }
  void AppendScores(std::string_view repository, std::string_view id,
                    const std::vector<v1::Score>& scores, Done done) override {
    store_.AppendScores(repository, id, scores, std::move(done));
  }
  absl::StatusOr<v1::Record> GetRecord(std::string_view id) override {
    return store_.GetRecord(id);
  }
  absl::StatusOr<std::string> GetRawAnswer(std::string_view repository,
                                           std::string_view sha256) override {
    return store_.GetRawAnswer(repository, sha256);
  }
  absl::StatusOr<std::vector<std::string>> ListRecordIds(std::string_view first,
                                                         std::string_view last,
                                                         int limit) override {
    return store_.ListRecordIds(first, last, limit);
  }
  absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) override {
    return Counted(store_.ListRecords(query), &records);
  }
  absl::StatusOr<int64_t> CountRecords() override { return store_.CountRecords(); }
  absl::StatusOr<std::vector<std::string>> ListOpenRecords() override {
    return store_.ListOpenRecords();
  }
  absl::StatusOr<std::vector<TermMatch>> FindByTerms(const TermQuery& query) override {
    return store_.FindByTerms(query);
  }
  absl::StatusOr<std::vector<std::string>> ListAbandonedRecords() override {
    return store_.ListAbandonedRecords();
  }
  absl::StatusOr<int64_t> GetLogSize(std::string_view repository) override {
    return store_.GetLogSize(repository);
  }
  absl::StatusOr<std::vector<LogLeaf>> ListLeaves(std::string_view repository, int64_t from,
                                                  int limit) override {
    return store_.ListLeaves(repository, from, limit);
  }
  absl::StatusOr<StoreSpace> GetSpace() override { return store_.GetSpace(); }
  void PutKeys(std::vector<store::v1::KeyRow> keys, Done done) override {
    store_.PutKeys(std::move(keys), std::move(done));
  }
  absl::StatusOr<std::vector<store::v1::KeyRow>> ListKeys() override { return store_.ListKeys(); }
  absl::StatusOr<v1::VerifyStoreResponse> Verify() override { return store_.Verify(); }
  absl::StatusOr<int64_t> Backup(const std::string& directory) override {
    return store_.Backup(directory);
  }
  bool failed() const override { return store_.failed(); }

 private:
  template <class Rows>
  static absl::StatusOr<Rows> Counted(absl::StatusOr<Rows> rows, std::atomic<int64_t>* count) {
    if (rows.ok()) *count += std::ssize(*rows);
    return rows;
  }

  Store& store_;
};

}  // namespace colophon
