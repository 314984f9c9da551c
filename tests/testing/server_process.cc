#include "tests/testing/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "fmt/format.h"
#include "service/base/status.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

constexpr absl::Duration kLongestStart = absl::Seconds(60);
constexpr absl::Duration kLongestEnd = absl::Seconds(60);

}  // namespace

ServerProcess::ServerProcess(std::string program, std::string data_directory)
    : program_(std::move(program)),
      data_directory_(std::move(data_directory)),
      port_file_(data_directory_ + ".port"),
      log_file_(data_directory_ + ".log") {}

ServerProcess::~ServerProcess() { Kill(); }

absl::Status ServerProcess::Launch(const std::vector<std::string>& arguments) {
  return LaunchAt("127.0.0.1:0", arguments);
}

absl::Status ServerProcess::LaunchAt(const std::string& listen,
                                     const std::vector<std::string>& arguments) {
  std::filesystem::remove(port_file_);
  // Before the fork: between it and exec only calls that are safe in a signal
  // handler are allowed.
  std::vector<std::string> words = {program_, "--data",      data_directory_, "--listen",
                                    listen,   "--port-file", port_file_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int log = open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return Internal(fmt::format("can't write {}", log_file_));

  launched_ = absl::Now();
  pid_ = fork();
  if (pid_ == 0) {
    // A test that dies takes its server with it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
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

absl::Status ServerProcess::AwaitServing() {
  while (absl::Now() - launched_ < kLongestStart) {
    // The port file appears whole: it is renamed into place.
    std::ifstream file(port_file_);
    int port = 0;
    if (file >> port && port > 0) {
      address_ = fmt::format("127.0.0.1:{}", port);
      start_time_ = absl::Now() - launched_;
      return absl::OkStatus();
    }
    if (AwaitEnd(absl::Milliseconds(2))) {
      return Internal(fmt::format("{} ended before it served:\n{}", program_, log()));
    }
  }
  return Internal(fmt::format("{} doesn't serve after {}:\n{}", program_,
                              absl::FormatDuration(kLongestStart), log()));
}

absl::Status ServerProcess::Start(const std::vector<std::string>& arguments) {
  RETURN_IF_ERROR(Launch(arguments));
  return AwaitServing();
}

absl::Status ServerProcess::StartAgain() {
  RETURN_IF_ERROR(LaunchAt(address_, {}));
  return AwaitServing();
}

bool ServerProcess::AwaitEnd(absl::Duration timeout) {
  struct pollfd ended = {pidfd_, POLLIN, 0};
  return poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 1;
}

void ServerProcess::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  Reap();
}

void ServerProcess::Signal(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}

int ServerProcess::AwaitExitCode() {
  if (pid_ < 0) return -1;
  if (AwaitEnd(kLongestEnd)) return Reap();
  Kill();
  return -1;
}

int ServerProcess::Terminate() {
  Signal(SIGTERM);
  return AwaitExitCode();
}

int ServerProcess::Reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  close(pidfd_);
  pidfd_ = -1;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int64_t ServerProcess::MemoryOf(const std::string& line) const {
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  std::string word;
  while (status >> word) {
    int64_t kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

std::string ServerProcess::log() const {
  if (!std::filesystem::exists(log_file_)) return "";
  constexpr size_t kEnough = 8000;
  const std::string text = ReadFileOrDie(log_file_);
  return text.size() <= kEnough ? text : text.substr(text.size() - kEnough);
}

}  // namespace colophon
