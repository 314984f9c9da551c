#include "client/cli/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/file_descriptor.h"

namespace colophon {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status BadFile(const std::string& path, std::string_view why) {
  return InvalidArgument("KEY_FILE", fmt::format("the keys in \"{}\": {}", path, why));
}

absl::StatusOr<std::string> ReadAll(int file, const std::string& path) {
  std::string text;
  char buffer[4'096];
  while (true) {
    const ssize_t size = ::read(file, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return BadFile(path, std::strerror(errno));
    if (size == 0) return text;
    text.append(buffer, size);
    if (text.size() > kMaxBytes) return BadFile(path, "the file is larger than keys can be");
  }
}

using KeysByServer = std::map<std::string, std::string>;

absl::StatusOr<KeysByServer> ReadFile(const std::string& path) {
  KeysByServer keys;
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return keys;
    return BadFile(path, std::strerror(errno));
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return BadFile(path, std::strerror(errno));
  if ((facts.st_mode & 077) != 0) {
    return BadFile(path, "others may read them; make them yours alone with chmod 600");
  }
  ASSIGN_OR_RETURN(const std::string text, ReadAll(file.get(), path));
  std::istringstream lines(text);
  std::string server, key;
  while (lines >> server >> key) keys[server] = key;
  return keys;
}

// As a whole: whoever reads meanwhile has the keys of before or those of after.
absl::Status WriteFile(const std::string& path, const KeysByServer& keys) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder, error);
  std::string text;
  for (const auto& [server, key] : keys) text += fmt::format("{} {}\n", server, key);
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // For its owner only.
  if (file.is_open() &&
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file.get()) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0) {
    return absl::OkStatus();
  }
  const int reason = errno;
  if (file.is_open()) ::unlink(temporary.c_str());
  return BadFile(path, fmt::format("can't be written: {}", std::strerror(reason)));
}

// The first line of what a program prints.
absl::StatusOr<std::string> AskProgram(const std::string& command) {
  FILE* const output = ::popen(command.c_str(), "re");
  if (output == nullptr) {
    return InvalidArgument(
        "KEY_COMMAND", fmt::format("COLOPHON_KEY_COMMAND can't be run: {}", std::strerror(errno)));
  }
  std::string text;
  char buffer[4'096];
  while (text.size() < kMaxBytes && std::fgets(buffer, sizeof(buffer), output) != nullptr) {
    text += buffer;
  }
  const int ended = ::pclose(output);
  if (ended != 0) {
    return InvalidArgument("KEY_COMMAND",
                           "the program of COLOPHON_KEY_COMMAND failed; run it to see why");
  }
  const std::string line = text.substr(0, text.find('\n'));
  return std::string(absl::StripAsciiWhitespace(line));
}

}  // namespace

absl::StatusOr<std::string> KeyFilePath() {
  const std::string config = Variable("XDG_CONFIG_HOME");
  if (!config.empty()) return (std::filesystem::path(config) / "colophon" / "keys").string();
  const std::string home = Variable("HOME");
  if (home.empty()) {
    return InvalidArgument("NO_HOME",
                           "neither HOME nor XDG_CONFIG_HOME is set, so no key can be kept; send "
                           "one by COLOPHON_KEY");
  }
  return (std::filesystem::path(home) / ".config" / "colophon" / "keys").string();
}

absl::StatusOr<std::string> ReadKeptKey(const std::string& server) {
  const absl::StatusOr<std::string> path = KeyFilePath();
  if (!path.ok()) return "";  // Then none was kept.
  ASSIGN_OR_RETURN(const KeysByServer keys, ReadFile(*path));
  const auto found = keys.find(server);
  return found == keys.end() ? "" : found->second;
}

absl::Status KeepKey(const std::string& server, const std::string& key) {
  ASSIGN_OR_RETURN(const std::string path, KeyFilePath());
  ASSIGN_OR_RETURN(KeysByServer keys, ReadFile(path));
  if (key.empty()) {
    if (keys.erase(server) == 0) return absl::OkStatus();
  } else {
    keys[server] = key;
  }
  return WriteFile(path, keys);
}

absl::StatusOr<std::string> FindKey(const std::string& server) {
  if (std::string key = Variable("COLOPHON_KEY"); !key.empty()) return key;
  if (const std::string command = Variable("COLOPHON_KEY_COMMAND"); !command.empty()) {
    return AskProgram(command);
  }
  return ReadKeptKey(server);
}

}  // namespace colophon
