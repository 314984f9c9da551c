#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "colophon/v1/completion.pb.h"

namespace colophon {

// Puts the pieces of an answer together: neighbouring text becomes one part,
// the pieces of one tool request become that request.
class OutputBuilder {
 public:
  OutputBuilder() { message_.set_role(v1::ROLE_MODEL); }

  void Add(v1::Piece piece);

  int64_t piece_count() const { return piece_count_; }
  size_t byte_count() const { return byte_count_; }  // Of text, reasoning and arguments.
  const v1::Message& message() const { return message_; }
  // Ends it.
  v1::Message TakeMessage() { return std::move(message_); }

 private:
  v1::Message message_;
  int64_t piece_count_ = 0;
  size_t byte_count_ = 0;
  std::map<int, int> tool_parts_;  // Index of the tool request → of the part.
};

}  // namespace colophon
