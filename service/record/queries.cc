#include "service/record/queries.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/ids.h"
#include "service/base/page_token.h"
#include "service/base/reference.h"
#include "service/record/page_limits.h"

namespace colophon {
namespace {

// Rows are read so many at a time. Fewer, from one on, while records are large: one
// may have megabytes of images.
constexpr int kMaxBatchRows = 64;
constexpr size_t kBatchBytes = 1 << 20;
// What a page token belongs to: the method and all that was asked for.
std::string NameOf(const RecordFilter& filter) {
  const auto time = [](const std::optional<absl::Time>& t) {
    return t ? absl::FormatTime(absl::RFC3339_full, *t, absl::UTCTimeZone()) : "-";
  };
  // A caller is one line, and all before it are without one's end.
  return fmt::format("records\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", filter.repository,
                     filter.prompt, filter.version ? fmt::to_string(*filter.version) : "-",
                     filter.commit, filter.label, static_cast<int>(filter.status),
                     time(filter.start_time), time(filter.end_time), filter.caller,
                     filter.expression_text);
}

// What the filter's expression demands too, where nothing else is demanded of it already.
RecordFilter Narrowed(RecordFilter filter) {
  const FilterBounds& bounds = filter.expression.bounds();
  if (filter.prompt.empty()) filter.prompt = bounds.prompt.value_or("");
  if (!filter.prompt.empty() && !filter.version) filter.version = bounds.version;
  if (!filter.prompt.empty() && filter.label.empty()) filter.label = bounds.label.value_or("");
  if (filter.caller.empty()) filter.caller = bounds.caller.value_or("");
  if (filter.status == v1::RECORD_STATUS_UNSPECIFIED) {
    filter.status = bounds.status.value_or(v1::RECORD_STATUS_UNSPECIFIED);
  }
  if (!filter.start_time || (bounds.start_time && *bounds.start_time > *filter.start_time)) {
    filter.start_time = bounds.start_time;
  }
  if (!filter.end_time || (bounds.end_time && *bounds.end_time < *filter.end_time)) {
    filter.end_time = bounds.end_time;
  }
  return filter;
}

// The narrowest index first: what a version or label was called is usually far
// less than what a caller or a status did.
RecordQuery QueryOf(const RecordFilter& given) {
  const RecordFilter filter = Narrowed(given);
  RecordQuery query;
  query.repository = filter.repository;
  query.prompt = filter.prompt;
  query.label = filter.label;
  query.caller = filter.caller;
  query.status = filter.status;
  query.start_time = filter.start_time;
  // Ids hold whole milliseconds: that of the end is read too, and then looked at.
  if (filter.end_time) query.end_time = *filter.end_time + absl::Milliseconds(1);
  if (filter.version) {
    query.by = RecordQuery::By::kVersion;
    query.version = *filter.version;
  } else if (!filter.label.empty()) {
    query.by = RecordQuery::By::kLabel;
  } else if (filter.status != v1::RECORD_STATUS_UNSPECIFIED &&
             filter.status != v1::RECORD_STATUS_OK) {
    query.by = RecordQuery::By::kStatus;
  } else if (!filter.caller.empty()) {
    query.by = RecordQuery::By::kCaller;
  } else if (!filter.prompt.empty()) {
    query.by = RecordQuery::By::kPrompt;
  } else if (filter.status == v1::RECORD_STATUS_OK) {
    query.by = RecordQuery::By::kStatus;
  }
  return query;
}

bool Matches(const RecordFilter& filter, const v1::Record& record) {
  const v1::Intent& intent = record.intent();
  const v1::RecordStatus status =
      record.has_outcome() ? record.outcome().status() : v1::RECORD_STATUS_OPEN;
  const absl::Time start = FromProto(intent.start_time());
  return (filter.repository.empty() || intent.repository() == filter.repository) &&
         (filter.prompt.empty() || intent.prompt() == filter.prompt) &&
         (!filter.version || intent.version() == *filter.version) &&
         (filter.commit.empty() || intent.commit() == filter.commit) &&
         (filter.label.empty() || intent.label() == filter.label) &&
         (filter.caller.empty() || intent.caller() == filter.caller) &&
         (filter.status == v1::RECORD_STATUS_UNSPECIFIED || status == filter.status) &&
         (!filter.start_time || start >= *filter.start_time) &&
         (!filter.end_time || start < *filter.end_time) && filter.expression.Matches(record);
}

// To 1 KiB, and no code point in half.
void CutText(std::string* text) {
  constexpr size_t kMaxBytes = 1'024;
  if (text->size() <= kMaxBytes) return;
  size_t end = kMaxBytes;
  while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end;
  text->resize(end);
  *text += "…";
}

}  // namespace

absl::StatusOr<RecordPage> RecordQueries::List(const RecordFilter& filter, int page_size,
                                               const std::string& page_token) {
  return Walk(QueryOf(filter), filter, NameOf(filter), page_size, page_token);
}

absl::StatusOr<RecordPage> RecordQueries::Find(const std::string& output_digest,
                                               const std::string& repository, int page_size,
                                               const std::string& page_token) {
  // The index is of all repositories: another one may have said the same a million
  // times, so its rows are counted like all that are looked at.
  RecordQuery query;
  query.by = RecordQuery::By::kOutput;
  query.output_digest = output_digest;
  RecordFilter filter;
  filter.repository = repository;
  const std::string list = fmt::format("found\n{}\n{}", repository, query.output_digest);
  return Walk(std::move(query), filter, list, page_size, page_token);
}

// A position in the list is the id of the last record looked at.
absl::StatusOr<RecordPage> RecordQueries::Walk(RecordQuery query, const RecordFilter& filter,
                                               const std::string& list, int page_size,
                                               const std::string& page_token) {
  ASSIGN_OR_RETURN(const size_t wanted, CheckPageSize(page_size));
  ASSIGN_OR_RETURN(query.before_id, ReadPageToken(list, page_token));
  RecordPage page;
  size_t page_bytes = 0, bytes_read = 0;
  int batch_rows = 1;
  for (int rows = 0; rows < kMaxPageRows && bytes_read < kMaxPageBytesRead; rows += query.limit) {
    query.limit = std::min({static_cast<int>(wanted), batch_rows, kMaxPageRows - rows});
    ASSIGN_OR_RETURN(std::vector<v1::Record> batch, store_->ListRecords(query));
    size_t batch_bytes = 0;
    for (v1::Record& record : batch) {
      query.before_id = record.id();
      batch_bytes += record.ByteSizeLong();
      if (!Matches(filter, record)) continue;
      ShortenForList(&record);
      page_bytes += record.ByteSizeLong();
      if (page_bytes > kMaxPageBytes && !page.records.empty()) {
        page.next_page_token = MakePageToken(list, page.records.back().id());
        return page;
      }
      page.records.push_back(std::move(record));
      if (page.records.size() == wanted) {
        page.next_page_token = MakePageToken(list, query.before_id);
        return page;
      }
    }
    if (static_cast<int>(batch.size()) < query.limit) return page;  // The last.
    bytes_read += batch_bytes;
    batch_rows = batch_bytes > kBatchBytes ? 1 : std::min(2 * batch_rows, kMaxBatchRows);
  }
  page.next_page_token = MakePageToken(list, query.before_id);
  return page;
}

void ShortenForList(v1::Record* record) {
  if (record->ByteSizeLong() <= kMaxListedRecordBytes) return;
  record->set_shortened(true);
  v1::Intent* const intent = record->mutable_intent();
  intent->clear_variables_json();
  intent->clear_history();
  intent->clear_context_json();
  intent->clear_overrides();
  intent->clear_tools();
  intent->clear_schemas();
  intent->clear_undefined();
  CutText(intent->mutable_model());
  if (!record->has_outcome()) return;
  v1::Outcome* const outcome = record->mutable_outcome();
  outcome->clear_output_violations();
  CutText(outcome->mutable_model());
  CutText(outcome->mutable_error_message());
  if (outcome->has_completion()) {
    v1::Completion* const completion = outcome->mutable_completion();
    completion->clear_message();
    CutText(completion->mutable_provider_stop_reason());
    CutText(completion->mutable_provider_model());
    CutText(completion->mutable_provider_id());
  }
  for (v1::Attempt& attempt : *outcome->mutable_attempts())
    CutText(attempt.mutable_error_message());
}

}  // namespace colophon
