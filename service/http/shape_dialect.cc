#include "service/http/shape_dialect.h"

#include "google/protobuf/message.h"

namespace colophon {

using google::protobuf::DynamicCastToGenerated;

std::string_view ShapeDialect::content_type() const {
  return is_stream() ? "text/event-stream; charset=utf-8" : "application/json";
}

absl::Status ShapeDialect::Read(google::protobuf::Message* request) {
  auto* const streamed = DynamicCastToGenerated<v1::StreamCompleteRequest>(request);
  return shape_->Read(streamed != nullptr ? streamed->mutable_call()
                                          : DynamicCastToGenerated<v1::CompleteRequest>(request));
}

absl::StatusOr<std::string> ShapeDialect::Write(const Answer& answer) {
  if (const auto* const event =
          DynamicCastToGenerated<v1::StreamCompleteResponse>(answer.message())) {
    return WriteEvent(*event);
  }
  const auto* const response = DynamicCastToGenerated<v1::CompleteResponse>(answer.message());
  if (response == nullptr) return Internal("a completion answered what is none");
  version_ = response->version();
  commit_ = response->commit();
  return shape_->WriteAnswer(*response);
}

std::string ShapeDialect::WriteEvent(const v1::StreamCompleteResponse& message) {
  switch (message.event_case()) {
    case v1::StreamCompleteResponse::kStart:
      version_ = message.start().version();
      commit_ = message.start().commit();
      return shape_->WriteStart(message.start());
    case v1::StreamCompleteResponse::kPiece:
      return shape_->WritePiece(message.piece());
    case v1::StreamCompleteResponse::kResponse:
      return shape_->WriteLast(message.response());
    case v1::StreamCompleteResponse::EVENT_NOT_SET:
      break;
  }
  return "";
}

std::string ShapeDialect::WriteEnd(const absl::Status& status) {
  return status.ok() ? "" : shape_->WriteFailure(status);
}

std::vector<std::pair<std::string_view, std::string>> ShapeDialect::headers() const {
  if (version_.empty()) return {};
  return {{"colophon-version", version_}, {"colophon-commit", commit_}};
}

}  // namespace colophon
