#pragma once

// Which change was the newest at a time, though the wall's clock was wrong at times.
// The same in every implementation of Store.

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"

namespace colophon {

// Changes count in the order they were made in; a change's time is what the wall's
// clock said then. It mostly grows. Where it is before the time of the change before,
// the clock *stepped back*. By these rules a clock that was wrong by years spoils the
// answers for the time in which it was wrong, and no others; one that was wrong by
// hours at most those from what was to what it said, and to the next change:
//
// - A time after `now` is wrong: no change was made then yet.
// - Of two sides that a step back sets against each other, the changes before it
//   with a later time than it and those after it with an earlier time than the one
//   before it, the smaller one is wrong; the one before it when both are as large,
//   for clocks are set by who saw that they were wrong.
// - At `time` the newest change was the newest one with a right time up to `time`.
//   Those with wrong times that follow it came at some time before the next one with
//   a right time; when there is no such next one yet, they count from it on, so that
//   the answer for `now` is always the newest change of all.
//
// `steps_back` are the changes before which the clock stepped back, sorted; between
// them a binary search finds its way. 0: none was made yet.
using TimeOfChange = std::function<absl::StatusOr<absl::Time>(int64_t sequence)>;
absl::StatusOr<int64_t> FindSequenceAt(absl::Time time, absl::Time now, int64_t newest,
                                       const std::vector<int64_t>& steps_back,
                                       const TimeOfChange& time_of);

}  // namespace colophon
