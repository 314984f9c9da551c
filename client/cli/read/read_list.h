#pragma once

// Which records are read, and in which order.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/cli/record_question.h"
#include "client/cpp/client.h"

namespace colophon {

struct ReadOrder {
  enum class By { kNewest, kLongest, kSlowest, kSample };
  By by = By::kNewest;
  int limit = 0;      // So many at most; 0: all.
  uint64_t seed = 0;  // kSample: of the same seed it is the same sample.
};

// Keeps the first so many of an order, of as many records as are shown to it, the newest
// first.
//
// Not thread-safe.
class ReadList {
 public:
  explicit ReadList(const ReadOrder& order) : order_(order) {}

  void Add(const v1::Record& record);
  // Nothing that follows can be among them.
  bool IsFull() const;
  // Their ids.
  std::vector<std::string> Take() const;

 private:
  double KeyOf(const v1::Record& record) const;

  const ReadOrder order_;
  int64_t shown_ = 0;
  std::map<std::pair<double, int64_t>, std::string> ids_;  // By key, then as they were shown.
};

absl::StatusOr<std::vector<std::string>> PickRecords(const Output& out, const Client& client,
                                                     const AskedRecords& asked,
                                                     const ReadOrder& order);

}  // namespace colophon
