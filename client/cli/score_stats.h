#pragma once

#include <string>

#include "client/cli/output.h"
#include "colophon/v1/record.pb.h"

namespace colophon {

// What was said of each group's records: how often, and the mean, the share of true, each
// with where 95 of 100 samples have the true one, or how often each word. Nothing when
// nothing was said.
void PrintScoreStats(const Output& out, const std::string& heading,
                     const v1::SummarizeRecordsResponse& response);

}  // namespace colophon
