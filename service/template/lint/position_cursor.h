#pragma once

#include <cstddef>
#include <string_view>

#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// Positions of offsets that only grow, in time proportional to the text.
class PositionCursor {
 public:
  PositionCursor(std::string_view text, Position start) : text_(text), position_(start) {}

  // `offset` is not before the last one, nor between "\r" and "\n".
  Position At(size_t offset) {
    position_ = syntax::PositionAt(text_.substr(at_, offset - at_), offset - at_, position_);
    at_ = offset;
    return position_;
  }

 private:
  const std::string_view text_;
  size_t at_ = 0;
  Position position_;
};

}  // namespace colophon::lint
