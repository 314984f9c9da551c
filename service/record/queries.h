#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/record.pb.h"
#include "service/base/status.h"
#include "service/store/store.h"

namespace colophon {

// Which records are meant: every field that is set must hold. A version and a
// label need their prompt.
struct RecordFilter {
  std::string repository;  // Required.
  std::string prompt;
  std::optional<uint32_t> version;  // 0: drafts.
  std::string commit;               // Begins so; for drafts.
  std::string label;                // They were called by.
  std::string caller;
  v1::Status status = v1::STATUS_UNSPECIFIED;
  // Of the intent's start_time: at or after, before.
  std::optional<absl::Time> start_time;
  std::optional<absl::Time> end_time;
};

// Newest first.
struct RecordPage {
  std::vector<v1::Record> records;
  std::string next_page_token;  // Empty on the last page.
};

// Questions about records. A page costs a bounded number of reads: the index of
// the narrowest field is walked, the other fields are checked row by row, and
// a page that found little by then is short and not the last.
//
// Thread-safe. Blocks for disk reads.
class RecordQueries {
 public:
  explicit RecordQueries(Store* store) : store_(store) {}

  // INVALID_ARGUMENT BAD_PAGE_SIZE; BAD_PAGE_TOKEN for a token that the same
  // question didn't give.
  absl::StatusOr<RecordPage> List(const RecordFilter& filter, int page_size,
                                  const std::string& page_token);
  // Records whose OutputText is `text`, byte for byte.
  absl::StatusOr<RecordPage> Find(std::string_view text, const std::string& repository,
                                  int page_size, const std::string& page_token);

 private:
  absl::StatusOr<RecordPage> Walk(RecordQuery query, const RecordFilter& filter,
                                  const std::string& list, int page_size,
                                  const std::string& page_token);

  Store* const store_;
};

}  // namespace colophon
