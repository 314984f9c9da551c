#pragma once

#include <csignal>

namespace colophon {

// While it lives the first Ctrl-C is noted instead of ending the program, so that what
// is under way can be told. The second one ends it. One at a time.
class Interrupt {
 public:
  Interrupt();
  // What a signal does is as before.
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool came() const;
  // Ends the program as the signal does, so that a shell's loop ends with it.
  [[noreturn]] static void End();

 private:
  struct sigaction before_ = {};
};

}  // namespace colophon
