#pragma once

// What a call may cost. Rendering, schema checks and whatever else grows with what
// somebody wrote or sent takes steps from one Work, in proportion to what it
// really does: values looked at, bytes made, copied and compared. So time is
// bounded by steps, whatever the template and the variables, and work that nobody
// waits for any more ends.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "boost/json/value.hpp"
#include "colophon/v1/completion.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/stop_flag.h"

namespace colophon {

class Work {
 public:
  // A step is the price of about 100 ns.
  static constexpr int64_t kBytesPerStep = 32;  // One pass over them.
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max() / 2;

  // `stop` is looked at every so many steps; may be null, and outlives the work.
  explicit Work(int64_t steps, const StopFlag* stop = nullptr)
      : steps_(steps), left_(steps), look_at_(stop == nullptr ? -1 : steps), stop_(stop) {}

  // False when there are no steps left or the work was stopped, then and ever
  // after: whoever hears it returns, with anything.
  bool Spend(int64_t steps = 1) {
    left_ -= steps;
    return left_ > look_at_ || Look();
  }
  static constexpr int64_t OfBytes(size_t bytes) {
    return static_cast<int64_t>(bytes) / kBytesPerStep;
  }
  bool SpendBytes(size_t bytes) { return Spend(OfBytes(bytes)); }

  bool ok() const { return !ended_; }
  // It ended because of its StopFlag, not because it was too much.
  bool stopped() const { return stopped_; }
  int64_t spent() const { return steps_ - left_; }
  int64_t left() const { return ended_ ? 0 : left_; }
  const StopFlag* stop() const { return stop_; }

 private:
  bool Look();

  const int64_t steps_;
  int64_t left_;
  int64_t look_at_;  // What is above it needs no look.
  const StopFlag* const stop_;
  bool ended_ = false;
  bool stopped_ = false;
};

// The price of copying or converting a value, taken as the value is walked, so that
// one that is too large is found out early.
bool SpendOnCopy(const boost::json::value& value, Work* work);
bool SpendOnCopy(const boost::json::object& object, Work* work);
// The price of parsing it.
bool SpendOnJson(std::string_view text, Work* work);
bool SpendOnCopy(const google::protobuf::RepeatedPtrField<v1::Message>& history, Work* work);

}  // namespace colophon
