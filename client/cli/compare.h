#pragma once

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "colophon/v1/record.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon {

// One thing in which two groups of records may differ.
struct Difference {
  std::string measure;  // "failed", "score quality"
  std::string a;        // "3.2% of 1204"
  std::string b;
  std::string change;  // "-2.1 points"
  std::string test;    // "Fisher's exact"
  double p = 1;        // Corrected for all that are compared.

  bool is_more_than_noise() const { return p < 0.05; }
};

// Of two groups of `response`: failures, schemas, latency, tokens and scores. NOT_FOUND
// GROUP_NOT_FOUND with those there are.
absl::StatusOr<std::vector<Difference>> CompareGroups(const v1::SummarizeRecordsResponse& response,
                                                      const std::string& a, const std::string& b);

// A table, and in words what it says.
void PrintDifferences(const Output& out, const std::string& a, const std::string& b,
                      const std::vector<Difference>& differences);
json::object DifferencesJson(const std::string& a, const std::string& b,
                             const std::vector<Difference>& differences);

}  // namespace colophon
