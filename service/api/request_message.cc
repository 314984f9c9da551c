#include "service/api/request_message.h"

#include "service/api/message_problem.h"

namespace colophon {

using google::protobuf::io::CodedInputStream;

bool ParseBounded(CodedInputStream* input, google::protobuf::Message* message) {
  input->SetRecursionLimit(kMaxNesting);
  return message->ParseFromCodedStream(input) && input->ConsumedEntireMessage();
}

absl::Status ParseRequestBytes(std::string_view bytes, google::protobuf::Message* message) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                         static_cast<int>(bytes.size()));
  if (ParseBounded(&input, message)) return absl::OkStatus();
  return ProblemOfMessage(bytes, *message->GetDescriptor(), kMaxNesting);
}

}  // namespace colophon
