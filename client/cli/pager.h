#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace colophon {

// Standard output of a command at a terminal: what fits on it is written there, what is
// longer is shown by $PAGER, or less, as git does.
class Pager {
 public:
  // Of a terminal of so many rows and columns.
  Pager(int rows, int columns) : rows_(rows), columns_(columns) {}
  // Waits until the pager was left.
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

  void Write(std::string_view text);
  // All of it is out, and the pager was left. What is written later goes to the terminal.
  void Finish();

  // What $PAGER names, else less; empty when nothing is to be started.
  static std::string Command();

 private:
  void Start();

  const int rows_;
  const int columns_;
  std::string held_;  // Not yet written: it may fit.
  int held_rows_ = 0;
  int row_columns_ = 0;  // Of the last row.
  bool ended_ = false;   // Nothing is held any more.
  pid_t pager_ = -1;
  int terminal_ = -1;  // Standard output as it was.
};

}  // namespace colophon
