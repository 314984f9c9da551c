#include "service/rpc/status.h"

#include <string>
#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/base/json.h"

namespace colophon {
namespace {

// A client takes 8 KiB of metadata by default; the rest is for what gRPC and
// proxies add.
constexpr size_t kTrailerBytes = 7 * 1024;
constexpr std::string_view kCutMark = "…";

// What `size` bytes of grpc-status-details-bin take on the wire, in Base64.
size_t DetailsSize(size_t size) { return (size * 4 + 2) / 3; }

// Thirds of a byte that a byte of a message takes on the wire: once
// percent-encoded in grpc-message, once in the details.
size_t WireThirds(unsigned char byte) {
  return (byte < 0x20 || byte > 0x7e || byte == '%' ? 9 : 3) + 4;
}

// Cuts in whole characters, so that the message takes at most `limit` bytes.
std::string Cut(std::string_view message, size_t limit) {
  limit *= 3;
  size_t total = 0;
  for (unsigned char byte : message) total += WireThirds(byte);
  if (total <= limit) return std::string(message);

  const size_t mark_size = WireThirds('\xe2') * kCutMark.size();
  size_t used = 0;
  size_t end = 0;
  while (end < message.size()) {
    const size_t next = used + WireThirds(message[end]);
    if (next + mark_size > limit) break;
    used = next;
    ++end;
  }
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return std::string(message.substr(0, end)).append(kCutMark);
}

// Bytes that are no UTF-8 become '?': gRPC passes them on and protobuf refuses
// them, so a client would see only a parse error.
std::string ValidUtf8(std::string message) {
  size_t i = 0;
  while (i < message.size()) {
    const auto byte = static_cast<unsigned char>(message[i]);
    const size_t length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (IsUtf8(std::string_view(message).substr(i, length))) {
      i += length;
    } else {
      message[i++] = '?';
    }
  }
  return message;
}

// The reason and the delay; other metadata goes when it is too large to send.
google::rpc::Status Details(const absl::Status& status) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    google::protobuf::Any* detail = details.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  if (DetailsSize(details.ByteSizeLong()) <= kTrailerBytes / 2) return details;

  details.clear_details();
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(status));
  info.set_domain("colophon");
  details.add_details()->PackFrom(info);
  return details;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details = Details(status);
  details.set_message(
      Cut(ValidUtf8(MessageOf(status)), kTrailerBytes - DetailsSize(details.ByteSizeLong())));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                      details.SerializeAsString());
}

}  // namespace colophon
