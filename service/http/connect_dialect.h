#pragma once

#include "service/api/method.h"
#include "service/http/connect_wire.h"
#include "service/http/dialect.h"

namespace colophon {

// The Connect protocol. `body` is the message, out of its envelope.
class ConnectDialect final : public Dialect {
 public:
  ConnectDialect(const Method* method, ConnectFormat format, std::string body)
      : method_(*method), format_(format), body_(std::move(body)) {}

  bool is_stream() const override { return format_.is_stream; }
  std::string_view content_type() const override { return format_.content_type(); }
  absl::Status Read(google::protobuf::Message* request) override;
  absl::StatusOr<std::string> Write(const Answer& answer) override;
  std::string WriteEnd(const absl::Status& status) override;
  bool fails_within_stream() const override { return true; }

 private:
  absl::StatusOr<std::string> WriteBare(const Answer& answer) const;

  const Method& method_;
  const ConnectFormat format_;
  std::string body_;
};

}  // namespace colophon
