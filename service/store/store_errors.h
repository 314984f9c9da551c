#pragma once

// What a store says: the same words whichever database is behind it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "service/base/status.h"
#include "service/store/object_id.h"

namespace colophon {

// --- ALREADY_EXISTS.
absl::Status RepositoryExists(std::string_view repository);
absl::Status RecordExists(std::string_view id);
absl::Status RequestExists();
absl::Status BackupExists(std::string_view directory);

// --- NOT_FOUND.
absl::Status RepositoryNotFound(std::string_view repository);
absl::Status ChangeNotFound(std::string_view repository, int64_t sequence);
absl::Status ChangePageNotFound(std::string_view repository, int64_t sequence, uint32_t page);
absl::Status CommitNotFound(std::string_view repository, const ObjectId& commit);
absl::Status ObjectNotFound(std::string_view repository, const ObjectId& id);
absl::Status VersionNotFound(std::string_view repository, std::string_view prompt,
                             uint32_t version);
absl::Status NoVersionAt(std::string_view repository, std::string_view prompt, int64_t sequence);
absl::Status RecordNotFound(std::string_view id);
absl::Status RawAnswerNotKept(std::string_view sha256);

// --- ABORTED LOST_RACE: another write was first.
absl::Status LostSequence(std::string_view repository, int64_t sequence, int64_t newest);
absl::Status LostRef(std::string_view repository, std::string_view ref,
                     const std::optional<ObjectId>& current,
                     const std::optional<ObjectId>& expected);
// `what`: "version 12 of \"support/triage\"".
absl::Status LostOnce(std::string_view repository, std::string_view what);

// FAILED_PRECONDITION RECORD_CLOSED.
absl::Status RecordClosed(std::string_view id);

// INVALID_ARGUMENT BAD_RECORD: protobuf writes text that is not UTF-8, and then refuses
// to read it.
absl::Status RecordNotUtf8();

}  // namespace colophon
