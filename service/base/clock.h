#pragma once

#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace colophon {

// Where the time comes from, so that tests can say what time it is.
//
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;

  // The system's.
  static Clock* Real();
};

// Moves when told.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'800'000'000)) : now_(start) {}

  absl::Time Now() override {
    std::lock_guard lock(mu_);
    return now_;
  }
  void Advance(absl::Duration step) {
    std::lock_guard lock(mu_);
    now_ += step;
  }

 private:
  std::mutex mu_;
  absl::Time now_;  // Guarded by mu_.
};

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

}  // namespace colophon
