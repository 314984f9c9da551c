#pragma once

// What one rendering may take, and the errors that end it.

#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/status.h"
#include "service/base/stop_flag.h"
#include "service/base/work.h"
#include "service/template/syntax/ast.h"

namespace colophon::render {

struct Limits {
  int depth = syntax::kMaxDepth;   // Of blocks and partials while rendering.
  int64_t steps = 5'000'000;       // Of Work: all that a call costs, about 100 ns each.
  int64_t output_bytes = 8 << 20;  // Of text, media and history in all.
  // Ends the rendering with CANCELLED when it is stopped. Outlives it.
  const StopFlag* stop = nullptr;
};

// What may be rendered where nothing else waits for longer than a millisecond: on an
// event loop. A call that it isn't enough for is rendered again elsewhere, with all
// of Limits.
inline Limits BriefLimits(const StopFlag* stop = nullptr) {
  Limits limits;
  limits.steps = 10'000;
  limits.stop = stop;
  return limits;
}

// The error of a call that took more steps than its limits have: with more, it may
// be rendered.
bool IsOutOfSteps(const absl::Status& status);

// What ends a rendering: RESOURCE_EXHAUSTED RENDER_LIMIT with the limit's name in
// its metadata, CANCELLED CANCELLED. `place` may be empty.
absl::Status LimitError(const std::string& limit, std::string_view place, std::string_view fact,
                        ErrorMetadata metadata);
absl::Status WorkError(const Work& work, const Limits& limits, std::string_view place,
                       ErrorMetadata metadata);

}  // namespace colophon::render
