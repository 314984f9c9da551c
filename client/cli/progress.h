#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "client/cli/output.h"

namespace colophon {

// Says on a terminal what is being waited for and for how long, and leaves no
// trace. In a pipe it does nothing. Waits shorter than a moment stay silent.
//
// Has a thread of its own while it lives.
class Progress {
 public:
  Progress(const Output& output, std::string what);
  ~Progress();

  // What is being waited for from now on.
  void Say(std::string what);

 private:
  void Run();

  std::mutex mu_;
  std::condition_variable wake_;
  // Guarded by mu_.
  std::string what_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace colophon
