#include "service/template/render/limits.h"

#include <utility>

#include "fmt/format.h"

namespace colophon::render {

bool IsOutOfSteps(const absl::Status& status) {
  return ReasonOf(status) == "RENDER_LIMIT" && MetadataOf(status)["limit"] == "steps";
}

absl::Status LimitError(const std::string& limit, std::string_view place, std::string_view fact,
                        ErrorMetadata metadata) {
  metadata["limit"] = limit;
  return ResourceExhausted(
      "RENDER_LIMIT",
      fmt::format("{}{}rendering stopped: {}", place, place.empty() ? "" : ": ", fact),
      std::move(metadata));
}

absl::Status WorkError(const Work& work, const Limits& limits, std::string_view place,
                       ErrorMetadata metadata) {
  if (work.stopped()) {
    return Error(absl::StatusCode::kCancelled, "CANCELLED",
                 "the rendering was stopped: nobody waits for it any more");
  }
  return LimitError("steps", place,
                    fmt::format("it took more than {} steps: shorten the lists that it walks and "
                                "the values that it repeats",
                                limits.steps),
                    std::move(metadata));
}

}  // namespace colophon::render
