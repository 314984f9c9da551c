#pragma once

// The Connect protocol's words (https://connectrpc.com/docs/protocol): content types,
// codes, errors, envelopes. Only this file knows HTTP statuses of errors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "service/base/status.h"

namespace colophon {

// How messages are written, and whether in envelopes as streams have them.
struct ConnectFormat {
  bool is_json = false;
  bool is_stream = false;

  // "application/json; charset=utf-8". nullopt: none of the protocol's.
  static std::optional<ConnectFormat> OfContentType(std::string_view content_type);
  // "application/connect+proto"
  std::string_view content_type() const;
};

// "invalid_argument"
std::string_view ConnectCodeOf(absl::StatusCode code);
// 400
int HttpStatusOf(absl::StatusCode code);

// The JSON of an error: code, message, details.
std::string ConnectError(const absl::Status& status);

// The JSON that ends a stream.
std::string ConnectEndOfStream(const absl::Status& status);

// A message in an envelope: u8 flags, u32 big-endian length, bytes. Flag 2: the end.
std::string Envelope(std::string_view bytes, bool is_end = false);
// What the only envelope of a body holds. INVALID_ARGUMENT BAD_REQUEST.
absl::StatusOr<std::string> OpenEnvelope(std::string_view body);

// Of the request. A field that the message doesn't have is refused by its name.
// INVALID_ARGUMENT BAD_REQUEST.
absl::Status ReadMessage(std::string_view bytes, bool is_json, google::protobuf::Message* message);
absl::StatusOr<std::string> WriteMessage(const google::protobuf::Message& message, bool is_json);

// "Connect-Timeout-Ms": 1 to 10 digits. nullopt when it is none.
std::optional<absl::Duration> ReadTimeout(std::string_view text);

}  // namespace colophon
