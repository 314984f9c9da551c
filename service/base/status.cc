#include "service/base/status.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"

namespace colophon {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";

template <class Message>
std::optional<Message> PayloadOf(const absl::Status& status, const char* url) {
  auto payload = status.GetPayload(url);
  Message message;
  if (!payload || !message.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return message;
}

}  // namespace

absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message,
                   ErrorMetadata metadata) {
  absl::Status status(code, absl::string_view(message.data(), message.size()));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("colophon");
  for (auto& entry : metadata) (*info.mutable_metadata())[entry.first] = std::move(entry.second);
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status InvalidArgument(std::string_view reason, std::string_view message,
                             ErrorMetadata metadata) {
  return Error(absl::StatusCode::kInvalidArgument, reason, message, std::move(metadata));
}
absl::Status NotFound(std::string_view reason, std::string_view message, ErrorMetadata metadata) {
  return Error(absl::StatusCode::kNotFound, reason, message, std::move(metadata));
}
absl::Status Aborted(std::string_view reason, std::string_view message, ErrorMetadata metadata) {
  return Error(absl::StatusCode::kAborted, reason, message, std::move(metadata));
}
absl::Status FailedPrecondition(std::string_view reason, std::string_view message,
                                ErrorMetadata metadata) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message, std::move(metadata));
}
absl::Status ResourceExhausted(std::string_view reason, std::string_view message,
                               ErrorMetadata metadata) {
  return Error(absl::StatusCode::kResourceExhausted, reason, message, std::move(metadata));
}
absl::Status Unavailable(std::string_view reason, std::string_view message,
                         ErrorMetadata metadata) {
  return Error(absl::StatusCode::kUnavailable, reason, message, std::move(metadata));
}
absl::Status DataLoss(std::string_view reason, std::string_view message, ErrorMetadata metadata) {
  return Error(absl::StatusCode::kDataLoss, reason, message, std::move(metadata));
}
absl::Status Internal(std::string_view message) {
  return Error(absl::StatusCode::kInternal, "BUG", message);
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(delay - absl::Seconds(absl::ToInt64Seconds(delay)))));
  status.SetPayload(kRetryInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  auto info = PayloadOf<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : "";
}

ErrorMetadata MetadataOf(const absl::Status& status) {
  auto info = PayloadOf<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (!info) return {};
  return {info->metadata().begin(), info->metadata().end()};
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  auto info = PayloadOf<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  if (!info) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

}  // namespace colophon
