#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/record.pb.h"
#include "service/store/write_done.h"

namespace colophon {

// What a record is looked up by.
struct RecordQuery {
  enum class By { kRepository, kPrompt, kVersion, kLabel, kCaller, kStatus, kOutput };
  By by = By::kRepository;
  std::string repository;  // Required, but for kOutput, where empty means all.
  std::string prompt;      // kPrompt, kVersion, kLabel.
  uint32_t version = 0;    // kVersion; 0 means drafts.
  std::string label;       // kLabel.
  std::string caller;      // kCaller.
  v1::RecordStatus status = v1::RECORD_STATUS_UNSPECIFIED;  // kStatus. kOpen is found too.
  std::string output_digest;                                // kOutput: 64 hex digits.
  // Half-open range of record ids by their time, in whole milliseconds; unset:
  // unbounded.
  std::optional<absl::Time> start_time;
  std::optional<absl::Time> end_time;
  std::string before_id;  // Only ids smaller than this one; empty: from the newest.
  int limit = 50;
};

// A hash of something that a record is found by: a few words of its output, for one.
// Stores keep less of it than it has, so that terms of other records are taken for it at
// times: what is found is to be looked at.
using Term = uint64_t;

// Which terms a closed record has. NOTE: they are stored; who changes them counts
// `version` up, and stores build what they keep of them again.
struct RecordTerms {
  uint32_t version = 0;
  // Of a record of the repository with this outcome. Pure. Each term once. Default:
  // records have none, and none is found by them.
  std::function<std::vector<Term>(std::string_view repository, const v1::Outcome& outcome)> of;
};

// What records are looked for by their terms.
struct TermQuery {
  std::vector<Term> terms;  // Each once.
  size_t least = 1;         // So many of them a record must have.
  std::string before_id;    // Only ids smaller than this one; empty: from the newest.
  int limit = 50;
};

struct TermMatch {
  std::string id;
  size_t count = 0;  // Of the query's terms.

  friend bool operator==(const TermMatch&, const TermMatch&) = default;
};

// The part of a store that has records: what was asked of a provider, and what came of it.
//
// Thread-safe. Reads may block for a disk read.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  // Rows and their index entries. The ids are UUIDv7. What is given is encoded
  // before the return.
  virtual void AppendIntent(std::string_view id, const v1::Intent& intent, Done done) = 0;
  // NOT_FOUND RECORD_NOT_FOUND without an intent; FAILED_PRECONDITION
  // RECORD_CLOSED when it has an outcome: an outcome is never replaced. What providers
  // sent (`raw_answer.data` of its attempts) is kept beside it and isn't read with it.
  virtual void AppendOutcome(std::string_view id, const v1::Outcome& outcome, Done done) = 0;
  // Both at once, for a completion made elsewhere. ALREADY_EXISTS REQUEST_EXISTS when
  // a record of the repository was made with the same request id; "": it has none.
  virtual void AppendRecord(const v1::Record& record, std::string_view request_id, Done done) = 0;
  // What is said of a record of the repository now, behind what was said before, by the rule
  // of AddScores; each is of another name, and has its caller and time. The record's intent
  // was written. NOT_FOUND RECORD_NOT_FOUND; FAILED_PRECONDITION TOO_MANY_SCORES.
  virtual void AppendScores(std::string_view repository, std::string_view id,
                            const std::vector<v1::Score>& scores, Done done) = 0;
  // The id of the record that was made with it; nullopt when it is new.
  virtual absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(
      std::string_view repository, std::string_view request_id) = 0;

  // NOT_FOUND RECORD_NOT_FOUND.
  virtual absl::StatusOr<v1::Record> GetRecord(std::string_view id) = 0;
  // What a provider sent, by the digest that an attempt of a record of the repository has
  // (64 hex digits). NOT_FOUND RAW_ANSWER_NOT_KEPT.
  virtual absl::StatusOr<std::string> GetRawAnswer(std::string_view repository,
                                                   std::string_view sha256) = 0;
  // Ids from `first` to `last`, both included, oldest first, of all repositories.
  virtual absl::StatusOr<std::vector<std::string>> ListRecordIds(std::string_view first,
                                                                 std::string_view last,
                                                                 int limit) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) = 0;
  // Closed records that have enough of the terms, newest first. UNAVAILABLE
  // INDEX_BUILDING while a store that was just opened still gathers them.
  virtual absl::StatusOr<std::vector<TermMatch>> FindByTerms(const TermQuery& query) = 0;
  // How many there are in all repositories, open ones too.
  virtual absl::StatusOr<int64_t> CountRecords() = 0;
  // Ids of intents without an outcome, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> ListOpenRecords() = 0;
  // Those of them whose process is gone. An open record belongs to the process that wrote
  // its intent, which alone may still write its outcome. A store that one process has at a
  // time knows that all others are gone; one that several share must be told so by what
  // ends with a process (its session, its lease), not by how old a record is.
  virtual absl::StatusOr<std::vector<std::string>> ListAbandonedRecords() = 0;
};

}  // namespace colophon
