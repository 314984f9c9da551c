#pragma once

// The rules of a whole store, the same for every implementation: what must
// hold among the rows of a repository, however they are kept.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "service/store/store.h"

namespace colophon {

// Collects what is found wrong, up to what VerifyStoreResponse holds.
//
// Thread-compatible.
class Problems {
 public:
  explicit Problems(v1::VerifyStoreResponse* response) : response_(response) {}

  void Add(std::string_view repository, std::string message);

 private:
  v1::VerifyStoreResponse* const response_;
};

// Where the rules look things up. Damage is an error, absence is nullopt.
class CheckSource {
 public:
  virtual ~CheckSource() = default;
  virtual absl::StatusOr<std::optional<Object>> FindObject(std::string_view repository,
                                                           const ObjectId& id) = 0;
  virtual absl::StatusOr<std::optional<v1::Version>> FindVersion(std::string_view repository,
                                                                 std::string_view prompt,
                                                                 uint32_t version) = 0;
  virtual absl::StatusOr<std::optional<PromptRow>> FindPrompt(std::string_view repository,
                                                              std::string_view prompt) = 0;
};

// SHA-256, in hex, of what `sha256sum` prints for the files: "HASH  PATH\n",
// sorted by path.
std::string DigestOfFiles(const v1::Version& version);

// Checks the rows of one repository as they are read from the store, changes
// first, each kind in its order. Memory is bounded: what was looked up is
// kept in caches of fixed size.
//
// Thread-compatible.
class RepositoryChecker {
 public:
  RepositoryChecker(std::string repository, CheckSource* source, Problems* problems)
      : repository_(std::move(repository)), source_(*source), problems_(*problems) {}

  // In order of sequence. `stepped_back`: whether the store says that its time is before
  // that of the change before it.
  void CheckChange(const v1::Change& change, bool stepped_back);
  // In order of name.
  void CheckRef(const Ref& ref);
  // Its hash is right already; what it names must be there.
  void CheckObject(const Object& object);
  // In order of prompt and number.
  void CheckVersion(const v1::Version& version);
  void CheckPrompt(const PromptRow& row);
  // Each move of its history.
  void CheckLabel(const v1::Label& label);
  // After all of the above.
  void Finish();

  int64_t sequence() const { return sequence_; }

 private:
  void Add(std::string message) { problems_.Add(repository_, std::move(message)); }
  // The type of an object; nullopt, and a problem is told, when it isn't there
  // or damaged.
  std::optional<ObjectType> TypeOf(const ObjectId& id, std::string_view named_by);
  void Expect(const ObjectId& id, ObjectType type, std::string_view named_by);
  void CheckFile(const v1::Version& version, const v1::File& file);
  // The SHA-256 of a blob's content, hex; "" when it isn't there.
  std::string HashOfBlob(const ObjectId& id, std::string_view named_by);

  const std::string repository_;
  CheckSource& source_;
  Problems& problems_;

  int64_t sequence_ = 0;
  std::string newest_commit_;
  absl::Time change_time_ = absl::InfinitePast();  // Of the change before.
  std::optional<ObjectId> main_;
  std::string version_prompt_;  // Of the version before.
  uint32_t version_number_ = 0;

  absl::flat_hash_map<std::string, std::optional<ObjectType>> types_;
  absl::flat_hash_map<std::string, std::string> blob_hashes_;
};

// Checks records, of any repositories.
//
// Thread-compatible.
class RecordChecker {
 public:
  RecordChecker(CheckSource* source, Problems* problems) : source_(*source), problems_(*problems) {}

  // That the version it names is there, and is what the record says.
  void Check(const v1::Record& record);

 private:
  absl::StatusOr<bool> HasVersion(const v1::Intent& intent);

  CheckSource& source_;
  Problems& problems_;
  std::string last_version_;  // Of the record before, found.
};

}  // namespace colophon
