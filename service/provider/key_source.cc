#include "service/provider/key_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/running_program.h"

namespace colophon {
namespace {

constexpr size_t kMaxKeyBytes = 64 << 10;
constexpr std::chrono::seconds kCommandTime{10};

}  // namespace

absl::Status KeyMissing(std::string_view message) {
  return FailedPrecondition("PROVIDER_KEY_MISSING", std::string(message));
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path, const std::string& field) {
  const auto bad = [&](std::string_view why) {
    return KeyMissing(fmt::format("{}.api_key_file is \"{}\", {}", field, path, why));
  };
  struct stat status {};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file || stat(path.c_str(), &status) != 0) {
    return bad(fmt::format("which can't be read: {}", std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) return bad("which is a directory");
  if (status.st_size > static_cast<off_t>(kMaxKeyBytes)) return bad("which is too large for a key");
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<std::string> RunKeyCommand(const std::vector<std::string>& command,
                                          const std::string& field) {
  const auto bad = [&](std::string_view why) {
    return KeyMissing(
        fmt::format("{}.api_key_command runs \"{}\", which {}", field, command.front(), why));
  };
  ProgramOptions options;
  options.arguments = command;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::string_view(*variable).starts_with("PATH=")) continue;
    options.environment.emplace_back(*variable);
  }
  absl::StatusOr<std::unique_ptr<RunningProgram>> program = RunningProgram::Start(options);
  if (!program.ok()) return bad(fmt::format("can't be run: {}", MessageOf(program.status())));
  absl::StatusOr<std::string> key = (*program)->ReadAll(kCommandTime, nullptr);
  if (!key.ok()) return bad(fmt::format("gives no key: {}", MessageOf(key.status())));
  if (const int code = (*program)->ExitCode(); code != 0) {
    std::string said = (*program)->Errors();
    absl::StripAsciiWhitespace(&said);
    return bad(fmt::format("ends with {}{}{}", code, said.empty() ? "" : " and says: ", said));
  }
  return key;
}

}  // namespace colophon
