#pragma once

// The short forms of `colophon records`, as the filter language says them.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"

namespace colophon {

// Empty: not asked for.
struct RecordFilterOptions {
  std::string filter;  // In the filter language itself.
  std::vector<std::string> statuses;
  bool failed = false;
  std::string label;
  std::string caller;
  std::string subject;
  std::string model;
  std::vector<std::string> tags;  // "K=V"; "K": it has that tag.
  std::string since;
  std::string until;
};

// All of it joined by AND: `status = cut AND caller = "shop" AND (output : "refund")`.
// INVALID_ARGUMENT for a time that is none.
absl::StatusOr<std::string> RecordFilterText(const RecordFilterOptions& options, absl::Time now);

// A BAD_FILTER with the filter under its message, and a mark where it is wrong; any other
// status as it is.
absl::Status PointIntoFilter(const absl::Status& status, const std::string& filter);

}  // namespace colophon
