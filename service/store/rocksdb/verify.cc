#include "service/store/rocksdb/verify.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "rocksdb/snapshot.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/checker.h"
#include "service/store/detach.h"
#include "service/store/rocksdb/access_rows.h"
#include "service/store/rocksdb/intent_rows.h"
#include "service/store/rocksdb/key_set.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/log_verifier.h"
#include "service/store/rocksdb/record_reads.h"
#include "service/store/rocksdb/registry_reads.h"
#include "service/store/rocksdb/registry_verifier.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"
#include "service/store/rocksdb/segment_verifier.h"
#include "service/store/scores.h"

namespace colophon {
namespace {

class SnapshotSource : public CheckSource {
 public:
  SnapshotSource(const Database* database, const rocksdb::Snapshot* snapshot)
      : database_(*database), snapshot_(snapshot) {}

  absl::StatusOr<std::optional<Object>> FindObject(std::string_view repository,
                                                   const ObjectId& id) override {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     database_.Get(Family::kObjects, ObjectKey(repository, id), snapshot_));
    if (!value) return std::optional<Object>();
    ASSIGN_OR_RETURN(Object object, DecodeObject(id, *value));
    return std::optional<Object>(std::move(object));
  }

  absl::StatusOr<std::optional<v1::Version>> FindVersion(std::string_view repository,
                                                         std::string_view prompt,
                                                         uint32_t version) override {
    ASSIGN_OR_RETURN(const std::optional<std::string> content,
                     database_.GetSealed(Family::kRegistry, VersionKey(repository, prompt, version),
                                         "", snapshot_));
    if (!content) return std::optional<v1::Version>();
    ASSIGN_OR_RETURN(v1::Version message, ParseContent<v1::Version>(*content, ""));
    return std::optional<v1::Version>(std::move(message));
  }

  absl::StatusOr<std::optional<PromptRow>> FindPrompt(std::string_view repository,
                                                      std::string_view prompt) override {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> content,
        database_.GetSealed(Family::kRegistry, PromptKey(repository, prompt), "", snapshot_));
    if (!content) return std::optional<PromptRow>();
    return DecodePromptRow(prompt, *content);
  }

 private:
  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
};

// One walk of everything. Rows are read in order and forgotten.
class Verifier {
 public:
  Verifier(const Database* database, const rocksdb::Snapshot* snapshot, const RecordTerms* terms)
      : database_(*database),
        terms_(*terms),
        scan_options_{.snapshot = snapshot, .fill_cache = false},
        source_(database, snapshot),
        problems_(&response_) {}

  absl::StatusOr<v1::VerifyStoreResponse> Run() {
    RETURN_IF_ERROR(CheckRepositories());
    RETURN_IF_ERROR(CheckOwners(Family::kRegistry));
    RETURN_IF_ERROR(CheckOwners(Family::kObjects));
    RETURN_IF_ERROR(CheckOwners(Family::kMedia));
    RETURN_IF_ERROR(CheckOwners(Family::kLog));
    RETURN_IF_ERROR(CheckMedia());
    RETURN_IF_ERROR(CheckRecords());
    CheckReferences();
    RETURN_IF_ERROR(CheckCounts());
    RETURN_IF_ERROR(CheckLogs());
    RETURN_IF_ERROR(CheckSegments());
    RETURN_IF_ERROR(TellLosses());
    CheckKeys();
    RETURN_IF_ERROR(CountIndexEntries());
    if (index_entries_ != found_entries_) RETURN_IF_ERROR(CheckIndexEntries());
    return std::move(response_);
  }

 private:
  absl::Status CheckRepositories();
  // That every row is one of a repository that is there.
  absl::Status CheckOwners(Family family);
  bool HasOwner(Family family, std::string_view key) const;

  // That every value matches its hash; records tell which are missing.
  absl::Status CheckMedia();
  absl::StatusOr<bool> IsMediaRowWhole(std::string_view repository, std::string_view sha256,
                                       char kind, std::string_view value);
  absl::Status CheckRecords();
  void CheckRecord(std::string_view id);
  void AddReferencesOf(std::string_view id, const v1::Record& record);
  void AddRawAnswerOf(const v1::Record& record, const v1::RawAnswer& raw,
                      std::set<std::string>* shared);
  // That the values that records share know of each of them, and of no others.
  void CheckReferences();
  void CheckIndexOf(std::string_view id, const v1::Record& record);
  // That there are as many records as were written.
  absl::Status CheckCounts();
  // That what was written has a leaf in the log, and each leaf what it stands
  // for.
  absl::Status CheckLogs();
  absl::Status CheckSegments();
  absl::Status TellLosses();
  void CheckKeys();
  absl::Status CountIndexEntries();
  absl::Status CheckIndexEntries();
  bool BelongsToRecord(std::string_view index_key);

  const Database& database_;
  const RecordTerms& terms_;
  const ScanOptions scan_options_;
  SnapshotSource source_;
  v1::VerifyStoreResponse response_;
  Problems problems_;
  RecordChecker record_checker_{&source_, &problems_};
  std::set<std::string, std::less<>> repositories_;
  std::map<std::string, RecordCounts, std::less<>> counts_;  // Found, by repository.
  std::map<std::string, LeafSet, std::less<>> leaves_;       // That records have, the same.
  // Of records to values: those that are there, and those that records have.
  KeySet references_;
  KeySet expected_references_;
  // Index entries that records have, and all there are: when they are as
  // many, there are none without a record.
  int64_t found_entries_ = 0;
  int64_t index_entries_ = 0;
};

absl::Status Verifier::CheckRepositories() {
  Scan scan(database_, Family::kMeta, "R", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(1);
    const std::optional<std::string> name = TakeText(&rest);
    const auto content = Unseal(scan.key(), scan.value(), "a repository");
    if (!name || !content.ok() ||
        ParseContent<v1::Repository>(*content, "").value_or(v1::Repository()).name() != *name) {
      problems_.Add(name.value_or(""),
                    fmt::format("repository row (key {}) is damaged", HexEncode(scan.key())));
    }
    if (!name) continue;
    repositories_.insert(*name);
    RegistryVerifier verifier(&database_, scan_options_.snapshot, *name, &source_, &response_);
    RETURN_IF_ERROR(verifier.Verify());
  }
  return scan.status();
}

bool Verifier::HasOwner(Family family, std::string_view key) const {
  if (family == Family::kRegistry) {
    if (key.empty() || kRegistryKinds.find(key[0]) == std::string_view::npos) return false;
    key.remove_prefix(1);
  }
  const std::optional<std::string> repository = TakeText(&key);
  return repository && repositories_.contains(*repository);
}

absl::Status Verifier::CheckOwners(Family family) {
  Scan scan(database_, family, "", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    if (HasOwner(family, scan.key())) continue;
    problems_.Add("", fmt::format("a row of no repository that is there: family {}, key {}",
                                  FamilyName(family), HexEncode(scan.key())));
  }
  return scan.status();
}

absl::Status Verifier::CheckMedia() {
  constexpr size_t kKindEnd = kMediaDigestBytes + 1;
  Scan scan(database_, Family::kMedia, "", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key();
    const std::optional<std::string> repository = TakeText(&rest);
    const bool is_reference = rest.size() == kKindEnd + kRecordIdBytes && rest[kKindEnd - 1] == 'r';
    if (!repository || (!is_reference && rest.size() != kKindEnd)) {
      problems_.Add(repository.value_or(""),
                    fmt::format("media row (key {}) has a malformed key", HexEncode(scan.key())));
      continue;
    }
    if (is_reference) {
      references_.Add(scan.key());
      continue;
    }
    const std::string_view sha256 = rest.substr(0, kMediaDigestBytes);
    ASSIGN_OR_RETURN(const bool whole,
                     IsMediaRowWhole(*repository, sha256, rest.back(), scan.value()));
    if (whole) continue;
    problems_.Add(*repository, fmt::format("media {} is damaged or missing", HexEncode(sha256)));
  }
  return scan.status();
}

absl::StatusOr<bool> Verifier::IsMediaRowWhole(std::string_view repository, std::string_view sha256,
                                               char kind, std::string_view value) {
  if (kind == 'v') return Sha256Hex(value) == HexEncode(sha256);
  if (kind != 'k') return false;
  ASSIGN_OR_RETURN(const auto known, database_.Get(Family::kMedia, MediaKey(repository, sha256),
                                                   scan_options_.snapshot));
  return known.has_value();
}

absl::Status Verifier::CheckRecords() {
  constexpr std::string_view kKinds = "ios";
  Scan scan(database_, Family::kRecords, "", scan_options_);
  std::string last;
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const std::string_view key = scan.key();
    const bool has_kind =
        key.size() == kRecordIdBytes + 1 && kKinds.find(key.back()) != kKinds.npos;
    if (!has_kind) {
      problems_.Add("", fmt::format("record row (key {}) has a malformed key", HexEncode(key)));
      continue;
    }
    const std::string_view id = key.substr(0, kRecordIdBytes);
    if (key.back() == 'i') {
      last = id;
      CheckRecord(id);
    } else if (id != last) {
      problems_.Add("", fmt::format("record {} has {} and no intent", UuidFromBytes(id),
                                    key.back() == 'o' ? "an outcome" : "scores"));
    }
  }
  return scan.status();
}

void Verifier::CheckRecord(std::string_view id) {
  response_.set_record_count(response_.record_count() + 1);
  const auto record = ReadRecord(database_, id, scan_options_.snapshot);
  if (!record.ok()) {
    problems_.Add("", MessageOf(record.status()));
    return;
  }
  const v1::Record& stored = **record;
  RecordCounts& counts = counts_[stored.intent().repository()];
  ++counts.intents;
  counts.scores += static_cast<uint64_t>(stored.scores_size());
  LeafSet& leaves = leaves_[stored.intent().repository()];
  leaves.Add(LeafKind::kIntent, id);
  if (stored.has_outcome()) {
    ++counts.outcomes;
    leaves.Add(LeafKind::kOutcome, id);
  }
  if (!stored.has_outcome()) response_.set_open_record_count(response_.open_record_count() + 1);
  if (!repositories_.contains(stored.intent().repository())) {
    problems_.Add(stored.intent().repository(),
                  fmt::format("record {} is of a repository that isn't there", stored.id()));
  }
  record_checker_.Check(stored);
  if (!AreMarkedWell(stored.scores())) {
    problems_.Add(
        stored.intent().repository(),
        fmt::format("record {} has scores of which others stand than are marked", stored.id()));
  }
  AddReferencesOf(id, stored);
  CheckIndexOf(id, stored);
}

void Verifier::AddReferencesOf(std::string_view id, const v1::Record& record) {
  std::set<std::string> shared;
  for (const v1::Attempt& attempt : record.outcome().attempts()) {
    if (attempt.has_raw_answer()) AddRawAnswerOf(record, attempt.raw_answer(), &shared);
  }
  if (record.intent().ByteSizeLong() >= kMinDetachedBytes) {  // Else it shares none.
    const auto row =
        database_.GetSealed(Family::kRecords, IntentKey(id), "", scan_options_.snapshot);
    if (!row.ok() || !*row) return;  // Told already.
    const auto digests = SharedValuesOf(**row, "");
    if (!digests.ok()) return;
    shared.insert(digests->begin(), digests->end());
  }
  for (const std::string& sha256 : shared) {
    expected_references_.Add(MediaReferenceKey(record.intent().repository(), sha256, id));
  }
}

// Whether it is whole was told with the media; that it is there nobody else looks at.
void Verifier::AddRawAnswerOf(const v1::Record& record, const v1::RawAnswer& raw,
                              std::set<std::string>* shared) {
  const std::string& repository = record.intent().repository();
  const std::optional<std::string> sha256 = HexDecode(raw.sha256());
  const auto known = database_.Get(Family::kMedia, KnownMediaKey(repository, sha256.value_or("")),
                                   scan_options_.snapshot);
  if (!sha256 || !known.ok() || !*known) {
    problems_.Add(repository, fmt::format("what a provider sent (\"{}\") is missing of record {}",
                                          raw.sha256(), record.id()));
    return;
  }
  shared->insert(*sha256);
}

void Verifier::CheckReferences() {
  if (references_ == expected_references_) return;
  problems_.Add("", fmt::format("values that records share know of {} uses, and records have {}: "
                                "they aren't of each other",
                                references_.size(), expected_references_.size()));
}

void Verifier::CheckIndexOf(std::string_view id, const v1::Record& record) {
  ForEachIndexOfRecord(record, [&](const RecordIndex& index) {
    const std::string key = IndexKey(index, id);
    const auto entry = database_.Get(Family::kIndex, key, scan_options_.snapshot);
    const bool is_open = index.status == v1::RECORD_STATUS_OPEN;
    if (entry.ok() && *entry && (!is_open || Unseal(key, **entry, "").ok())) {
      ++found_entries_;
    } else {
      problems_.Add(record.intent().repository(),
                    fmt::format("record {} is {} an index (kind '{}', key {})", record.id(),
                                entry.ok() && *entry ? "damaged in" : "missing from", key[0],
                                HexEncode(key)));
    }
  });
}

absl::Status Verifier::CheckCounts() {
  for (const std::string& repository : repositories_) {
    const std::string what = fmt::format("how many records \"{}\" has", repository);
    const auto content = database_.GetSealed(Family::kMeta, RecordCountsKey(repository), what,
                                             scan_options_.snapshot);
    if (!content.ok()) {
      if (absl::IsUnavailable(content.status())) return content.status();
      problems_.Add(repository, MessageOf(content.status()));
      continue;
    }
    const std::optional<RecordCounts> written =
        *content ? DecodeRecordCounts(**content) : RecordCounts();
    if (!written) {
      problems_.Add(repository, MessageOf(DamagedRow(what)));
      continue;
    }
    const RecordCounts& found = counts_[repository];
    if (found == *written) continue;
    problems_.Add(repository,
                  fmt::format("{} records were begun, {} closed and {} scores given, but {} are "
                              "whole and there, {} of them closed, with {} scores",
                              written->intents, written->outcomes, written->scores, found.intents,
                              found.outcomes, found.scores));
  }
  return absl::OkStatus();
}

absl::Status Verifier::CheckLogs() {
  for (const std::string& repository : repositories_) {
    LogVerifier log(&database_, scan_options_.snapshot, repository, leaves_[repository],
                    &problems_);
    RETURN_IF_ERROR(log.Verify());
  }
  return absl::OkStatus();
}

absl::Status Verifier::CheckSegments() {
  if (!terms_.of) return absl::OkStatus();
  SegmentVerifier segments(&database_, scan_options_.snapshot, &terms_, &problems_);
  return segments.Verify();
}

void Verifier::CheckKeys() {
  const absl::Status status = ReadKeys(database_, scan_options_.snapshot).status();
  if (!status.ok()) problems_.Add("", MessageOf(status));
}

absl::Status Verifier::TellLosses() {
  Scan scan(database_, Family::kMeta, "L", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const auto content = Unseal(scan.key(), scan.value(), "a loss");
    problems_.Add("", std::string(content.value_or("a loss was accepted; its row is damaged")));
  }
  return scan.status();
}

absl::Status Verifier::CountIndexEntries() {
  Scan scan(database_, Family::kIndex, "", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) ++index_entries_;
  return scan.status();
}

bool Verifier::BelongsToRecord(std::string_view index_key) {
  const std::optional<std::string_view> id = RecordIdOfIndexKey(index_key);
  if (!id) return false;
  const auto record = ReadRecord(database_, *id, scan_options_.snapshot);
  if (!record.ok()) return true;  // Told already.
  if (!*record) return false;
  bool belongs = false;
  ForEachIndexOfRecord(**record, [&](const RecordIndex& index) {
    belongs = belongs || IndexKey(index, *id) == index_key;
  });
  return belongs;
}

absl::Status Verifier::CheckIndexEntries() {
  Scan scan(database_, Family::kIndex, "", scan_options_);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    if (BelongsToRecord(scan.key())) continue;
    problems_.Add("", fmt::format("index entry (kind '{}', key {}) is of no record that has it",
                                  scan.key()[0], HexEncode(scan.key())));
  }
  return scan.status();
}

}  // namespace

absl::StatusOr<v1::VerifyStoreResponse> VerifyDatabase(const Database& database,
                                                       const RecordTerms& terms) {
  rocksdb::ManagedSnapshot snapshot(database.db());
  return Verifier(&database, snapshot.snapshot(), &terms).Run();
}

}  // namespace colophon
