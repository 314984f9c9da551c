#include "service/shape/error_body.h"

#include "service/base/json.h"

namespace colophon::shape {
namespace {

// The types that SDKs and apps tell apart, which are nearly the same in both APIs.
std::string_view TypeOf(Api api, absl::StatusCode code) {
  const bool is_openai = api == Api::kOpenAi;
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kCancelled:
      return "invalid_request_error";
    case absl::StatusCode::kUnauthenticated:
      return "authentication_error";
    case absl::StatusCode::kPermissionDenied:
      return "permission_error";
    case absl::StatusCode::kNotFound:
      return is_openai ? "invalid_request_error" : "not_found_error";
    case absl::StatusCode::kResourceExhausted:
      return "rate_limit_error";
    case absl::StatusCode::kUnavailable:
      return is_openai ? "server_error" : "overloaded_error";
    case absl::StatusCode::kDeadlineExceeded:
      return is_openai ? "server_error" : "timeout_error";
    default:
      return is_openai ? "server_error" : "api_error";
  }
}

}  // namespace

std::string WriteError(Api api, const absl::Status& status) {
  const std::string_view type = TypeOf(api, status.code());
  const ErrorMetadata metadata = MetadataOf(status);
  const auto field = metadata.find("field");
  json::object error{{"type", json::string_view(type.data(), type.size())},
                     {"message", MessageOf(status)},
                     {"code", ReasonOf(status)},
                     {"param", nullptr}};
  if (field != metadata.end()) error["param"] = field->second;
  if (api == Api::kOpenAi) return WriteJson(json::object{{"error", std::move(error)}});
  return WriteJson(json::object{{"type", "error"}, {"error", std::move(error)}});
}

}  // namespace colophon::shape
