#pragma once

#include <memory>

#include "service/http/dialect.h"
#include "service/shape/shape.h"

namespace colophon {

// Anthropic's shape of CountTokens: the request is the one of a call.
class CountDialect final : public Dialect {
 public:
  explicit CountDialect(std::unique_ptr<shape::Shape> shape) : shape_(std::move(shape)) {}

  bool is_stream() const override { return false; }
  std::string_view content_type() const override { return "application/json"; }
  absl::Status Read(google::protobuf::Message* request) override;
  absl::StatusOr<std::string> Write(const Answer& answer) override;
  std::string WriteEnd(const absl::Status&) override { return ""; }
  bool fails_within_stream() const override { return false; }
  std::vector<std::pair<std::string_view, std::string>> headers() const override;

 private:
  const std::unique_ptr<shape::Shape> shape_;
  std::string version_;
  std::string commit_;
};

}  // namespace colophon
