#pragma once

#include <string_view>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/message.h"
#include "service/base/status.h"

namespace colophon {

// How deep messages of a request may nest, by whichever door they come. Protobuf's
// parsers take 100 in most languages, and a record page holds what a call held two
// messages deeper: what is taken here can be read back by everybody.
inline constexpr int kMaxNesting = 96;

// Nothing but a message that nests no deeper. When it is false, ProblemOfMessage says why.
bool ParseBounded(google::protobuf::io::CodedInputStream* input,
                  google::protobuf::Message* message);

// The same with the errors of ProblemOfMessage.
absl::Status ParseRequestBytes(std::string_view bytes, google::protobuf::Message* message);

}  // namespace colophon
