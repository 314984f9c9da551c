#include "service/rpc/message.h"

#include <string>
#include <vector>

#include "fmt/format.h"
#include "google/protobuf/io/coded_stream.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "service/api/message_problem.h"
#include "service/api/request_message.h"

namespace colophon {
namespace {

using google::protobuf::io::CodedInputStream;

// A piece of a rope as a slice: what is short is copied, what is long keeps the rope.
grpc::Slice SliceOf(absl::string_view chunk, const absl::Cord& rope) {
  constexpr size_t kMinSharedBytes = 512;
  if (chunk.size() < kMinSharedBytes) return {chunk.data(), chunk.size()};
  return {const_cast<char*>(chunk.data()), chunk.size(),
          [](void* owner) { delete static_cast<absl::Cord*>(owner); }, new absl::Cord(rope)};
}

void ShareBytes(const absl::Cord& rope, grpc::ByteBuffer* bytes) {
  std::vector<grpc::Slice> slices;
  slices.reserve(4);
  for (const absl::string_view chunk : rope.Chunks()) slices.push_back(SliceOf(chunk, rope));
  grpc::ByteBuffer(slices.data(), slices.size()).Swap(bytes);
}

}  // namespace

absl::Status CheckRequest(const grpc::ByteBuffer& bytes, int64_t limit) {
  if (!bytes.Valid()) {
    return absl::CancelledError("the caller ended the call without a request");
  }
  const auto size = static_cast<int64_t>(bytes.Length());
  if (size <= limit) return absl::OkStatus();
  return ResourceExhausted(
      "MESSAGE_TOO_LARGE",
      fmt::format("the request has {} bytes, and {} is the limit by max_message_bytes of the "
                  "server's configuration: send less at once",
                  size, limit),
      {{"size_bytes", fmt::to_string(size)}, {"limit_bytes", fmt::to_string(limit)}});
}

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    CodedInputStream input(slice.begin(), static_cast<int>(slice.size()));
    if (ParseBounded(&input, message)) return absl::OkStatus();
  } else {
    grpc::ByteBuffer copy(bytes);  // Shares the bytes.
    grpc::ProtoBufferReader reader(&copy);
    CodedInputStream input(&reader);
    if (reader.status().ok() && ParseBounded(&input, message)) return absl::OkStatus();
  }
  if (!bytes.DumpToSingleSlice(&slice).ok()) {
    return Internal("the request can't be read from gRPC's buffer");
  }
  return ProblemOfMessage({reinterpret_cast<const char*>(slice.begin()), slice.size()},
                          *message->GetDescriptor(), kMaxNesting);
}

absl::Status SerializeAnswer(const Answer& answer, grpc::ByteBuffer* bytes) {
  const size_t size = answer.ByteSize();
  if (size > kMaxAnswerBytes) {
    return ResourceExhausted("ANSWER_TOO_LARGE",
                             fmt::format("the answer has {} bytes, and {} is the limit: ask for "
                                         "less at once",
                                         size, kMaxAnswerBytes));
  }
  if (answer.message() == nullptr) {
    ShareBytes(answer.bytes(), bytes);
    return absl::OkStatus();
  }
  const grpc::Slice slice(size);
  answer.message()->SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  grpc::ByteBuffer(&slice, 1).Swap(bytes);
  return absl::OkStatus();
}

}  // namespace colophon
