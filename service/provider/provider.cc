#include "service/provider/provider.h"

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {

absl::StatusOr<std::string> Provider::EncodeCount(const v1::Rendered&,
                                                  std::string_view model) const {
  return InvalidArgument("UNSUPPORTED",
                         fmt::format("the API that has {} doesn't count tokens before a call; "
                                     "records have what was used",
                                     Quoted(model)));
}

bool IsRetryable(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == "PROVIDER_TIMEOUT") return MetadataOf(status)["limit"] != "total";
  return reason == "PROVIDER_UNREACHABLE" || reason == "PROVIDER_UNAVAILABLE" ||
         reason == "PROVIDER_CUT" || reason == "PROVIDER_THROTTLED";
}

}  // namespace colophon
