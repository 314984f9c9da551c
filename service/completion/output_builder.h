#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/cord.h"
#include "colophon/v1/completion.pb.h"

namespace colophon {

// Puts the pieces of an answer together: neighbouring text becomes one part,
// the pieces of one tool request become that request.
class OutputBuilder {
 public:
  // Takes no longer, however much there is already.
  void Add(v1::Piece piece);

  int64_t piece_count() const { return piece_count_; }
  size_t byte_count() const { return byte_count_; }  // Of text, reasoning and arguments.
  // Copies all bytes; ends it.
  v1::Message TakeMessage();

 private:
  // A text that grows is a rope: a string would copy all of itself to grow.
  struct Part {
    v1::Part part;         // All but:
    absl::Cord text;       // Of a text, a reasoning; the arguments of a tool request.
    absl::Cord signature;  // Of a reasoning.
  };

  std::vector<Part> parts_;
  int64_t piece_count_ = 0;
  size_t byte_count_ = 0;
  std::map<int, size_t> tool_parts_;  // Index of the tool request → of the part.
};

}  // namespace colophon
