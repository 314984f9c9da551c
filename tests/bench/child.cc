#include "tests/bench/child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "fmt/format.h"

namespace colophon::bench {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kStopLimit = absl::Seconds(30);
constexpr absl::Duration kPoll = absl::Milliseconds(5);

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// Only what may be called between fork and exec.
[[noreturn]] void Exec(char* const* arguments, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int64_t StatusField(pid_t pid, const std::string& field) {
  std::istringstream lines(ReadAll(fmt::format("/proc/{}/status", pid)));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind(field + ":", 0) == 0) return std::atoll(line.c_str() + field.size() + 1) * 1024;
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(std::vector<std::string> command,
                                                    std::string log_path) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return Internal(fmt::format("can't write {}: {}", log_path, strerror(errno)));
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Exec(arguments.data(), log, parent);
  close(log);
  if (pid < 0) return Internal(fmt::format("can't fork: {}", strerror(errno)));
  return std::unique_ptr<Child>(
      new Child(pid, std::filesystem::path(command[0]).filename().string(), log_path));
}

Child::~Child() {
  if (reaped_) return;
  kill(pid_, SIGTERM);
  for (const absl::Time end = absl::Now() + kStopLimit; absl::Now() < end;) {
    if (Reap(false)) return;
    absl::SleepFor(kPoll);
  }
  kill(pid_, SIGKILL);
  Reap(true);
}

bool Child::Reap(bool block) {
  if (reaped_) return true;
  int status = 0;
  if (waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return false;
  reaped_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

absl::Status Child::Gone() const {
  std::string log = ReadAll(log_path_);
  if (log.size() > 1000) log.erase(0, log.size() - 1000);
  return Unavailable("CHILD_ENDED", fmt::format("{} ended with {}: {}", name_, exit_code_, log));
}

absl::StatusOr<std::string> Child::WaitForFile(const std::string& path) {
  for (const absl::Time end = absl::Now() + kStartLimit; absl::Now() < end;) {
    std::string content = ReadAll(path);
    if (!content.empty() && content.back() == '\n') {
      content.pop_back();
      return content;
    }
    if (Reap(false)) return Gone();
    absl::SleepFor(kPoll);
  }
  return Unavailable("CHILD_SLOW", fmt::format("{} wrote no {} in {}", name_, path,
                                               absl::FormatDuration(kStartLimit)));
}

absl::Status Child::WaitForPort(int port) {
  const sockaddr_in address = Loopback(port);
  for (const absl::Time end = absl::Now() + kStartLimit; absl::Now() < end;) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (Reap(false)) return Gone();
    if (connected) return absl::OkStatus();
    absl::SleepFor(kPoll);
  }
  return Unavailable("CHILD_SLOW", fmt::format("{} doesn't listen on port {}", name_, port));
}

absl::StatusOr<int> Child::WaitForExit(absl::Duration timeout) {
  for (const absl::Time end = absl::Now() + timeout; absl::Now() < end;) {
    if (Reap(false)) return exit_code_;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return Unavailable("CHILD_SLOW", fmt::format("{} doesn't end", name_));
}

int64_t Child::resident_bytes() const { return StatusField(pid_, "VmRSS"); }
int64_t Child::peak_resident_bytes() const { return StatusField(pid_, "VmHWM"); }

double Child::cpu_seconds() const {
  const std::string stat = ReadAll(fmt::format("/proc/{}/stat", pid_));
  // After "pid (name) ", whose name may hold anything, utime and stime are the
  // 12th and 13th field.
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

absl::Status RunToEnd(std::vector<std::string> command, const std::string& log_path,
                      absl::Duration timeout) {
  const std::string name = command[0];
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> child, Child::Start(std::move(command), log_path));
  ASSIGN_OR_RETURN(const int exit_code, child->WaitForExit(timeout));
  if (exit_code == 0) return absl::OkStatus();
  return Internal(fmt::format("{} ended with {}: {}", name, exit_code, ReadAll(log_path)));
}

absl::StatusOr<int> FindFreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) return Internal(fmt::format("no free port: {}", strerror(errno)));
  return ntohs(address.sin_port);
}

std::string FindProgram(const std::string& name) {
  const char* path = getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  std::string folder;
  while (std::getline(folders, folder, ':')) {
    std::string file = folder + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

}  // namespace colophon::bench
