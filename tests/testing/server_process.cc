#include "tests/testing/server_process.h"

#include <signal.h>

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
      http_port_file_(data_directory_ + ".http_port"),
      log_file_(data_directory_ + ".log") {}

absl::Status ServerProcess::Launch(const std::vector<std::string>& arguments) {
  return LaunchAt("127.0.0.1:0", arguments);
}

absl::Status ServerProcess::LaunchAt(const std::string& listen,
                                     const std::vector<std::string>& arguments) {
  std::filesystem::remove(port_file_);
  std::vector<std::string> command = {program_, "--data",      data_directory_, "--listen",
                                      listen,   "--port-file", port_file_};
  const std::vector<std::string> http = {"--http-listen", serves_http_ ? "127.0.0.1:0" : "off",
                                         "--http-port-file", http_port_file_};
  command.insert(command.end(), http.begin(), http.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  launched_ = absl::Now();
  return process_.Launch(std::move(command), log_file_);
}

absl::Status ServerProcess::AwaitServing() {
  while (absl::Now() - launched_ < kLongestStart) {
    // The port file appears whole: it is renamed into place.
    std::ifstream file(port_file_);
    int port = 0;
    if (file >> port && port > 0) {
      address_ = fmt::format("127.0.0.1:{}", port);
      std::ifstream http_file(http_port_file_);
      if (http_file >> port) http_address_ = fmt::format("127.0.0.1:{}", port);
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

int ServerProcess::AwaitExitCode() { return process_.AwaitExitCode(kLongestEnd); }

int ServerProcess::Terminate() {
  Signal(SIGTERM);
  return AwaitExitCode();
}

std::string ServerProcess::log() const {
  if (!std::filesystem::exists(log_file_)) return "";
  constexpr size_t kEnough = 8000;
  const std::string text = ReadFileOrDie(log_file_);
  return text.size() <= kEnough ? text : text.substr(text.size() - kEnough);
}

int ServerProcess::TimesLogged(std::string_view text) const {
  const std::string log = ReadFileOrDie(log_file_);
  int times = 0;
  for (size_t at = 0; (at = log.find(text, at)) != log.npos; at += text.size()) ++times;
  return times;
}

}  // namespace colophon
