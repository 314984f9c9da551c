#pragma once

#include "client/cli/statistics.h"
#include "client/cpp/client.h"

namespace colophon {

// All pages of SummarizeRecords, added up: "v9" before "v10", and the rest in order.
absl::StatusOr<v1::SummarizeRecordsResponse> SumGroups(const Client& client,
                                                       v1::SummarizeRecordsRequest request);

Sample SampleOf(const v1::NumberSummary& numbers);

// What a share of the calls took at most; infinite when none says.
absl::Duration Quantile(const google::protobuf::RepeatedPtrField<v1::DurationCount>& durations,
                        double share);

}  // namespace colophon
