#include "service/base/running_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

constexpr size_t kMaxErrorBytes = 16 << 10;

// The handle that says when a process has ended.
int OpenPid(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

absl::Status CantRun(const std::string& program, int error) {
  return Error(absl::StatusCode::kInternal, "CANT_RUN",
               fmt::format("can't run \"{}\": {}; is it installed and in PATH?", program,
                           std::strerror(error)));
}

void Limit(pid_t pid, __rlimit_resource resource, rlim_t most) {
  if (most == 0) return;
  const rlimit limit{most, most};
  prlimit(pid, resource, &limit, nullptr);
}

struct SpawnPlan {
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::vector<char*> PointersTo(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<FileDescriptor> MakeMemoryFile(std::string_view bytes) {
  FileDescriptor file(memfd_create("colophon", MFD_CLOEXEC));
  size_t written = 0;
  while (file.is_open() && written < bytes.size()) {
    const ssize_t count = write(file.get(), bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  if (file.is_open() && written == bytes.size() && lseek(file.get(), 0, SEEK_SET) == 0) return file;
  return Error(absl::StatusCode::kResourceExhausted, "NO_MEMORY",
               fmt::format("can't make a file of {} bytes in memory: {}", bytes.size(),
                           std::strerror(errno)));
}

absl::StatusOr<std::unique_ptr<RunningProgram>> RunningProgram::Start(
    const ProgramOptions& options) {
  std::unique_ptr<RunningProgram> program(new RunningProgram);
  const std::string& name = options.arguments.at(0);
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return CantRun(name, errno);
  program->output_ = FileDescriptor(pipe_ends[0]);
  const FileDescriptor write_end(pipe_ends[1]);
  fcntl(program->output_.get(), F_SETFL, O_NONBLOCK);
  ASSIGN_OR_RETURN(program->errors_, MakeMemoryFile(""));

  SpawnPlan plan;
  if (options.input != nullptr) {
    posix_spawn_file_actions_adddup2(&plan.actions, options.input->get(), STDIN_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&plan.actions, write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, program->errors_.get(), STDERR_FILENO);
  // Sockets of libraries that don't mark theirs.
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, STDERR_FILENO + 1);
  // Our signals may be blocked or ignored; it starts with none.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setsigdefault(&plan.attributes, &all);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setflags(&plan.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = options.environment;
  const char* const path = std::getenv("PATH");
  environment.push_back(fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path));
  const int error = posix_spawnp(&program->pid_, name.c_str(), &plan.actions, &plan.attributes,
                                 PointersTo(arguments).data(), PointersTo(environment).data());
  if (error != 0) {
    program->pid_ = -1;
    return CantRun(name, error);
  }
  // It hasn't read its input yet, which is what could make it large.
  Limit(program->pid_, RLIMIT_AS, options.max_memory_bytes);
  Limit(program->pid_, RLIMIT_CPU, static_cast<rlim_t>(options.max_processor_time.count()));
  program->end_ = FileDescriptor(OpenPid(program->pid_));
  if (!program->end_.is_open()) return CantRun(name, errno);
  return program;
}

RunningProgram::~RunningProgram() {
  if (pid_ < 0) return;
  if (!reaped_) {
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

int RunningProgram::ExitCode() {
  if (reaped_) return exit_code_;
  siginfo_t ended;
  while (waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  // What it left running, while its group is its own still.
  kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

std::string RunningProgram::Errors() const {
  const off_t size = lseek(errors_.get(), 0, SEEK_END);
  if (size <= 0) return "";
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kMaxErrorBytes));
  std::string text(static_cast<size_t>(size - begin), '\0');
  const ssize_t count = pread(errors_.get(), text.data(), text.size(), begin);
  text.resize(static_cast<size_t>(std::max<ssize_t>(0, count)));
  return IsUtf8(text) ? text : fmt::format("{} bytes that aren't UTF-8", text.size());
}

absl::StatusOr<std::string> RunningProgram::ReadAll(std::chrono::milliseconds timeout,
                                                    const StopFlag* stop) {
  constexpr auto kLook = std::chrono::milliseconds(50);  // Whether it is stopped.
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::string all;
  std::array<char, 16 << 10> buffer;
  bool is_over = false;
  while (true) {
    const ssize_t count = read(output_.get(), buffer.data(), buffer.size());
    if (count > 0) {
      all.append(buffer.data(), static_cast<size_t>(count));
      continue;
    }
    if (count == 0 || is_over) return all;
    if (stop != nullptr && stop->stopped()) {
      return Error(absl::StatusCode::kCancelled, "CANCELLED",
                   "nobody waits for the answer any more");
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return Error(absl::StatusCode::kDeadlineExceeded, "PROGRAM_TIMEOUT",
                   fmt::format("a program took longer than {} s", timeout.count() / 1'000));
    }
    pollfd polled[] = {{output_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    poll(polled, std::size(polled), static_cast<int>(kLook.count()));
    is_over = (polled[1].revents & POLLIN) != 0;
  }
}

}  // namespace colophon
