#include "tests/testing/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "fmt/format.h"
#include "service/base/status.h"

namespace colophon {

ChildProcess::~ChildProcess() { Kill(); }

absl::Status ChildProcess::Launch(std::vector<std::string> command, const std::string& log_file) {
  // Before the fork: between it and exec only calls that are safe in a signal
  // handler are allowed.
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return Internal(fmt::format("can't write {}", log_file));

  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    if (open_file_limit_ > 0) {
      const rlimit limit = {static_cast<rlim_t>(open_file_limit_),
                            static_cast<rlim_t>(open_file_limit_)};
      setrlimit(RLIMIT_NOFILE, &limit);
    }
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(log);
  if (pid_ < 0) return Internal("fork failed");
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) return Internal("pidfd_open failed");
  return absl::OkStatus();
}

bool ChildProcess::AwaitEnd(absl::Duration timeout) {
  struct pollfd ended = {pidfd_, POLLIN, 0};
  return poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 1;
}

int ChildProcess::AwaitExitCode(absl::Duration timeout) {
  if (pid_ < 0) return -1;
  if (AwaitEnd(timeout)) return Reap();
  Kill();
  return -1;
}

void ChildProcess::Signal(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}

void ChildProcess::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  Reap();
}

int64_t ChildProcess::MemoryOf(const std::string& line) const {
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  std::string word;
  while (status >> word) {
    int64_t kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

int ChildProcess::Reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  if (pidfd_ >= 0) close(pidfd_);
  pidfd_ = -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace colophon
