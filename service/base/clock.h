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
  // The wall's, which people set, forward and back.
  virtual absl::Time Now() = 0;
  // Since some moment that stays the same while the process runs. What a thing
  // took is the difference of two of these.
  virtual absl::Duration Steady() = 0;

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
  absl::Duration Steady() override {
    std::lock_guard lock(mu_);
    return steady_;
  }
  // Time passes.
  void Advance(absl::Duration step) {
    std::lock_guard lock(mu_);
    now_ += step;
    steady_ += step;
  }
  // Somebody sets the wall's clock; no time passes.
  void Set(absl::Time now) {
    std::lock_guard lock(mu_);
    now_ = now;
  }

 private:
  std::mutex mu_;
  // Guarded by mu_.
  absl::Time now_;
  absl::Duration steady_ = absl::ZeroDuration();
};

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

}  // namespace colophon
