#pragma once

#include <optional>
#include <string>

#include "client/cli/read/screen.h"

namespace colophon {

// A line that is typed at the bottom of the screen.
class LineInput {
 public:
  explicit LineInput(std::string question) : question_(std::move(question)) {}

  // Takes a key; true: the line is done, by Enter or by Escape.
  bool Take(const Key& key);
  // nullopt: it was given up.
  const std::optional<std::string>& text() const { return text_; }
  // Its end, where it is too long for the width.
  Line Show(int width) const;

 private:
  const std::string question_;
  std::optional<std::string> text_ = "";
};

}  // namespace colophon
