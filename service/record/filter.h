#pragma once

// Which records are meant, in the filter language (filter_syntax.h) over these fields:
//
//   prompt           text; `prompt : "support/"`: all that begin so
//   version          number or v12; 0 for drafts
//   commit           at least 7 of its hex digits
//   draft            true or false
//   label, caller, subject, error_reason, model, provider    text
//   tags.NAME        text; `tags : "NAME"`: it has that tag
//   status           ok, open, cancelled, timed_out, cut, unknown; failed: all that ended
//                    and aren't ok; RECORD_STATUS_FAILED: only what the provider refused
//   time             when the call began: a day, a time, or 3d for so long ago
//   latency, first_piece    durations, 2s
//   tokens, input_tokens, output_tokens, pieces, attempts    numbers
//   output_valid, external, stream    true or false
//   variables.PATH   text, number, true, false or null
//   score.NAME       number, true, false or word, of any caller's that stands; `score : "NAME"`:
//                    it has that score
//   output           `output : "words"`
//
// Text is compared as it is; `:` finds it inside, whatever its case. What a record doesn't
// have is equal to nothing; `FIELD : *` holds when it has it. A day is compared as a span:
// `time = 2026-11-24` is in it, `time > 2026-11-24` after it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// What must hold of all that a filter matches, for whoever looks for them by index.
struct FilterBounds {
  std::optional<std::string> prompt;
  std::optional<uint32_t> version;
  std::optional<std::string> label;
  std::optional<std::string> caller;
  std::vector<v1::RecordStatus> statuses;  // One of them; none: any.
  std::optional<absl::Time> start_time;    // At or after.
  std::optional<absl::Time> end_time;      // Before.
};

// Immutable, so it may be shared by threads; cheap to copy.
class Filter {
 public:
  // Matches everything.
  Filter() = default;

  // `now` is what a time such as 3d counts from. INVALID_ARGUMENT BAD_FILTER with the
  // column and what would do.
  static absl::StatusOr<Filter> Parse(std::string_view text, absl::Time now);

  bool Matches(const v1::Record& record) const { return test_ == nullptr || (*test_)(record); }
  const FilterBounds& bounds() const { return bounds_; }

 private:
  std::shared_ptr<const std::function<bool(const v1::Record&)>> test_;
  FilterBounds bounds_;
};

}  // namespace colophon
