#pragma once

#include "service/base/clock.h"

namespace colophon {

// The wall's time when it was made, going on by the steady clock: the age of a thing
// is right whoever sets the wall's clock, and a time can still be kept on disk.
//
// Thread-safe.
class AnchoredClock : public Clock {
 public:
  explicit AnchoredClock(Clock* clock)
      : clock_(clock), wall_(clock->Now()), steady_(clock->Steady()) {}

  absl::Time Now() override { return wall_ + (clock_->Steady() - steady_); }
  absl::Duration Steady() override { return clock_->Steady(); }

 private:
  Clock* const clock_;
  const absl::Time wall_;
  const absl::Duration steady_;
};

}  // namespace colophon
