#include "service/record/queries.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/base/page_token.h"
#include "service/record/page_limits.h"

namespace colophon {
namespace {

// Rows are read so many at a time. Fewer, from one on, while records are large: one
// may have megabytes of images.
constexpr int kMaxBatchRows = 64;
constexpr size_t kBatchBytes = 1 << 20;

// What a page token belongs to: the method and all that was asked for.
std::string NameOf(const RecordFilter& filter) {
  // All before the expression are without an end of a line.
  return fmt::format("records\n{}\n{}\n{}\n{}\n{}\n{}\n{}", filter.repository, filter.prompt,
                     filter.version ? fmt::to_string(*filter.version) : "-", filter.commit,
                     filter.label, filter.branch, filter.expression_text);
}

// A draft's commits come and go; what a caller wrote says which draft it was.
bool IsOfDraft(const RecordFilter& filter, const v1::Intent& intent) {
  return std::string_view(intent.reference()).ends_with("@heads/" + filter.branch) ||
         filter.commits.contains(intent.commit());
}

// A look-up by the narrowest index: what a version or label was called is usually far
// less than what a caller or a status did. Of several statuses, each is one.
std::vector<RecordQuery> QueriesOf(const RecordFilter& filter) {
  const FilterBounds& bounds = filter.expression.bounds();
  const std::vector<v1::RecordStatus>& statuses = bounds.statuses;
  RecordQuery query;
  query.repository = filter.repository;
  query.prompt = filter.prompt.empty() ? bounds.prompt.value_or("") : filter.prompt;
  query.caller = bounds.caller.value_or("");
  query.start_time = bounds.start_time;
  // Ids hold whole milliseconds: that of the end is read too, and then looked at.
  if (bounds.end_time) query.end_time = *bounds.end_time + absl::Milliseconds(1);
  std::optional<uint32_t> version;
  if (!query.prompt.empty()) {
    version = filter.version ? filter.version : bounds.version;
    query.label = filter.label.empty() ? bounds.label.value_or("") : filter.label;
  }
  const bool is_rare = !statuses.empty() && std::find(statuses.begin(), statuses.end(),
                                                      v1::RECORD_STATUS_OK) == statuses.end();
  if (version) {
    query.by = RecordQuery::By::kVersion;
    query.version = *version;
  } else if (!query.label.empty()) {
    query.by = RecordQuery::By::kLabel;
  } else if (is_rare) {
    query.by = RecordQuery::By::kStatus;
  } else if (!query.caller.empty()) {
    query.by = RecordQuery::By::kCaller;
  } else if (!query.prompt.empty()) {
    query.by = RecordQuery::By::kPrompt;
  } else if (!statuses.empty()) {
    query.by = RecordQuery::By::kStatus;
  }
  if (query.by != RecordQuery::By::kStatus) return {query};
  std::vector<RecordQuery> queries;
  for (const v1::RecordStatus status : statuses) {
    query.status = status;
    queries.push_back(query);
  }
  return queries;
}

bool Matches(const RecordFilter& filter, const v1::Record& record) {
  const v1::Intent& intent = record.intent();
  return (filter.repository.empty() || intent.repository() == filter.repository) &&
         (filter.prompt.empty() || intent.prompt() == filter.prompt) &&
         (!filter.version || intent.version() == *filter.version) &&
         (filter.commit.empty() || intent.commit() == filter.commit) &&
         (filter.label.empty() || intent.label() == filter.label) &&
         (filter.branch.empty() || IsOfDraft(filter, intent)) && filter.expression.Matches(record);
}

struct Batch {
  std::vector<v1::Record> records;  // Newest first.
  int rows_read = 0;
  size_t bytes_read = 0;
};

// The newest `limit` before `before_id` of all the queries; fewer only when there are no
// more.
absl::StatusOr<Batch> ReadBatch(RecordStore* store, std::vector<RecordQuery>& queries,
                                const std::string& before_id, int limit) {
  Batch batch;
  for (RecordQuery& query : queries) {
    query.before_id = before_id;
    query.limit = limit;
    ASSIGN_OR_RETURN(std::vector<v1::Record> records, store->ListRecords(query));
    for (v1::Record& record : records) {
      batch.bytes_read += record.ByteSizeLong();
      batch.records.push_back(std::move(record));
    }
  }
  batch.rows_read = static_cast<int>(batch.records.size());
  if (queries.size() == 1) return batch;
  // A record whose status changed in between may be among those of both.
  auto& records = batch.records;
  std::sort(records.begin(), records.end(),
            [](const v1::Record& a, const v1::Record& b) { return a.id() > b.id(); });
  const auto same = [](const v1::Record& a, const v1::Record& b) { return a.id() == b.id(); };
  records.erase(std::unique(records.begin(), records.end(), same), records.end());
  if (records.size() > static_cast<size_t>(limit)) records.resize(static_cast<size_t>(limit));
  return batch;
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
  return ReadPage(QueriesOf(filter), filter, NameOf(filter), page_size, page_token);
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
  return ReadPage({std::move(query)}, filter, list, page_size, page_token);
}

absl::StatusOr<std::string> RecordQueries::Summarize(const RecordFilter& filter,
                                                     const std::string& list,
                                                     const std::string& page_token,
                                                     Summaries* summaries) {
  const std::string name = fmt::format("summary\n{}\n{}", list, NameOf(filter));
  ASSIGN_OR_RETURN(std::string before_id, ReadPageToken(name, page_token));
  const auto add = [summaries](const v1::Record& record) {
    summaries->Add(record);
    return Visit::kTaken;
  };
  ASSIGN_OR_RETURN(before_id,
                   Walk(QueriesOf(filter), filter, std::move(before_id), kMaxBatchRows, add));
  return before_id.empty() ? "" : MakePageToken(name, before_id);
}

absl::StatusOr<std::string> RecordQueries::ReadWhole(const RecordFilter& filter,
                                                     std::string before_id, size_t limit,
                                                     size_t max_bytes,
                                                     std::vector<v1::Record>* records) {
  size_t bytes = 0;
  const auto take = [&](v1::Record& record) {
    bytes += record.ByteSizeLong();
    if (bytes > max_bytes && !records->empty()) return Visit::kNoRoom;
    records->push_back(std::move(record));
    return records->size() == limit ? Visit::kLast : Visit::kTaken;
  };
  return Walk(QueriesOf(filter), filter, std::move(before_id), limit, take);
}

// A position in the list is the id of the last record looked at.
absl::StatusOr<RecordPage> RecordQueries::ReadPage(std::vector<RecordQuery> queries,
                                                   const RecordFilter& filter,
                                                   const std::string& list, int page_size,
                                                   const std::string& page_token) {
  ASSIGN_OR_RETURN(const size_t wanted, CheckPageSize(page_size));
  ASSIGN_OR_RETURN(std::string before_id, ReadPageToken(list, page_token));
  RecordPage page;
  size_t page_bytes = 0;
  const auto take = [&](v1::Record& record) {
    ShortenForList(&record);
    page_bytes += record.ByteSizeLong();
    if (page_bytes > kMaxPageBytes && !page.records.empty()) return Visit::kNoRoom;
    page.records.push_back(std::move(record));
    return page.records.size() == wanted ? Visit::kLast : Visit::kTaken;
  };
  ASSIGN_OR_RETURN(before_id, Walk(std::move(queries), filter, std::move(before_id), wanted, take));
  if (!before_id.empty()) page.next_page_token = MakePageToken(list, before_id);
  return page;
}

absl::StatusOr<std::string> RecordQueries::Walk(std::vector<RecordQuery> queries,
                                                const RecordFilter& filter, std::string before_id,
                                                size_t wanted, const Visitor& visit) {
  size_t bytes_read = 0;
  int rows_read = 0, batch_rows = 1;
  while (rows_read < kMaxPageRows && bytes_read < kMaxPageBytesRead) {
    const int limit = std::min({static_cast<int>(wanted), batch_rows, kMaxPageRows - rows_read});
    ASSIGN_OR_RETURN(Batch batch, ReadBatch(store_, queries, before_id, limit));
    for (v1::Record& record : batch.records) {
      std::string id = record.id();
      if (Matches(filter, record)) {
        const Visit visited = visit(record);
        if (visited == Visit::kNoRoom) return before_id;
        if (visited == Visit::kLast) return id;
      }
      before_id = std::move(id);
    }
    if (static_cast<int>(batch.records.size()) < limit) return "";  // The last.
    rows_read += batch.rows_read;
    bytes_read += batch.bytes_read;
    batch_rows = batch.bytes_read > kBatchBytes ? 1 : std::min(2 * batch_rows, kMaxBatchRows);
  }
  return before_id;
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
  auto* const scores = record->mutable_scores();
  scores->erase(std::remove_if(scores->begin(), scores->end(),
                               [](const v1::Score& score) { return score.corrected(); }),
                scores->end());
  for (v1::Score& score : *scores) score.clear_note();
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
