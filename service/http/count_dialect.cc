#include "service/http/count_dialect.h"

#include "colophon/v1/completion.pb.h"
#include "google/protobuf/message.h"
#include "service/base/json.h"

namespace colophon {

using google::protobuf::DynamicCastToGenerated;

absl::Status CountDialect::Read(google::protobuf::Message* request) {
  if (shape_->is_stream()) {
    return InvalidArgument("UNSUPPORTED", "stream can't be taken: a count is one answer",
                           {{"field", "stream"}});
  }
  return shape_->Read(DynamicCastToGenerated<v1::CountTokensRequest>(request)->mutable_call());
}

absl::StatusOr<std::string> CountDialect::Write(const Answer& answer) {
  const auto* const count = DynamicCastToGenerated<v1::CountTokensResponse>(answer.message());
  if (count == nullptr) return Internal("a count answered what is none");
  version_ = count->version();
  commit_ = count->commit();
  return WriteJson(json::object{{"input_tokens", count->input_tokens()}});
}

std::vector<std::pair<std::string_view, std::string>> CountDialect::headers() const {
  if (version_.empty()) return {};
  return {{"colophon-version", version_}, {"colophon-commit", commit_}};
}

}  // namespace colophon
