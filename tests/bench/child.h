#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"

namespace colophon::bench {

// A process that was started here and ends with its owner, whatever becomes of
// either: the kernel ends it when the benchmark dies.
class Child {
 public:
  // Standard output and error go to `log_path`.
  static absl::StatusOr<std::unique_ptr<Child>> Start(std::vector<std::string> command,
                                                      std::string log_path);
  // Asks it to end, waits for at most 30 s, then kills it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The content of a file that it writes in one go, a line, when it is ready.
  absl::StatusOr<std::string> WaitForFile(const std::string& path);
  // Waits until something listens on the port.
  absl::Status WaitForPort(int port);
  // Waits for its end; the exit code.
  absl::StatusOr<int> WaitForExit(absl::Duration timeout);

  // Resident now, and at the most until now.
  int64_t resident_bytes() const;
  int64_t peak_resident_bytes() const;
  // Of all its threads until now, user and system.
  double cpu_seconds() const;
  pid_t pid() const { return pid_; }

 private:
  Child(pid_t pid, std::string name, std::string log_path)
      : pid_(pid), name_(std::move(name)), log_path_(std::move(log_path)) {}

  bool Reap(bool block);
  // "colophond ended with 1: <the end of its log>"
  absl::Status Gone() const;

  const pid_t pid_;
  const std::string name_;
  const std::string log_path_;
  bool reaped_ = false;
  int exit_code_ = -1;
};

// Starts a program, waits for its end. An error when it fails, with the end of
// what it printed.
absl::Status RunToEnd(std::vector<std::string> command, const std::string& log_path,
                      absl::Duration timeout);

// A port of 127.0.0.1 that nothing listened on just now.
absl::StatusOr<int> FindFreePort();

// The path of a program on PATH; empty when it is not there.
std::string FindProgram(const std::string& name);

}  // namespace colophon::bench
