#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"
#include "service/record/filter.h"
#include "service/record/summaries.h"
#include "service/store/record_store.h"

namespace colophon {

// A record that takes more is shortened in a list, so that a client which takes
// gRPC's default of 4 MiB can read any page.
inline constexpr size_t kMaxListedRecordBytes = 256 << 10;

// Leaves out what may be of any size (Record.shortened in the API says what) when
// the record is larger than that.
void ShortenForList(v1::Record* record);

// Which records are meant: every field that is set must hold. A version and a
// label need their prompt.
struct RecordFilter {
  std::string repository;  // Required.
  std::string prompt;
  std::optional<uint32_t> version;  // 0: drafts.
  std::string commit;               // Of a draft.
  std::string label;                // They were called by.
  std::string branch;               // Of a draft: they were called by its name,
  std::set<std::string> commits;    // or by one of these that it has.
  Filter expression;
  std::string expression_text;  // As it was written.
};

// Newest first.
struct RecordPage {
  std::vector<v1::Record> records;
  std::string next_page_token;  // Empty on the last page.
};

// Questions about records. A page costs a bounded number of reads and of bytes
// read: the index of the narrowest field is walked — of each of its values, when several
// would do —, the other fields are checked row by row, and a page that found little by then is
// short and not the last. A record that is too large for a list stands in it shortened.
//
// Thread-safe. Blocks for disk reads.
class RecordQueries {
 public:
  explicit RecordQueries(RecordStore* store) : store_(store) {}

  // INVALID_ARGUMENT BAD_PAGE_SIZE; BAD_PAGE_TOKEN for a token that the same
  // question didn't give.
  absl::StatusOr<RecordPage> List(const RecordFilter& filter, int page_size,
                                  const std::string& page_token);
  // Records whose output has this digest: SHA-256, 64 hex digits.
  absl::StatusOr<RecordPage> Find(const std::string& output_digest, const std::string& repository,
                                  int page_size, const std::string& page_token);

  // Whole records of the filter before that id, the newest first (empty: from the newest):
  // at most `limit` and about `max_bytes`, and what may be read for one page. The id before
  // which it goes on; empty: there are no more.
  absl::StatusOr<std::string> ReadWhole(const RecordFilter& filter, std::string before_id,
                                        size_t limit, size_t max_bytes,
                                        std::vector<v1::Record>* records);

  // Adds up those of one page, as many as may be read for one: the token of the next page;
  // empty on the last. BAD_PAGE_TOKEN. `list` says what else the token belongs to.
  absl::StatusOr<std::string> Summarize(const RecordFilter& filter, const std::string& list,
                                        const std::string& page_token, Summaries* summaries);

 private:
  // What became of a record that was shown to a visitor.
  enum class Visit { kTaken, kLast, kNoRoom };
  using Visitor = std::function<Visit(v1::Record& record)>;

  absl::StatusOr<RecordPage> ReadPage(std::vector<RecordQuery> queries, const RecordFilter& filter,
                                      const std::string& list, int page_size,
                                      const std::string& page_token);
  // Shows those that match, newest first, until one is the last one or as many rows were read
  // as one call may: the id before which it goes on; empty: there are no more.
  absl::StatusOr<std::string> Walk(std::vector<RecordQuery> queries, const RecordFilter& filter,
                                   std::string before_id, size_t wanted, const Visitor& visit);

  RecordStore* const store_;
};

}  // namespace colophon
