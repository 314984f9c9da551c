#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/rocksdb/database.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/store.h"

namespace colophon {

// Store's reads of repositories, changes, git, prompts, versions and labels:
// what each promises stands there. Of a repository that isn't there they are
// NOT_FOUND REPOSITORY_NOT_FOUND.
//
// Thread-safe.
class RegistryReads {
 public:
  explicit RegistryReads(const Database* database) : database_(*database) {}

  absl::StatusOr<std::vector<v1::Repository>> ListRepositories() const;

  absl::StatusOr<v1::Change> GetChange(std::string_view repository, int64_t sequence) const;
  absl::StatusOr<v1::Change> GetChangePage(std::string_view repository, int64_t sequence,
                                           uint32_t page) const;
  absl::StatusOr<std::vector<v1::Change>> ListChanges(std::string_view repository, int64_t from,
                                                      int step, int limit) const;
  absl::StatusOr<int64_t> FindSequence(std::string_view repository, absl::Time time,
                                       absl::Time now) const;
  absl::StatusOr<int64_t> FindSequence(std::string_view repository, const ObjectId& commit) const;
  absl::StatusOr<std::optional<RequestRow>> GetRequest(std::string_view repository,
                                                       std::string_view request_id) const;
  absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(std::string_view repository,
                                                                 std::string_view request_id) const;

  absl::StatusOr<int64_t> GetLogSize(std::string_view repository) const;
  absl::StatusOr<std::vector<LogLeaf>> ListLeaves(std::string_view repository, int64_t from,
                                                  int limit) const;

  absl::StatusOr<Object> GetObject(std::string_view repository, const ObjectId& id) const;
  absl::StatusOr<bool> HasObject(std::string_view repository, const ObjectId& id) const;
  absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view repository,
                                                    std::string_view hex_prefix, int limit) const;
  absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view repository,
                                            std::string_view prefix) const;

  absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view repository,
                                                     std::string_view after, int limit) const;
  absl::StatusOr<v1::Version> GetVersion(std::string_view repository, std::string_view prompt,
                                         uint32_t version) const;
  absl::StatusOr<std::vector<v1::Version>> ListVersions(std::string_view repository,
                                                        std::string_view prompt, uint32_t before,
                                                        int limit) const;
  absl::StatusOr<v1::Version> GetVersionAt(std::string_view repository, std::string_view prompt,
                                           int64_t sequence) const;
  absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view repository,
                                                    std::string_view prompt, int64_t sequence,
                                                    const LabelRange& range) const;

 private:
  absl::StatusOr<v1::Change> GetChangeRow(std::string_view repository, int64_t sequence) const;
  // OK when the repository is there.
  absl::Status CheckRepository(std::string_view repository) const;
  // The sequence of the newest change; 0 when there is none.
  absl::StatusOr<int64_t> NewestSequence(std::string_view repository,
                                         const rocksdb::Snapshot* snapshot = nullptr) const;
  absl::Status Complete(v1::Repository* repository, const rocksdb::Snapshot* snapshot) const;
  // A miss: because of the repository, or of what was looked for.
  absl::Status Missing(std::string_view repository, absl::Status status) const;

  const Database& database_;
};

// The object stored under a key; DATA_LOSS CORRUPT_OBJECT when its hash is
// another.
absl::StatusOr<Object> DecodeObject(const ObjectId& id, std::string_view value);

}  // namespace colophon
