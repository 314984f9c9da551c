#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace colophon {

// A program in a process of its own, which ends with its owner: the kernel kills
// it when the test dies.
//
// Not thread-safe.
class ChildProcess {
 public:
  ChildProcess() = default;
  // Kills a process that is still running.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Standard output and error are added to `log_file`. REQUIRES: it does not run.
  absl::Status Launch(std::vector<std::string> command, const std::string& log_file);

  // Waits until it ends by itself, at most so long: true when it did.
  bool AwaitEnd(absl::Duration timeout);
  // Waits until it has ended by itself: the exit code, or 128 + signal; -1, and
  // it is killed, when that takes longer.
  int AwaitExitCode(absl::Duration timeout);
  void Signal(int signal);
  // SIGKILL, and waits until it's gone.
  void Kill();

  bool is_running() const { return pid_ > 0; }

  // So many files may the next one that is launched open.
  void set_open_file_limit(int limit) { open_file_limit_ = limit; }
  // A line of /proc/PID/status, "VmRSS:", in bytes; 0 when it doesn't run.
  int64_t MemoryOf(const std::string& line) const;

 private:
  // Waits for the process's end; the exit code, or 128 + signal.
  int Reap();

  pid_t pid_ = -1;  // -1: doesn't run.
  int pidfd_ = -1;
  int open_file_limit_ = 0;  // 0: this process's.
};

}  // namespace colophon
