#pragma once

#include <map>
#include <string>
#include <string_view>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"
#include "service/record/score_summaries.h"

namespace colophon {

// Adds records up by what they have in common.
//
// Not thread-safe.
class Summaries {
 public:
  // `group_by` as in SummarizeRecordsRequest; `of_one_prompt`: a version is named by its
  // number alone. INVALID_ARGUMENT BAD_GROUP.
  static absl::StatusOr<Summaries> By(const std::string& group_by, bool of_one_prompt);

  void Add(const v1::Record& record);
  // In order of their groups. Once.
  void Take(google::protobuf::RepeatedPtrField<v1::RecordSummary>* summaries);

 private:
  using Group = std::string (*)(const v1::Record& record);
  // By the step's number.
  using Histogram = std::map<int, int64_t>;
  struct Sum {
    v1::RecordSummary summary;
    Histogram latencies;
    Histogram first_piece_latencies;
    ScoreSummaries scores;
  };

  std::string GroupOf(const v1::Record& record) const;

  Group group_ = nullptr;  // Null: `tag_` says.
  std::string tag_;        // Empty: all are one.
  std::map<std::string, Sum> sums_;
};

}  // namespace colophon
