#pragma once

#include <sys/types.h>

#include <string>

#include "tests/testing/temp_dir.h"

namespace colophon {

// The real colophond on a store of its own, in a process of its own. Its
// built-in provider is `echo`.
//
// For one thread.
class ServerProcess {
 public:
  // Returns when it serves.
  ServerProcess();
  ~ServerProcess();

  // "127.0.0.1:40123"; stays the same when it is started again.
  const std::string& address() const { return address_; }
  // Ends it as a service manager does; true when it ended well.
  bool Stop();
  // SIGKILL.
  void Kill();
  void Start();
  // What it wrote.
  std::string log() const;

 private:
  int Wait();

  TempDir dir_;
  pid_t process_ = -1;
  std::string address_ = "127.0.0.1:0";
};

}  // namespace colophon
