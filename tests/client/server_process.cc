#include "tests/client/server_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace colophon {
namespace {

constexpr std::chrono::milliseconds kStep(5);
constexpr std::chrono::seconds kPatience(60);

}  // namespace

ServerProcess::ServerProcess() { Start(); }

ServerProcess::~ServerProcess() { Kill(); }

void ServerProcess::Start() {
  const std::string port_file = dir_ / "port";
  const std::string log_file = dir_ / "log";
  const std::string data = dir_ / "data";
  std::filesystem::remove(port_file);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ == 0) {
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execl(COLOPHOND, "colophond", "--data", data.c_str(), "--listen", address_.c_str(),
          "--port-file", port_file.c_str(), nullptr);
    _exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(port_file)) {
    if (waitpid(process_, nullptr, WNOHANG) != 0 || std::chrono::steady_clock::now() > end) {
      process_ = -1;
      throw std::runtime_error("colophond doesn't start: " + log());
    }
    std::this_thread::sleep_for(kStep);
  }
  address_ = "127.0.0.1:" + std::to_string(std::stoi(ReadFileOrDie(port_file)));
}

std::string ServerProcess::log() const { return ReadFileOrDie(dir_ / "log"); }

int ServerProcess::Wait() {
  int status = -1;
  waitpid(process_, &status, 0);
  process_ = -1;
  return status;
}

bool ServerProcess::Stop() {
  if (process_ < 0) return true;
  kill(process_, SIGTERM);
  const int status = Wait();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void ServerProcess::Kill() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  Wait();
}

}  // namespace colophon
