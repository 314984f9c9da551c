#include "service/store/rocksdb/record_reads.h"

#include <algorithm>

#include "fmt/format.h"
#include "rocksdb/snapshot.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/intent_rows.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/repository_names.h"
#include "service/store/rocksdb/scan.h"
#include "service/store/rocksdb/score_rows.h"
#include "service/store/rocksdb/shared_values.h"
#include "service/store/store_errors.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

// The ids a query asks for: begin <= id < end, of 16 bytes or shorter.
struct IdRange {
  std::string begin;
  std::string end;
};

absl::StatusOr<IdRange> RangeOf(const RecordQuery& query) {
  IdRange range{.begin = "", .end = std::string(kRecordIdBytes + 1, '\xff')};
  if (query.start_time) range.begin = UuidTimePrefix(*query.start_time);
  if (query.end_time) range.end = UuidTimePrefix(*query.end_time);
  if (!query.before_id.empty()) {
    ASSIGN_OR_RETURN(std::string before, CheckRecordId(query.before_id));
    range.end = std::min(range.end, before);
  }
  return range;
}

// The outputs' kind of index has the repository behind the id.
bool IsOfRepository(std::string_view index_key, std::string_view repository) {
  index_key.remove_prefix(1 + kOutputDigestBytes + kRecordIdBytes);
  return TakeText(&index_key) == repository;
}

}  // namespace

absl::StatusOr<std::optional<v1::Outcome>> ReadOutcome(const Database& database,
                                                       std::string_view id,
                                                       const rocksdb::Snapshot* snapshot) {
  const std::string name = fmt::format("the outcome of record \"{}\"", UuidFromBytes(id));
  ASSIGN_OR_RETURN(const std::optional<std::string> content,
                   database.GetSealed(Family::kRecords, OutcomeKey(id), name, snapshot));
  if (!content) return std::optional<v1::Outcome>();
  ASSIGN_OR_RETURN(v1::Outcome outcome, ParseContent<v1::Outcome>(*content, name));
  return std::optional<v1::Outcome>(std::move(outcome));
}

absl::StatusOr<std::optional<v1::Record>> ReadRecord(const Database& database, std::string_view id,
                                                     const rocksdb::Snapshot* snapshot) {
  const std::string name = UuidFromBytes(id);
  const std::string intent_name = fmt::format("the intent of record \"{}\"", name);
  ASSIGN_OR_RETURN(const std::optional<std::string> intent,
                   database.GetSealed(Family::kRecords, IntentKey(id), intent_name, snapshot));
  if (!intent) return std::optional<v1::Record>();
  ASSIGN_OR_RETURN(std::optional<v1::Outcome> outcome, ReadOutcome(database, id, snapshot));
  v1::Record record;
  record.set_id(name);
  ASSIGN_OR_RETURN(*record.mutable_intent(), ReadIntent(database, *intent, intent_name, snapshot));
  if (outcome) *record.mutable_outcome() = *std::move(outcome);
  RETURN_IF_ERROR(ReadScores(database, id, snapshot, record.mutable_scores()));
  return std::optional<v1::Record>(std::move(record));
}

absl::StatusOr<v1::Record> RecordReads::GetRecord(std::string_view id) const {
  ASSIGN_OR_RETURN(const std::string bytes, CheckRecordId(id));
  ASSIGN_OR_RETURN(std::optional<v1::Record> record, ReadRecord(database_, bytes, nullptr));
  if (!record) return RecordNotFound(id);
  return *std::move(record);
}

absl::StatusOr<std::string> RecordReads::GetRawAnswer(std::string_view repository,
                                                      std::string_view sha256) const {
  const std::optional<std::string> digest = HexDecode(sha256);
  if (!digest || digest->size() != kMediaDigestBytes) return RawAnswerNotKept(sha256);
  ASSIGN_OR_RETURN(const auto known,
                   database_.Get(Family::kMedia, KnownMediaKey(repository, *digest)));
  if (!known) return RawAnswerNotKept(sha256);
  return ReadSharedValue(database_, repository, *digest, fmt::format("the raw answer {}", sha256),
                         nullptr);
}

absl::StatusOr<std::vector<std::string>> RecordReads::ListRecordIds(std::string_view first,
                                                                    std::string_view last,
                                                                    int limit) const {
  ASSIGN_OR_RETURN(const std::string begin, CheckRecordId(first));
  ASSIGN_OR_RETURN(const std::string end, CheckRecordId(last));
  std::vector<std::string> ids;
  if (begin > end) return ids;
  Scan scan(database_, Family::kRecords, IntentKey(begin), AfterPrefix(end));
  for (scan.SeekToFirst(); scan.Valid() && std::ssize(ids) < limit; scan.Next()) {
    const std::string_view id = scan.key().substr(0, kRecordIdBytes);
    if (scan.key() == IntentKey(id)) ids.push_back(UuidFromBytes(id));
  }
  RETURN_IF_ERROR(scan.status());
  return ids;
}

absl::StatusOr<std::vector<v1::Record>> RecordReads::ListRecords(const RecordQuery& query) const {
  RETURN_IF_ERROR(CheckQuery(query));
  if (!query.repository.empty()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> row,
                     database_.Get(Family::kMeta, RepositoryKey(query.repository)));
    if (!row) return RepositoryNotFound(query.repository);
  }
  ASSIGN_OR_RETURN(const IdRange range, RangeOf(query));
  std::vector<v1::Record> records;
  if (range.begin >= range.end) return records;

  const bool by_output = query.by == RecordQuery::By::kOutput;
  rocksdb::ManagedSnapshot snapshot(database_.db());
  const std::string prefix = IndexPrefix(IndexOf(query));
  Scan scan(database_, Family::kIndex, prefix + range.begin, AfterPrefix(prefix),
            {.snapshot = snapshot.snapshot(), .use_bloom = by_output});
  const std::string end = prefix + range.end;
  for (scan.SeekForPrev(end); scan.Valid() && static_cast<int64_t>(records.size()) < query.limit;
       scan.Prev()) {
    if (scan.key() >= end) continue;
    const std::optional<std::string_view> id = RecordIdOfIndexKey(scan.key());
    if (!id) return DamagedRow("an index entry of a record");
    if (by_output && !query.repository.empty() && !IsOfRepository(scan.key(), query.repository)) {
      continue;
    }
    ASSIGN_OR_RETURN(std::optional<v1::Record> record,
                     ReadRecord(database_, *id, snapshot.snapshot()));
    if (!record) return DamagedRow(fmt::format("record \"{}\"", UuidFromBytes(*id)));
    // The index holds the beginning of the digest.
    if (by_output && record->outcome().output_digest() != query.output_digest) continue;
    records.push_back(*std::move(record));
  }
  RETURN_IF_ERROR(scan.status());
  return records;
}

absl::StatusOr<int64_t> RecordReads::CountRecords() const {
  ASSIGN_OR_RETURN(const std::vector<std::string> repositories, ReadRepositoryNames(database_));
  int64_t count = 0;
  for (const std::string& repository : repositories) {
    const std::string what = fmt::format("how many records \"{}\" has", repository);
    ASSIGN_OR_RETURN(const std::optional<std::string> content,
                     database_.GetSealed(Family::kMeta, RecordCountsKey(repository), what));
    if (!content) continue;  // None was written.
    const std::optional<RecordCounts> counts = DecodeRecordCounts(*content);
    if (!counts) return DamagedRow(what);
    count += static_cast<int64_t>(counts->intents);
  }
  return count;
}

absl::StatusOr<std::vector<std::string>> RecordReads::ListOpenRecords() const {
  return ListOpen([](std::string_view) { return true; });
}

absl::StatusOr<std::vector<std::string>> RecordReads::ListAbandonedRecords() const {
  return ListOpen([this](std::string_view owner) { return owner != database_.instance(); });
}

absl::StatusOr<std::vector<std::string>> RecordReads::ListOpen(const IsAsked& is_asked) const {
  rocksdb::ManagedSnapshot snapshot(database_.db());
  std::vector<std::string> ids;
  ASSIGN_OR_RETURN(const std::vector<std::string> repositories,
                   ReadRepositoryNames(database_, snapshot.snapshot()));
  for (const std::string& repository : repositories) {
    Scan scan(database_, Family::kIndex, IndexPrefix(OpenIndex(repository)),
              {.snapshot = snapshot.snapshot()});
    for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
      const std::optional<std::string_view> id = RecordIdOfIndexKey(scan.key());
      if (!id) return DamagedRow("an open record");
      std::string name = UuidFromBytes(*id);
      ASSIGN_OR_RETURN(const std::string_view owner,
                       Unseal(scan.key(), scan.value(), fmt::format("open record \"{}\"", name)));
      if (is_asked(owner)) ids.push_back(std::move(name));
    }
    RETURN_IF_ERROR(scan.status());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace colophon
