#pragma once

#include <string>
#include <vector>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"
#include "service/record/queries.h"
#include "service/store/record_store.h"

namespace colophon {

// What somebody has of an output.
struct TextQuery {
  std::string text;                       // Not empty.
  std::vector<std::string> repositories;  // To be searched; they exist.
  int page_size = 0;
  std::string page_token;
};

// Records newest first, all of them with the same kind of match.
struct TextPage {
  v1::OutputMatch match = v1::OUTPUT_MATCH_UNSPECIFIED;  // Nothing was found.
  std::vector<v1::Record> records;
  std::vector<v1::TextSpan> spans;  // Of each record's output text, for excerpts.
  std::string next_page_token;      // Empty on the last page.
};

// Finds outputs by what is left of them: the whole text byte for byte; else in its normal
// form; else a part of it, whatever became of its case, white space, quotes and line ends.
//
// A page costs a bounded number of reads, as RecordQueries' do.
//
// Thread-safe. Blocks for disk reads.
class TextSearch {
 public:
  explicit TextSearch(RecordStore* store) : store_(store), queries_(store) {}

  // INVALID_ARGUMENT BAD_PAGE_SIZE, BAD_PAGE_TOKEN.
  absl::StatusOr<TextPage> Find(const TextQuery& query);

 private:
  absl::StatusOr<TextPage> FindExact(const TextQuery& query);

  RecordStore* const store_;
  RecordQueries queries_;
};

}  // namespace colophon
