#pragma once

#include <map>
#include <string>

#include "colophon/v1/record.pb.h"

namespace colophon {

// What was said of records, added up by its names. Corrected scores don't count.
//
// Not thread-safe.
class ScoreSummaries {
 public:
  void Add(const v1::Record& record);
  // In order of their names. Once.
  void Take(google::protobuf::RepeatedPtrField<v1::ScoreSummary>* summaries);

 private:
  std::map<std::string, v1::ScoreSummary> sums_;
};

}  // namespace colophon
