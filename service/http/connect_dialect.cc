#include "service/http/connect_dialect.h"

#include <memory>

namespace colophon {

absl::Status ConnectDialect::Read(google::protobuf::Message* request) {
  const std::string body = std::exchange(body_, {});
  return ReadMessage(body, format_.is_json, request);
}

absl::StatusOr<std::string> ConnectDialect::Write(const Answer& answer) {
  ASSIGN_OR_RETURN(std::string bytes, WriteBare(answer));
  return format_.is_stream ? Envelope(bytes) : std::move(bytes);
}

std::string ConnectDialect::WriteEnd(const absl::Status& status) {
  return Envelope(ConnectEndOfStream(status), true);
}

absl::StatusOr<std::string> ConnectDialect::WriteBare(const Answer& answer) const {
  if (answer.message() != nullptr) return WriteMessage(*answer.message(), format_.is_json);
  std::string bytes(answer.bytes());
  if (!format_.is_json) return bytes;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method_.descriptor->output_type())
          ->New());
  if (!message->ParseFromString(bytes)) return Internal("an answer can't be read again");
  return WriteMessage(*message, true);
}

}  // namespace colophon
