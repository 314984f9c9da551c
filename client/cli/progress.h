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

 private:
  void Run();

  // Constant after construction.
  const std::string what_;

  std::mutex mu_;
  std::condition_variable wake_;
  bool done_ = false;  // Guarded by mu_.
  std::thread thread_;
};

}  // namespace colophon
