#include "service/rpc/message.h"

#include <string>

#include "fmt/format.h"
#include "google/protobuf/io/coded_stream.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "service/rpc/message_problem.h"

namespace colophon {
namespace {

using google::protobuf::io::CodedInputStream;

bool Parse(CodedInputStream* input, google::protobuf::Message* message) {
  input->SetRecursionLimit(kMaxNesting);
  return message->ParseFromCodedStream(input) && input->ConsumedEntireMessage();
}

}  // namespace

absl::Status CheckRequest(const grpc::ByteBuffer& bytes, int64_t limit, std::string_view where) {
  if (!bytes.Valid()) {
    return absl::CancelledError("the caller ended the call without a request");
  }
  const auto size = static_cast<int64_t>(bytes.Length());
  if (size <= limit) return absl::OkStatus();
  return ResourceExhausted(
      "MESSAGE_TOO_LARGE",
      fmt::format("the request has {} bytes, and {} is the limit {}: send less at once", size,
                  limit, where),
      {{"size_bytes", fmt::to_string(size)}, {"limit_bytes", fmt::to_string(limit)}});
}

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok()) {
    CodedInputStream input(slice.begin(), static_cast<int>(slice.size()));
    if (Parse(&input, message)) return absl::OkStatus();
  } else {
    grpc::ByteBuffer copy(bytes);  // Shares the bytes.
    grpc::ProtoBufferReader reader(&copy);
    CodedInputStream input(&reader);
    if (reader.status().ok() && Parse(&input, message)) return absl::OkStatus();
  }
  if (!bytes.DumpToSingleSlice(&slice).ok()) {
    return Internal("the request can't be read from gRPC's buffer");
  }
  return ProblemOfMessage({reinterpret_cast<const char*>(slice.begin()), slice.size()},
                          *message->GetDescriptor(), kMaxNesting);
}

absl::Status SerializeMessage(const google::protobuf::Message& message, grpc::ByteBuffer* bytes) {
  const size_t size = message.ByteSizeLong();
  if (size > kMaxAnswerBytes) {
    return ResourceExhausted("ANSWER_TOO_LARGE",
                             fmt::format("the answer has {} bytes, and {} is the limit: ask for "
                                         "less at once",
                                         size, kMaxAnswerBytes));
  }
  const grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  grpc::ByteBuffer(&slice, 1).Swap(bytes);
  return absl::OkStatus();
}

}  // namespace colophon
