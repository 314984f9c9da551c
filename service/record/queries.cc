#include "service/record/queries.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/page_token.h"

namespace colophon {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 500;
// Rows read for one page at most.
constexpr int kMaxRows = 5'000;
// So many at a time, because a record may have megabytes of images.
constexpr int kBatchRows = 16;
// A page that has more ends, so that a client which takes gRPC's default of 4 MiB
// can read it, unless one record alone is larger.
constexpr size_t kPageBytes = 2 << 20;

absl::StatusOr<int> CheckPageSize(int page_size) {
  if (page_size < 0) {
    return InvalidArgument("BAD_PAGE_SIZE",
                           fmt::format("page_size {} is negative: give 1 to {}, or 0 for {}",
                                       page_size, kMaxPageSize, kDefaultPageSize));
  }
  return page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
}

// What a page token belongs to: the method and all that was asked for.
std::string NameOf(const RecordFilter& filter) {
  const auto time = [](const std::optional<absl::Time>& t) {
    return t ? absl::FormatTime(absl::RFC3339_full, *t, absl::UTCTimeZone()) : "-";
  };
  // A caller is one line, and all before it are without one's end.
  return fmt::format("records\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", filter.repository,
                     filter.prompt, filter.version ? fmt::to_string(*filter.version) : "-",
                     filter.commit, filter.label, static_cast<int>(filter.status),
                     time(filter.start_time), time(filter.end_time), filter.caller);
}

// The narrowest index first: what a version or label was called is usually far
// less than what a caller or a status did.
RecordQuery QueryOf(const RecordFilter& filter) {
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
  } else if (filter.status != v1::STATUS_UNSPECIFIED && filter.status != v1::STATUS_OK) {
    query.by = RecordQuery::By::kStatus;
  } else if (!filter.caller.empty()) {
    query.by = RecordQuery::By::kCaller;
  } else if (!filter.prompt.empty()) {
    query.by = RecordQuery::By::kPrompt;
  } else if (filter.status == v1::STATUS_OK) {
    query.by = RecordQuery::By::kStatus;
  }
  return query;
}

bool Matches(const RecordFilter& filter, const v1::Record& record) {
  const v1::Intent& intent = record.intent();
  const v1::Status status = record.has_outcome() ? record.outcome().status() : v1::STATUS_OPEN;
  const absl::Time start = FromProto(intent.start_time());
  return (filter.repository.empty() || intent.repository() == filter.repository) &&
         (filter.prompt.empty() || intent.prompt() == filter.prompt) &&
         (!filter.version || intent.version() == *filter.version) &&
         (filter.commit.empty() ||
          intent.commit().compare(0, filter.commit.size(), filter.commit) == 0) &&
         (filter.label.empty() || intent.label() == filter.label) &&
         (filter.caller.empty() || intent.caller() == filter.caller) &&
         (filter.status == v1::STATUS_UNSPECIFIED || status == filter.status) &&
         (!filter.start_time || start >= *filter.start_time) &&
         (!filter.end_time || start < *filter.end_time);
}

}  // namespace

absl::StatusOr<RecordPage> RecordQueries::List(const RecordFilter& filter, int page_size,
                                               const std::string& page_token) {
  return Walk(QueryOf(filter), filter, NameOf(filter), page_size, page_token);
}

absl::StatusOr<RecordPage> RecordQueries::Find(std::string_view text, const std::string& repository,
                                               int page_size, const std::string& page_token) {
  if (text.empty()) {
    return InvalidArgument("TEXT_MISSING", "text is empty: give the whole output, byte for byte");
  }
  RecordQuery query;
  query.by = RecordQuery::By::kOutput;
  query.repository = repository;
  query.output_digest = Sha256Hex(text);
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
  size_t bytes = 0;
  for (int rows = 0; rows < kMaxRows; rows += query.limit) {
    query.limit = std::min({static_cast<int>(wanted), kBatchRows, kMaxRows - rows});
    ASSIGN_OR_RETURN(std::vector<v1::Record> batch, store_->ListRecords(query));
    for (v1::Record& record : batch) {
      query.before_id = record.id();
      if (!Matches(filter, record)) continue;
      bytes += record.ByteSizeLong();
      if (bytes > kPageBytes && !page.records.empty()) {
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
  }
  page.next_page_token = MakePageToken(list, query.before_id);
  return page;
}

}  // namespace colophon
