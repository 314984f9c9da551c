#pragma once

#include <memory>

#include "service/http/dialect.h"
#include "service/shape/shape.h"

namespace colophon {

// Another API's shape of Complete and StreamComplete.
class ShapeDialect final : public Dialect {
 public:
  explicit ShapeDialect(std::unique_ptr<shape::Shape> shape) : shape_(std::move(shape)) {}

  bool is_stream() const override { return shape_->is_stream(); }
  std::string_view content_type() const override;
  absl::Status Read(google::protobuf::Message* request) override;
  absl::StatusOr<std::string> Write(const Answer& answer) override;
  std::string WriteEnd(const absl::Status& status) override;
  // An SDK looks at the HTTP status to know whether to try again.
  bool fails_within_stream() const override { return false; }
  std::vector<std::pair<std::string_view, std::string>> headers() const override;

 private:
  std::string WriteEvent(const v1::StreamCompleteResponse& message);

  const std::unique_ptr<shape::Shape> shape_;
  std::string version_;
  std::string commit_;
};

}  // namespace colophon
