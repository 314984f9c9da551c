#pragma once

#include <string_view>

#include "google/protobuf/descriptor.h"
#include "service/base/status.h"

namespace colophon {

// Why protobuf refused the bytes of a message of this type, of which it says
// nothing itself; to be called when it did. Looks at the bytes once more.
//
// INVALID_ARGUMENT TOO_DEEP: messages nest more than `max_nesting` deep;
// BAD_UTF8: a text isn't UTF-8; both with metadata "field". BAD_REQUEST: cut, or
// no such message.
absl::Status ProblemOfMessage(std::string_view bytes, const google::protobuf::Descriptor& type,
                              int max_nesting);

}  // namespace colophon
