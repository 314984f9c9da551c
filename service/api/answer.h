#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "google/protobuf/message.h"

namespace colophon {

// What a method answers: a message, or the bytes of one that are there already and
// are shared, not copied. The empty one is the empty message.
class Answer {
 public:
  Answer() = default;
  template <class Message>
  requires std::is_base_of_v<google::protobuf::Message, Message>
  explicit Answer(Message message) : message_(std::make_unique<Message>(std::move(message))) {}
  explicit Answer(absl::Cord bytes) : bytes_(std::move(bytes)) {}

  // Null when there are only bytes.
  const google::protobuf::Message* message() const { return message_.get(); }
  const absl::Cord& bytes() const { return bytes_; }

  // Of it on the wire. Counts those of a message, which is work.
  size_t ByteSize() const { return message_ ? message_->ByteSizeLong() : bytes_.size(); }

 private:
  std::unique_ptr<google::protobuf::Message> message_;
  absl::Cord bytes_;
};

}  // namespace colophon
