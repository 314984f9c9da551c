#pragma once

// What providers' failures mean to our callers. The table is ProviderCall::Next's.

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "service/base/json.h"
#include "service/base/status.h"
#include "service/provider/http_call.h"

namespace colophon {

// An error as model APIs write it: {"error": {"type", "code", "message"}}.
struct ApiError {
  std::string type;
  std::string code;
  std::string message;
};

// nullopt when `body` holds no error. Takes the shapes of compatible servers
// too: "error" as text, "message" or "detail" without "error".
std::optional<ApiError> FindApiError(const json::value& body);

// The status of an answer that is not 2xx.
absl::Status StatusOfAnswer(const HttpHead& head, std::string_view body);

// The status of an error that came inside a 2xx answer.
absl::Status StatusOfApiError(const ApiError& error);

// From Retry-After, in seconds (decimal digits, perhaps with a fraction) or as a
// date, or retry-after-ms. Never negative and at most 60 s: callers hold memory while
// they wait. What is neither says nothing.
std::optional<absl::Duration> RetryDelayOf(const HttpHead& head);

// A time limit, `after` which `what` had not happened: PROVIDER_TIMEOUT.
absl::Status LimitPassed(std::string_view limit, absl::Duration after, std::string_view what);

// More bytes than allowed of the "header" or the "body": PROVIDER_TOO_LARGE.
absl::Status TooMuch(std::string_view what, int64_t limit);

// `body` was to be JSON and isn't: PROVIDER_CUT when only its end is missing,
// else Malformed.
absl::Status NotJson(std::string_view what, std::string_view body);

// An event of a stream that isn't JSON: `why` is ParseJson's.
absl::Status BadEvent(const absl::Status& why, std::string_view data);

// What the answer should have been, and how it begins.
absl::Status Malformed(std::string_view what, std::string_view body = {});

}  // namespace colophon
