#include "tests/store/memory_store.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/change_pages.h"
#include "service/store/change_times.h"
#include "service/store/checker.h"
#include "service/store/record_index.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"
#include "tests/store/memory_committer.h"
#include "tests/store/memory_query.h"
#include "tests/store/memory_source.h"

namespace colophon {
namespace {

class MemoryStore : public Store {
 public:
  MemoryStore(MemoryDisk* disk, std::shared_ptr<MemoryRows> rows, RecordTerms terms)
      : disk_(*disk), terms_(std::move(terms)), rows_(std::move(rows)) {
    rows_->BeginOpening();
  }

  void CreateRepository(std::string name, absl::Time create_time, Done done) override {
    Add([=, this] { return rows_->CreateRepository(name, create_time); }, std::move(done));
  }
  void CommitAll(std::vector<ChangeTransaction> transactions, Done done) override {
    Add([this, transactions = std::move(transactions)] { return rows_->Commit(transactions); },
        std::move(done));
  }
  void AppendIntent(std::string_view id, const v1::Intent& intent, Done done) override {
    Add([this, id = std::string(id), intent] { return rows_->AppendIntent(id, intent); },
        std::move(done));
  }
  void AppendOutcome(std::string_view id, const v1::Outcome& outcome, Done done) override {
    Add([this, id = std::string(id), outcome] { return rows_->AppendOutcome(id, outcome); },
        std::move(done));
  }
  void AppendRecord(const v1::Record& record, std::string_view request_id, Done done) override {
    Add([this, record,
         request = std::string(request_id)] { return rows_->AppendRecord(record, request); },
        std::move(done));
  }

  void AppendScores(std::string_view repository, std::string_view id,
                    const std::vector<v1::Score>& scores, Done done) override {
    Add([this, repository = std::string(repository), id = std::string(id),
         scores] { return rows_->AppendScores(repository, id, scores); },
        std::move(done));
  }

  absl::StatusOr<std::vector<v1::Repository>> ListRepositories() override {
    std::lock_guard lock(mu_);
    std::vector<v1::Repository> repositories;
    for (const auto& [name, repository] : rows_->repositories()) {
      v1::Repository& listed = repositories.emplace_back(repository.row);
      listed.set_sequence(repository.sequence());
      const auto main = repository.refs.find("refs/heads/main");
      if (main != repository.refs.end()) listed.set_commit(main->second.hex());
    }
    return repositories;
  }

  absl::StatusOr<v1::Change> GetChange(std::string_view name, int64_t sequence) override {
    ASSIGN_OR_RETURN(const v1::Change change, WholeChange(name, sequence));
    return FirstPage(change);
  }
  absl::StatusOr<v1::Change> GetChangePage(std::string_view name, int64_t sequence,
                                           uint32_t page) override {
    ASSIGN_OR_RETURN(const v1::Change change, WholeChange(name, sequence));
    std::vector<v1::Change> pages = SplitChange(change);
    if (page >= 1 && page <= pages.size()) return std::move(pages[page - 1]);
    return ChangePageNotFound(name, sequence, page);
  }
  absl::StatusOr<std::vector<v1::Change>> ListChanges(std::string_view name, int64_t from, int step,
                                                      int limit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    std::vector<v1::Change> changes;
    size_t bytes = 0;
    from = step > 0 ? std::max<int64_t>(from, 1) : std::min(from, repository->sequence());
    for (int64_t sequence = from; repository->changes.contains(sequence); sequence += step) {
      if (std::ssize(changes) >= limit) break;
      v1::Change change = FirstPage(repository->changes.at(sequence));
      bytes += change.ByteSizeLong();
      if (bytes > kMaxListedChangeBytes && !changes.empty()) break;
      changes.push_back(std::move(change));
    }
    return changes;
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view name, absl::Time time,
                                       absl::Time now) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    return FindSequenceAt(time, now, repository->sequence(), repository->steps_back,
                          [&](int64_t sequence) -> absl::StatusOr<absl::Time> {
                            return FromProto(repository->changes.at(sequence).change_time());
                          });
  }
  absl::StatusOr<int64_t> FindSequence(std::string_view name, const ObjectId& commit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->sequences.find(commit.hex());
    if (found == repository->sequences.end()) return CommitNotFound(name, commit);
    return found->second;
  }
  absl::StatusOr<std::optional<RequestRow>> GetRequest(std::string_view name,
                                                       std::string_view request_id) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->requests.find(request_id);
    if (found == repository->requests.end()) return std::optional<RequestRow>();
    return std::optional<RequestRow>(found->second);
  }

  absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view name,
                                            std::string_view prefix) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    std::vector<Ref> refs;
    for (const auto& [ref, target] : repository->refs) {
      if (ref.starts_with(prefix)) refs.push_back({ref, target});
    }
    return refs;
  }
  absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view name, std::string_view after,
                                                     int limit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    std::vector<PromptRow> prompts;
    for (const auto& [prompt, row] : repository->prompts) {
      if (prompt > after && std::ssize(prompts) < limit) prompts.push_back(row);
    }
    return prompts;
  }
  absl::StatusOr<v1::Version> GetVersion(std::string_view name, std::string_view prompt,
                                         uint32_t version) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->versions.find({std::string(prompt), version});
    if (found == repository->versions.end()) return VersionNotFound(name, prompt, version);
    return found->second;
  }
  absl::StatusOr<std::vector<v1::Version>> ListVersions(std::string_view name,
                                                        std::string_view prompt, uint32_t before,
                                                        int limit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    std::vector<v1::Version> versions;
    for (auto at = repository->versions.rbegin(); at != repository->versions.rend(); ++at) {
      const auto& [of_prompt, number] = at->first;
      if (of_prompt != prompt || (before != 0 && number >= before)) continue;
      if (std::ssize(versions) < limit) versions.push_back(at->second);
    }
    return versions;
  }
  absl::StatusOr<v1::Version> GetVersionAt(std::string_view name, std::string_view prompt,
                                           int64_t sequence) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    for (auto at = repository->versions.rbegin(); at != repository->versions.rend(); ++at) {
      if (at->first.first == prompt && at->second.sequence() <= sequence) return at->second;
    }
    return NoVersionAt(name, prompt, sequence);
  }
  absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view name, std::string_view prompt,
                                                    int64_t sequence,
                                                    const LabelRange& range) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    std::vector<v1::Label> labels;
    const std::pair after(range.after_prompt, range.after_label);
    for (const auto& [key, moves] : repository->labels) {
      if (!prompt.empty() && key.first != prompt) continue;
      if (!range.after_prompt.empty() && key <= after) continue;
      const auto next = moves.upper_bound(sequence);
      if (next == moves.begin() || std::ssize(labels) >= range.limit) continue;
      const v1::Label& label = std::prev(next)->second;
      if (label.targets().targets_size() > 0) labels.push_back(label);
    }
    return labels;
  }

  absl::StatusOr<Object> GetObject(std::string_view name, const ObjectId& id) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->objects.find(id.hex());
    if (found == repository->objects.end()) return ObjectNotFound(name, id);
    return found->second;
  }
  absl::StatusOr<bool> HasObject(std::string_view name, const ObjectId& id) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    return repository->objects.contains(id.hex());
  }
  absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view name,
                                                    std::string_view hex_prefix,
                                                    int limit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    RETURN_IF_ERROR(CheckObjectPrefix(hex_prefix).status());
    std::vector<ObjectId> ids;
    for (const auto& [hex, object] : repository->objects) {
      if (hex.starts_with(hex_prefix) && std::ssize(ids) < limit) ids.push_back(object.id);
    }
    return ids;
  }

  absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(
      std::string_view name, std::string_view request_id) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->record_of_request.find(request_id);
    if (found == repository->record_of_request.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  absl::StatusOr<v1::Record> GetRecord(std::string_view id) override {
    RETURN_IF_ERROR(CheckRecordId(id).status());
    std::lock_guard lock(mu_);
    const auto found = rows_->records().find(id);
    if (found == rows_->records().end()) return RecordNotFound(id);
    return found->second.record;
  }
  absl::StatusOr<std::string> GetRawAnswer(std::string_view name,
                                           std::string_view sha256) override {
    std::lock_guard lock(mu_);
    const MemoryRepository* const repository = rows_->Find(name);
    if (repository == nullptr || !repository->raw_answers.contains(sha256)) {
      return RawAnswerNotKept(sha256);
    }
    return repository->raw_answers.find(sha256)->second;
  }
  absl::StatusOr<std::vector<std::string>> ListRecordIds(std::string_view first,
                                                         std::string_view last,
                                                         int limit) override {
    RETURN_IF_ERROR(CheckRecordId(first).status());
    RETURN_IF_ERROR(CheckRecordId(last).status());
    std::lock_guard lock(mu_);
    std::vector<std::string> ids;
    for (const auto& [id, record] : rows_->records()) {
      if (id >= first && id <= last && std::ssize(ids) < limit) ids.push_back(id);
    }
    return ids;
  }
  absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) override {
    RETURN_IF_ERROR(CheckQuery(query));
    if (!query.before_id.empty()) RETURN_IF_ERROR(CheckRecordId(query.before_id).status());
    std::lock_guard lock(mu_);
    if (!query.repository.empty()) RETURN_IF_ERROR(Find(query.repository).status());
    std::vector<v1::Record> records;
    for (auto at = rows_->records().rbegin(); at != rows_->records().rend(); ++at) {
      const std::string bytes = *UuidToBytes(at->first);
      if (query.start_time && bytes < UuidTimePrefix(*query.start_time)) continue;
      if (query.end_time && bytes >= UuidTimePrefix(*query.end_time)) continue;
      if (!query.before_id.empty() && at->first >= query.before_id) continue;
      if (std::ssize(records) >= query.limit) break;
      if (IsFoundBy(at->second.record, query)) records.push_back(at->second.record);
    }
    return records;
  }
  absl::StatusOr<std::vector<TermMatch>> FindByTerms(const TermQuery& query) override {
    if (!query.before_id.empty()) RETURN_IF_ERROR(CheckRecordId(query.before_id).status());
    std::lock_guard lock(mu_);
    std::vector<TermMatch> matches;
    for (auto at = rows_->records().rbegin(); at != rows_->records().rend(); ++at) {
      const v1::Record& record = at->second.record;
      if (!query.before_id.empty() && at->first >= query.before_id) continue;
      if (!record.has_outcome() || !terms_.of || std::ssize(matches) >= query.limit) continue;
      const std::vector<Term> terms = terms_.of(record.intent().repository(), record.outcome());
      const auto count =
          static_cast<size_t>(std::count_if(query.terms.begin(), query.terms.end(), [&](Term term) {
            return std::find(terms.begin(), terms.end(), term) != terms.end();
          }));
      if (count >= query.least) matches.push_back({at->first, count});
    }
    return matches;
  }
  absl::StatusOr<int64_t> CountRecords() override {
    std::lock_guard lock(mu_);
    return std::ssize(rows_->records());
  }
  absl::StatusOr<std::vector<std::string>> ListOpenRecords() override {
    return ListOpen(std::numeric_limits<int64_t>::max());
  }
  absl::StatusOr<std::vector<std::string>> ListAbandonedRecords() override {
    return ListOpen(rows_->opening());
  }

  absl::StatusOr<int64_t> GetLogSize(std::string_view name) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    return std::ssize(repository->log);
  }
  absl::StatusOr<std::vector<LogLeaf>> ListLeaves(std::string_view name, int64_t from,
                                                  int limit) override {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const int64_t size = std::ssize(repository->log);
    const int64_t begin = std::clamp<int64_t>(from, 0, size);
    const int64_t end = begin + std::min<int64_t>(limit, size - begin);
    return std::vector<LogLeaf>(repository->log.begin() + begin, repository->log.begin() + end);
  }

  void PutKeys(std::vector<store::v1::KeyRow> keys, Done done) override {
    Add(
        [this, keys = std::move(keys)] {
          for (const store::v1::KeyRow& key : keys) rows_->keys()[key.key().id()] = key;
          return absl::OkStatus();
        },
        std::move(done));
  }
  absl::StatusOr<std::vector<store::v1::KeyRow>> ListKeys() override {
    std::lock_guard lock(mu_);
    std::vector<store::v1::KeyRow> keys;
    for (const auto& [id, key] : rows_->keys()) keys.push_back(key);
    return keys;
  }

  absl::StatusOr<v1::VerifyStoreResponse> Verify() override;
  absl::StatusOr<int64_t> Backup(const std::string& directory) override {
    std::lock_guard lock(mu_);
    if (disk_.stores.contains(directory)) return BackupExists(directory);
    disk_.stores[directory] = std::make_shared<MemoryRows>(*rows_);
    return Size();
  }
  absl::StatusOr<StoreSpace> GetSpace() override {
    std::lock_guard lock(mu_);
    return StoreSpace{.store_bytes = Size(),
                      .disk_free_bytes = std::numeric_limits<int64_t>::max()};
  }
  bool failed() const override { return false; }

 private:
  void Add(const MemoryCommitter::Write& write, Done done) {
    committer_.Add(
        [this, write] {
          std::lock_guard lock(mu_);
          return write();
        },
        std::move(done));
  }

  // Under mu_.
  absl::StatusOr<const MemoryRepository*> Find(std::string_view name) const {
    const MemoryRepository* const repository = rows_->Find(name);
    if (repository == nullptr) return RepositoryNotFound(name);
    return repository;
  }
  absl::StatusOr<v1::Change> WholeChange(std::string_view name, int64_t sequence) {
    std::lock_guard lock(mu_);
    ASSIGN_OR_RETURN(const MemoryRepository* const repository, Find(name));
    const auto found = repository->changes.find(sequence);
    if (found == repository->changes.end()) return ChangeNotFound(name, sequence);
    return found->second;
  }
  absl::StatusOr<std::vector<std::string>> ListOpen(int64_t before_opening) {
    std::lock_guard lock(mu_);
    std::vector<std::string> ids;
    for (const auto& [id, row] : rows_->records()) {
      if (!row.record.has_outcome() && row.opening < before_opening) ids.push_back(id);
    }
    return ids;
  }
  void VerifyRepository(const MemoryRepository& repository, MemorySource* source,
                        Problems* problems);
  int64_t Size() const;

  MemoryDisk& disk_;
  const RecordTerms terms_;
  std::mutex mu_;
  const std::shared_ptr<MemoryRows> rows_;  // Guarded by mu_.
  MemoryCommitter committer_;
};

void MemoryStore::VerifyRepository(const MemoryRepository& repository, MemorySource* source,
                                   Problems* problems) {
  RepositoryChecker checker(repository.row.name(), source, problems);
  for (const auto& [sequence, change] : repository.changes) {
    checker.CheckChange(change, std::binary_search(repository.steps_back.begin(),
                                                   repository.steps_back.end(), sequence));
  }
  for (const auto& [ref, target] : repository.refs) checker.CheckRef({ref, target});
  for (const auto& [id, object] : repository.objects) checker.CheckObject(object);
  for (const auto& [key, version] : repository.versions) checker.CheckVersion(version);
  for (const auto& [prompt, row] : repository.prompts) checker.CheckPrompt(row);
  for (const auto& [key, moves] : repository.labels) {
    for (const auto& [sequence, label] : moves) checker.CheckLabel(label);
  }
  checker.Finish();
}

absl::StatusOr<v1::VerifyStoreResponse> MemoryStore::Verify() {
  std::lock_guard lock(mu_);
  v1::VerifyStoreResponse response;
  Problems problems(&response);
  MemorySource source(rows_.get());
  for (const auto& [name, repository] : rows_->repositories()) {
    VerifyRepository(repository, &source, &problems);
    response.set_object_count(response.object_count() + std::ssize(repository.objects));
    response.set_change_count(response.change_count() + std::ssize(repository.changes));
    response.set_version_count(response.version_count() + std::ssize(repository.versions));
  }
  RecordChecker checker(&source, &problems);
  for (const auto& [id, row] : rows_->records()) {
    checker.Check(row.record);
    if (!row.record.has_outcome()) response.set_open_record_count(response.open_record_count() + 1);
  }
  response.set_record_count(std::ssize(rows_->records()));
  return response;
}

int64_t MemoryStore::Size() const {
  size_t size = 0;
  for (const auto& [id, row] : rows_->records()) size += row.record.ByteSizeLong();
  for (const auto& [name, repository] : rows_->repositories()) {
    for (const auto& [id, object] : repository.objects) size += object.data.size();
    for (const auto& [sequence, change] : repository.changes) size += change.ByteSizeLong();
    for (const auto& [key, version] : repository.versions) size += version.ByteSizeLong();
  }
  return static_cast<int64_t>(size);
}

}  // namespace

std::unique_ptr<Store> OpenMemoryStore(MemoryDisk* disk, const std::string& directory,
                                       RecordTerms terms) {
  std::shared_ptr<MemoryRows>& rows = disk->stores[directory];
  if (rows == nullptr) rows = std::make_shared<MemoryRows>();
  return std::make_unique<MemoryStore>(disk, rows, std::move(terms));
}

}  // namespace colophon
