#include "service/http/connect_wire.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "service/api/request_message.h"
#include "service/base/json.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

struct Code {
  absl::StatusCode code;
  std::string_view name;
  int http_status;
};

constexpr std::array<Code, 16> kCodes = {{
    {absl::StatusCode::kCancelled, "canceled", 499},
    {absl::StatusCode::kUnknown, "unknown", 500},
    {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    {absl::StatusCode::kNotFound, "not_found", 404},
    {absl::StatusCode::kAlreadyExists, "already_exists", 409},
    {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    {absl::StatusCode::kAborted, "aborted", 409},
    {absl::StatusCode::kOutOfRange, "out_of_range", 400},
    {absl::StatusCode::kUnimplemented, "unimplemented", 501},
    {absl::StatusCode::kInternal, "internal", 500},
    {absl::StatusCode::kUnavailable, "unavailable", 503},
    {absl::StatusCode::kDataLoss, "data_loss", 500},
    {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
}};

const Code& Find(absl::StatusCode code) {
  const auto found =
      std::find_if(kCodes.begin(), kCodes.end(), [code](const Code& c) { return c.code == code; });
  return found == kCodes.end() ? kCodes[1] : *found;
}

// Without padding, as the protocol has it.
std::string Base64(const std::string& bytes) {
  std::string text;
  absl::Base64Escape(bytes, &text);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// For people: a detail as JSON, when its type is known here.
std::optional<json::value> DebugOf(std::string_view type, const std::string& bytes) {
  const auto* const descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(type));
  if (descriptor == nullptr) return std::nullopt;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!message->ParseFromString(bytes)) return std::nullopt;
  const absl::StatusOr<std::string> text = WriteMessage(*message, true);
  if (!text.ok()) return std::nullopt;
  absl::StatusOr<json::value> value = ParseJson(*text);
  return value.ok() ? std::optional(*std::move(value)) : std::nullopt;
}

json::object ErrorObject(const absl::Status& status) {
  json::object error;
  error["code"] = std::string(ConnectCodeOf(status.code()));
  error["message"] = MessageOf(status);
  json::array details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    const std::string type(url.substr(url.rfind('/') + 1));
    const std::string bytes(payload);
    json::object detail{{"type", type}, {"value", Base64(bytes)}};
    if (auto debug = DebugOf(type, bytes)) detail["debug"] = *std::move(debug);
    details.push_back(std::move(detail));
  });
  if (!details.empty()) error["details"] = std::move(details);
  return error;
}

}  // namespace

std::optional<ConnectFormat> ConnectFormat::OfContentType(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  absl::StripAsciiWhitespace(&type);
  absl::AsciiStrToLower(&type);
  // What curl says of -d. A page may send it without being asked for leave, but not
  // without its origin.
  if (type == "application/x-www-form-urlencoded") return ConnectFormat{.is_json = true};
  for (const bool is_json : {true, false}) {
    for (const bool is_stream : {true, false}) {
      const ConnectFormat format{.is_json = is_json, .is_stream = is_stream};
      if (type == format.content_type()) return format;
    }
  }
  return std::nullopt;
}

std::string_view ConnectFormat::content_type() const {
  if (is_stream) return is_json ? "application/connect+json" : "application/connect+proto";
  return is_json ? "application/json" : "application/proto";
}

std::string_view ConnectCodeOf(absl::StatusCode code) { return Find(code).name; }
int HttpStatusOf(absl::StatusCode code) { return Find(code).http_status; }

std::string ConnectError(const absl::Status& status) { return WriteJson(ErrorObject(status)); }

std::string ConnectEndOfStream(const absl::Status& status) {
  if (status.ok()) return "{}";
  return WriteJson(json::object{{"error", ErrorObject(status)}});
}

std::string Envelope(std::string_view bytes, bool is_end) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string envelope;
  envelope.reserve(bytes.size() + 5);
  envelope += is_end ? '\x02' : '\x00';
  for (const int shift : {24, 16, 8, 0}) envelope += static_cast<char>(size >> shift & 0xff);
  envelope += bytes;
  return envelope;
}

absl::StatusOr<std::string> OpenEnvelope(std::string_view body) {
  constexpr size_t kHead = 5;
  if (body.size() < kHead) {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("the body has {} bytes: send one message in an envelope, a "
                                       "byte of flags, 4 of length and the message",
                                       body.size()));
  }
  if (body[0] != 0) {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("the envelope's flags are {}: send one message that isn't "
                                       "compressed, flags 0",
                                       static_cast<int>(body[0])));
  }
  uint32_t size = 0;
  for (size_t i = 1; i < kHead; ++i) size = size << 8 | static_cast<unsigned char>(body[i]);
  if (body.size() - kHead != size) {
    return InvalidArgument("BAD_REQUEST",
                           fmt::format("the envelope says {} bytes and {} follow: send exactly one "
                                       "message",
                                       size, body.size() - kHead));
  }
  return std::string(body.substr(kHead));
}

absl::Status ReadMessage(std::string_view bytes, bool is_json, google::protobuf::Message* message) {
  if (!is_json) return ParseRequestBytes(bytes, message);
  if (bytes.empty()) return absl::OkStatus();
  google::protobuf::util::JsonParseOptions options;
  options.case_insensitive_enum_parsing = true;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({bytes.data(), bytes.size()}, message, options);
  // By the same rules as bytes: what JSON may nest, others must be able to read back.
  if (parsed.ok()) return ParseRequestBytes(message->SerializeAsString(), message);
  return InvalidArgument("BAD_REQUEST",
                         fmt::format("the body is no {}: {}", message->GetDescriptor()->full_name(),
                                     std::string(parsed.message())));
}

absl::StatusOr<std::string> WriteMessage(const google::protobuf::Message& message, bool is_json) {
  if (!is_json) return message.SerializeAsString();
  std::string text;
  const auto written = google::protobuf::util::MessageToJsonString(message, &text);
  if (written.ok()) return text;
  return Internal(fmt::format("{} can't be written as JSON: {}",
                              message.GetDescriptor()->full_name(),
                              std::string(written.message())));
}

std::optional<absl::Duration> ReadTimeout(std::string_view text) {
  constexpr size_t kMaxDigits = 10;
  int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > kMaxDigits ||
      text[0] == '-') {
    return std::nullopt;
  }
  return absl::Milliseconds(milliseconds);
}

}  // namespace colophon
