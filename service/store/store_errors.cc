#include "service/store/store_errors.h"

#include <string>

#include "fmt/format.h"

namespace colophon {
namespace {

absl::Status AlreadyExists(std::string_view reason, const std::string& message) {
  return Error(absl::StatusCode::kAlreadyExists, reason, message);
}

absl::Status LostRace(const std::string& fact, ErrorMetadata metadata = {}) {
  return Aborted("LOST_RACE", fact + ": read again and retry", std::move(metadata));
}

std::string Describe(const std::optional<ObjectId>& target) {
  return target ? fmt::format("at \"{}\"", target->hex()) : "absent";
}

}  // namespace

absl::Status RepositoryExists(std::string_view repository) {
  return AlreadyExists(
      "REPOSITORY_EXISTS",
      fmt::format("there is a repository \"{}\" already: choose another name", repository));
}

absl::Status RecordExists(std::string_view id) {
  return AlreadyExists("RECORD_EXISTS",
                       fmt::format("there is a record \"{}\" already: give each a new id", id));
}

absl::Status RequestExists() {
  return AlreadyExists(
      "REQUEST_EXISTS",
      "a record was made with this request_id: choose a new one for another record");
}

absl::Status BackupExists(std::string_view directory) {
  return AlreadyExists(
      "BACKUP_EXISTS",
      fmt::format("\"{}\" exists already: give the backup another name", directory));
}

absl::Status RepositoryNotFound(std::string_view repository) {
  return NotFound(
      "REPOSITORY_NOT_FOUND",
      fmt::format("there is no repository \"{}\": create it first or check its name", repository));
}

absl::Status ChangeNotFound(std::string_view repository, int64_t sequence) {
  return NotFound("CHANGE_NOT_FOUND",
                  fmt::format("there is no change {} of \"{}\"", sequence, repository));
}

absl::Status ChangePageNotFound(std::string_view repository, int64_t sequence, uint32_t page) {
  return NotFound("CHANGE_PAGE_NOT_FOUND", fmt::format("there is no page {} of change {} of \"{}\"",
                                                       page, sequence, repository));
}

absl::Status CommitNotFound(std::string_view repository, const ObjectId& commit) {
  return NotFound("COMMIT_NOT_FOUND",
                  fmt::format("no change of main was made by commit \"{}\" of \"{}\"", commit.hex(),
                              repository));
}

absl::Status ObjectNotFound(std::string_view repository, const ObjectId& id) {
  return NotFound("OBJECT_NOT_FOUND",
                  fmt::format("there is no git object \"{}\" in \"{}\"", id.hex(), repository));
}

absl::Status VersionNotFound(std::string_view repository, std::string_view prompt,
                             uint32_t version) {
  return NotFound("VERSION_NOT_FOUND",
                  fmt::format("\"{}/{}\" has no version {}", repository, prompt, version));
}

absl::Status NoVersionAt(std::string_view repository, std::string_view prompt, int64_t sequence) {
  return NotFound("VERSION_NOT_FOUND",
                  fmt::format("\"{}/{}\" has no version published at or before change {}",
                              repository, prompt, sequence));
}

absl::Status RawAnswerNotKept(std::string_view sha256) {
  return NotFound("RAW_ANSWER_NOT_KEPT",
                  fmt::format("no provider's answer with the digest \"{}\" is kept", sha256));
}

absl::Status RecordNotFound(std::string_view id) {
  return NotFound("RECORD_NOT_FOUND", fmt::format("there is no record \"{}\"", id));
}

absl::Status LostSequence(std::string_view repository, int64_t sequence, int64_t newest) {
  return LostRace(fmt::format("change {} of \"{}\" can't be written, its newest is {}", sequence,
                              repository, newest),
                  {{"sequence", fmt::format("{}", newest)}});
}

absl::Status LostRef(std::string_view repository, std::string_view ref,
                     const std::optional<ObjectId>& current,
                     const std::optional<ObjectId>& expected) {
  return LostRace(fmt::format("ref \"{}\" of \"{}\" is {}, not {}", ref, repository,
                              Describe(current), Describe(expected)));
}

absl::Status LostOnce(std::string_view repository, std::string_view what) {
  return LostRace(fmt::format("{} of \"{}\" was written already", what, repository));
}

absl::Status RecordClosed(std::string_view id) {
  return FailedPrecondition(
      "RECORD_CLOSED",
      fmt::format("record \"{}\" has an outcome, and an outcome is never replaced", id));
}

absl::Status RecordNotUtf8() {
  return InvalidArgument("BAD_RECORD",
                         "a record holds text that is not UTF-8: put bytes into a media part");
}

}  // namespace colophon
