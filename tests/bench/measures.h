#pragma once

// One function a measure: it adds its rows to the table. An error says why it
// could not be measured; what was added before it stays.

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "service/base/status.h"
#include "tests/bench/table.h"

namespace colophon::bench {

struct Options {
  int rounds = 5;
  absl::Duration slice = absl::Seconds(2);  // Of one side in one round.
  absl::Duration warm_up = absl::Milliseconds(500);
  int streams = 2000;
  std::string folder;  // On the disk that durable writes are measured on.
};

absl::Status MeasureGetVersion(const Options& options, Table* table);  // M1
absl::Status MeasureComplete(const Options& options, Table* table);    // M3
absl::Status MeasureLatency(const Options& options, Table* table);     // M4
absl::Status MeasurePublish(const Options& options, Table* table);     // M6
absl::Status MeasureRecorder(const Options& options, Table* table);    // M7
absl::Status MeasureStreams(const Options& options, Table* table);
absl::Status MeasureRender(const Options& options, Table* table);

// Runs A B A B …, each a measurement of one round; stops at the first error.
absl::Status Alternate(int rounds, const std::vector<std::function<absl::Status()>>& sides);

// The same with figures: what each side returned, one a round.
absl::StatusOr<std::vector<std::vector<double>>> AlternateRates(
    int rounds, const std::vector<std::function<absl::StatusOr<double>()>>& sides);

}  // namespace colophon::bench
