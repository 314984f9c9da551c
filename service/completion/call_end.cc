#include "service/completion/call_end.h"

#include <utility>

namespace colophon {

v1::RecordStatus StatusOfEnd(const absl::Status& end, int64_t piece_count) {
  if (end.ok()) return v1::RECORD_STATUS_OK;
  if (end.code() == absl::StatusCode::kCancelled) return v1::RECORD_STATUS_CANCELLED;
  if (end.code() == absl::StatusCode::kDeadlineExceeded) return v1::RECORD_STATUS_TIMED_OUT;
  return piece_count > 0 ? v1::RECORD_STATUS_CUT : v1::RECORD_STATUS_FAILED;
}

absl::Status WithRecord(const absl::Status& status, const std::string& record) {
  ErrorMetadata metadata = MetadataOf(status);
  metadata["record"] = record;
  absl::Status with =
      Error(status.code(), ReasonOf(status), MessageOf(status), std::move(metadata));
  if (auto delay = RetryDelayOf(status)) with = WithRetryDelay(std::move(with), *delay);
  return with;
}

}  // namespace colophon
