#include "service/provider/provider.h"

namespace colophon {

bool IsRetryable(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == "PROVIDER_TIMEOUT") return MetadataOf(status)["limit"] != "total";
  return reason == "PROVIDER_UNREACHABLE" || reason == "PROVIDER_UNAVAILABLE" ||
         reason == "PROVIDER_CUT" || reason == "PROVIDER_THROTTLED";
}

}  // namespace colophon
