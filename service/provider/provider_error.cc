#include "service/provider/provider_error.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "boost/json/stream_parser.hpp"
#include "fmt/format.h"
#include "service/provider/json_fields.h"

namespace colophon {
namespace {

constexpr absl::Duration kLongestRetryDelay = absl::Seconds(60);
constexpr size_t kMaxDepth = 512;  // ParseJson's.

// The words that OpenAI, Anthropic and compatible servers use in `type` and
// `code`, as the HTTP status that the same error has when it comes before an
// answer.
struct ErrorWord {
  std::string_view word;
  int status;
};
constexpr ErrorWord kErrorWords[] = {
    {"invalid_request_error", 400},
    {"not_found_error", 404},
    {"request_too_large", 413},
    {"context_length_exceeded", 400},
    {"authentication_error", 401},
    {"invalid_api_key", 401},
    {"billing_error", 402},
    {"permission_error", 403},
    {"rate_limit_error", 429},
    {"rate_limit_exceeded", 429},
    {"insufficient_quota", 429},
    {"requests", 429},  // OpenAI's limits: requests or tokens a minute.
    {"tokens", 429},
    {"api_error", 500},
    {"server_error", 500},
    {"timeout_error", 504},
    {"overloaded_error", 529},
};

int StatusOfWord(std::string_view word) {
  for (const ErrorWord& known : kErrorWords) {
    if (known.word == word) return known.status;
  }
  int status = 0;
  const auto end = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool is_status = end.ec == std::errc() && end.ptr == word.data() + word.size() &&
                         status >= 400 && status < 600;
  return is_status ? status : 0;
}

absl::Status StatusOfCode(int status, std::string_view message) {
  switch (status) {
    case 401:
    case 402:
    case 403:
      return FailedPrecondition(
          "PROVIDER_KEY_REJECTED",
          fmt::format("refuses this service's key or account ({}): {}", status, message));
    case 429:
      return ResourceExhausted("PROVIDER_THROTTLED",
                               fmt::format("limits our rate ({}): {}", status, message));
    case 408:
    case 409:
    case 425:
      return Unavailable("PROVIDER_UNAVAILABLE",
                         fmt::format("can't answer now ({}): {}", status, message));
    default:
      break;
  }
  if (status >= 400 && status < 500) {
    return InvalidArgument("PROVIDER_REJECTED",
                           fmt::format("rejects the request ({}): {}", status, message));
  }
  return Unavailable("PROVIDER_UNAVAILABLE", fmt::format("failed ({}): {}", status, message));
}

std::string FieldAsText(const json::object& object, std::string_view key) {
  const json::value* value = FieldOf(object, key);
  if (value == nullptr) return "";
  return value->is_string() ? TextOf(object, key) : WriteJson(*value);
}

// As much of a body as tells what it is.
std::string_view Beginning(std::string_view body) {
  constexpr size_t kBytes = 200;
  return body.substr(0, kBytes);
}

// 1*DIGIT [ "." 1*DIGIT ]; none of C's other forms: nan, inf, 0x10, 1e400.
std::optional<double> DecimalOf(std::string_view text) {
  const auto is_digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
  };
  const size_t point = text.find('.');
  if (!is_digits(text.substr(0, point))) return std::nullopt;
  if (point != text.npos && !is_digits(text.substr(point + 1))) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::max();
  return number;
}

std::optional<absl::Time> HttpDate(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, absl::UTCTimeZone(), &time, &error)) {
    return std::nullopt;
  }
  return time;
}

}  // namespace

std::optional<ApiError> FindApiError(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return std::nullopt;
  if (const json::object* error = ObjectOf(*object, "error")) {
    return ApiError{.type = TextOf(*error, "type"),
                    .code = FieldAsText(*error, "code"),
                    .message = FieldAsText(*error, "message")};
  }
  if (FieldOf(*object, "error") != nullptr) {
    return ApiError{.type = "", .code = "", .message = FieldAsText(*object, "error")};
  }
  // A completion has none of these at its top.
  for (const std::string_view key : {"message", "detail"}) {
    if (FieldOf(*object, key) != nullptr) {
      return ApiError{.type = TextOf(*object, "type"),
                      .code = FieldAsText(*object, "code"),
                      .message = FieldAsText(*object, key)};
    }
  }
  return std::nullopt;
}

absl::Status StatusOfAnswer(const HttpHead& head, std::string_view body) {
  if (head.status / 100 == 3) {
    return Malformed(
        fmt::format("answers with a redirect ({}) to \"{}\", and redirects aren't "
                    "followed: set base_url to where the API is",
                    head.status, head.Header("location")));
  }
  if (head.status < 400) {
    return Malformed(fmt::format("answers with the unexpected status {}", head.status));
  }
  std::string message;
  if (absl::StatusOr<json::value> value = ParseJson(body); value.ok()) {
    if (std::optional<ApiError> error = FindApiError(*value)) message = error->message;
  }
  if (message.empty()) message = Beginning(body);
  absl::Status status = StatusOfCode(head.status, message);
  const std::optional<absl::Duration> delay = RetryDelayOf(head);
  const bool comes_back = status.code() == absl::StatusCode::kResourceExhausted ||
                          status.code() == absl::StatusCode::kUnavailable;
  return delay && comes_back ? WithRetryDelay(std::move(status), *delay) : status;
}

absl::Status StatusOfApiError(const ApiError& error) {
  // The code is the narrower of the two: type "requests" has the code
  // "rate_limit_exceeded".
  int status = StatusOfWord(error.code);
  if (status == 0) status = StatusOfWord(error.type);
  return StatusOfCode(status == 0 ? 500 : status, error.message);
}

std::optional<absl::Duration> RetryDelayOf(const HttpHead& head) {
  std::optional<absl::Duration> delay;
  const std::string after = head.Header("retry-after");
  if (const auto milliseconds = DecimalOf(head.Header("retry-after-ms"))) {
    delay = absl::Milliseconds(*milliseconds);
  } else if (const auto seconds = DecimalOf(after)) {
    delay = absl::Seconds(*seconds);
  } else if (const std::optional<absl::Time> at = HttpDate(after)) {
    // Against the server's own clock, when it tells.
    delay = *at - HttpDate(head.Header("date")).value_or(absl::Now());
  }
  if (!delay) return std::nullopt;
  return std::clamp(*delay, absl::ZeroDuration(), kLongestRetryDelay);
}

absl::Status LimitPassed(std::string_view limit, absl::Duration after, std::string_view what) {
  return Error(absl::StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT",
               fmt::format("{} within {} (limit \"{}\"); try again, or raise the limit", what,
                           std::string(absl::FormatDuration(after)), limit),
               {{"limit", std::string(limit)}});
}

absl::Status TooMuch(std::string_view what, int64_t limit) {
  return ResourceExhausted("PROVIDER_TOO_LARGE",
                           fmt::format("sends an answer whose {} is over the limit of {} bytes{}",
                                       what, limit, what == "body" ? " (max_response_bytes)" : ""));
}

absl::Status NotJson(std::string_view what, std::string_view body) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::stream_parser parser({}, options);
  parser.write(body.data(), body.size(), error);
  if (error == json::error::too_deep) {
    return Malformed(fmt::format("answers with JSON nested deeper than {} levels", kMaxDepth),
                     body);
  }
  if (!error && !parser.done() && !body.empty()) {
    return Unavailable(
        "PROVIDER_CUT",
        fmt::format("broke off in the middle of its JSON, after {} bytes", body.size()));
  }
  return Malformed(what, body);
}

absl::Status BadEvent(const absl::Status& why, std::string_view data) {
  return Malformed(fmt::format("sends an event that can't be read: {}", MessageOf(why)), data);
}

absl::Status Malformed(std::string_view what, std::string_view body) {
  std::string message(what);
  if (!body.empty()) message += fmt::format("; it begins \"{}\"", Beginning(body));
  return Unavailable("PROVIDER_MALFORMED", message);
}

}  // namespace colophon
