#pragma once

// Messages on the wire. What protobuf refuses is refused with the fact, the
// field and the limit, which gRPC's own parsing of a request doesn't do.

#include <cstddef>
#include <cstdint>

#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "service/api/answer.h"
#include "service/base/status.h"

namespace colophon {

// Largest answer, in bytes.
inline constexpr size_t kMaxAnswerBytes = 64 << 20;

// RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE for more than max_message_bytes of the
// configuration; CANCELLED when the caller sent none: he took the call back, or ended it at once.
absl::Status CheckRequest(const grpc::ByteBuffer& bytes, int64_t limit);

// INVALID_ARGUMENT TOO_DEEP, BAD_UTF8 with the field; BAD_REQUEST for bytes that
// are no such message.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

// RESOURCE_EXHAUSTED ANSWER_TOO_LARGE. Bytes that are there already are shared, not
// copied. Into `bytes`, because a ByteBuffer can be swapped but not moved: one that is
// returned is copied at every step.
absl::Status SerializeAnswer(const Answer& answer, grpc::ByteBuffer* bytes);

}  // namespace colophon
