#pragma once

// Errors: absl::Status with a stable reason for programs (google.rpc.ErrorInfo,
// AIP-193) and a message for people that says the fact, the value and what to
// do. rpc/status is the only file that turns them into gRPC's.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace colophon {

using ErrorMetadata = std::map<std::string, std::string>;

// `reason` is upper case, "STALE_BASE".
absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message,
                   ErrorMetadata metadata = {});

absl::Status InvalidArgument(std::string_view reason, std::string_view message,
                             ErrorMetadata metadata = {});
absl::Status NotFound(std::string_view reason, std::string_view message,
                      ErrorMetadata metadata = {});
absl::Status Aborted(std::string_view reason, std::string_view message,
                     ErrorMetadata metadata = {});
absl::Status FailedPrecondition(std::string_view reason, std::string_view message,
                                ErrorMetadata metadata = {});
absl::Status ResourceExhausted(std::string_view reason, std::string_view message,
                               ErrorMetadata metadata = {});
absl::Status Unavailable(std::string_view reason, std::string_view message,
                         ErrorMetadata metadata = {});
absl::Status DataLoss(std::string_view reason, std::string_view message,
                      ErrorMetadata metadata = {});
absl::Status Internal(std::string_view message);

// Adds google.rpc.RetryInfo.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// "" when the status has none.
std::string ReasonOf(const absl::Status& status);
ErrorMetadata MetadataOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);
// std's string, because Debian's absl::string_view is not std::string_view.
std::string MessageOf(const absl::Status& status);

}  // namespace colophon

#define COLOPHON_CONCAT_INNER(a, b) a##b
#define COLOPHON_CONCAT(a, b) COLOPHON_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                           \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                         \
    }                                                         \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(COLOPHON_CONCAT(result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return result.status();                     \
  declaration = *std::move(result)
