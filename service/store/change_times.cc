#include "service/store/change_times.h"

namespace colophon {
namespace {

// Changes with growing times, both ends among them.
struct Run {
  int64_t first;
  int64_t last;

  bool empty() const { return first > last; }
};

// The first change of the run that was made after `time`; the one after its last
// when none was.
absl::StatusOr<int64_t> FirstAfter(const Run& run, absl::Time time, const TimeOfChange& time_of) {
  int64_t begin = run.first, end = run.last + 1;
  while (begin < end) {
    // Most runs are asked for times beyond them: the last one is looked at first.
    const int64_t middle = end == run.last + 1 ? run.last : begin + (end - begin) / 2;
    ASSIGN_OR_RETURN(const absl::Time made, time_of(middle));
    if (made <= time) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

// The changes with right times, so far: runs of them, the times of which grow from
// one to the next too.
class RightTimes {
 public:
  explicit RightTimes(const TimeOfChange& time_of) : time_of_(time_of) {}

  // `run` follows on all that was added before.
  absl::Status Add(Run run, absl::Time now) {
    ASSIGN_OR_RETURN(const int64_t future, FirstAfter(run, now, time_of_));
    run.last = future - 1;
    if (run.empty()) return absl::OkStatus();
    if (!runs_.empty()) RETURN_IF_ERROR(Settle(&run));
    if (!run.empty()) runs_.push_back(run);
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Find(absl::Time time, int64_t newest) const {
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
      ASSIGN_OR_RETURN(const int64_t after, FirstAfter(*run, time, time_of_));
      if (after == run->first) continue;
      const bool is_last = run == runs_.rbegin() && after > run->last;
      return is_last ? newest : after - 1;
    }
    return runs_.empty() ? newest : 0;
  }

 private:
  // Takes the wrong times off the end of what there is, or off the run's beginning.
  absl::Status Settle(Run* run) {
    ASSIGN_OR_RETURN(const absl::Time end, time_of_(runs_.back().last));
    ASSIGN_OR_RETURN(const absl::Time begin, time_of_(run->first));
    if (end <= begin) return absl::OkStatus();
    std::vector<Run> without;
    int64_t later = 0;  // Changes before the step with a later time than it.
    for (auto old = runs_.rbegin(); old != runs_.rend(); ++old) {
      ASSIGN_OR_RETURN(const int64_t after, FirstAfter(*old, begin, time_of_));
      later += old->last - after + 1;
      if (after == old->first) continue;
      without.assign(runs_.begin(), old.base());
      without.back().last = after - 1;
      break;
    }
    ASSIGN_OR_RETURN(const int64_t caught_up,
                     FirstAfter(*run, end - absl::Nanoseconds(1), time_of_));
    const int64_t earlier = caught_up - run->first;
    if (later <= earlier) {
      runs_ = std::move(without);
    } else {
      run->first = caught_up;
    }
    return absl::OkStatus();
  }

  const TimeOfChange& time_of_;
  std::vector<Run> runs_;
};

}  // namespace

absl::StatusOr<int64_t> FindSequenceAt(absl::Time time, absl::Time now, int64_t newest,
                                       const std::vector<int64_t>& steps_back,
                                       const TimeOfChange& time_of) {
  RightTimes right(time_of);
  int64_t first = 1;
  for (const int64_t step : steps_back) {
    RETURN_IF_ERROR(right.Add({first, step - 1}, now));
    first = step;
  }
  RETURN_IF_ERROR(right.Add({first, newest}, now));
  return right.Find(time, newest);
}

}  // namespace colophon
