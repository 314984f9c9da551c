#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cli/read/styled_text.h"
#include "service/base/status.h"

namespace colophon {

struct Key {
  enum class Kind {
    kText,  // What was typed: a character.
    kEnter,
    kEscape,
    kBackspace,
    kClearLine,  // Ctrl-U
    kLeft,
    kRight,
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kResize,
    kOther,
  };
  Kind kind = Kind::kOther;
  std::string text;  // kText: UTF-8.

  bool Is(std::string_view typed) const { return kind == Kind::kText && text == typed; }
};

// The terminal as a screen, while it lives; then the terminal is as before. One at a time.
class Screen {
 public:
  // FAILED_PRECONDITION NO_TERMINAL when the terminal can't be one.
  static absl::StatusOr<std::unique_ptr<Screen>> Open(bool color);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  int rows() const;
  int columns() const;

  // The whole screen. The cursor stands behind the last line's text when `has_cursor`.
  void Show(const std::vector<Line>& lines, bool has_cursor = false);
  // Waits for it.
  Key ReadKey();
  // Whether one waits to be read.
  bool KeyWaits();

 private:
  explicit Screen(bool color);

  const bool color_;
};

}  // namespace colophon
