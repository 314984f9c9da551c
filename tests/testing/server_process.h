#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/testing/child_process.h"

namespace colophon {

// The real `colophond`, in a process of its own, on a free port of loopback;
// killed when this goes and it still runs.
//
// Not thread-safe.
class ServerProcess {
 public:
  // `program` is the path of colophond; its log goes to DATA.log.
  ServerProcess(std::string program, std::string data_directory);

  // So many files may the next one that is launched open.
  void set_open_file_limit(int limit) { process_.set_open_file_limit(limit); }

  // The next one that is launched serves HTTP too.
  void set_serves_http(bool serves) { serves_http_ = serves; }

  // Starts it on a free port, without waiting for anything. REQUIRES: it does
  // not run.
  absl::Status Launch(const std::vector<std::string>& arguments = {});
  // Waits until it serves; an error with its log when it ends before that.
  absl::Status AwaitServing();
  // Both.
  absl::Status Start(const std::vector<std::string>& arguments = {});
  // Start on the port it had, where its clients look for it.
  absl::Status StartAgain();

  // Waits until it ends by itself, at most so long: true when it did.
  bool AwaitEnd(absl::Duration timeout) { return process_.AwaitEnd(timeout); }
  // SIGKILL, and waits until it's gone.
  void Kill() { process_.Kill(); }
  void Signal(int signal) { process_.Signal(signal); }
  // Waits until it has ended by itself: the exit code, or 128 + signal; -1, and
  // it is killed, when that takes more than a minute.
  int AwaitExitCode();
  // SIGTERM, and the same.
  int Terminate();

  // "127.0.0.1:40123"
  const std::string& address() const { return address_; }
  // Of HTTP, when it serves that.
  const std::string& http_address() const { return http_address_; }
  // From Launch to serving.
  absl::Duration start_time() const { return start_time_; }
  // The end of what it wrote since it was launched first.
  std::string log() const;
  // Of all that it wrote since then.
  int TimesLogged(std::string_view text) const;
  bool HasLogged(std::string_view text) const { return TimesLogged(text) > 0; }
  // Of the one that runs, in bytes: memory now, and at its most.
  int64_t resident_bytes() const { return process_.MemoryOf("VmRSS:"); }
  int64_t peak_resident_bytes() const { return process_.MemoryOf("VmHWM:"); }

 private:
  absl::Status LaunchAt(const std::string& listen, const std::vector<std::string>& arguments);

  // Constant after construction.
  const std::string program_;
  const std::string data_directory_;
  const std::string port_file_;
  const std::string http_port_file_;
  const std::string log_file_;

  ChildProcess process_;
  absl::Time launched_;
  absl::Duration start_time_;
  std::string address_;
  bool serves_http_ = false;
  std::string http_address_;
};

}  // namespace colophon
