#include "service/first_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "fmt/format.h"
#include "service/base/file_descriptor.h"
#include "service/base/log.h"

namespace colophon {
namespace {

constexpr char kFile[] = "admin.key";

bool WriteWhole(int file, const std::string& text) {
  return ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fsync(file) == 0;
}

}  // namespace

absl::Status WriteFirstKey(const std::string& data_directory, const std::string& secret) {
  const std::string path = (std::filesystem::path(data_directory) / kFile).string();
  // One that is there is of a start that came no further.
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  // Of a file that was there, too.
  if (file.get() < 0 || ::fchmod(file.get(), 0600) != 0 || !WriteWhole(file.get(), secret + "\n")) {
    return FailedPrecondition("DATA_DIRECTORY",
                              fmt::format("can't write \"{}\": {}", path, std::strerror(errno)));
  }
  LogLine line("event", "first_key");
  line.Add("file", path)
      .Add("message", fmt::format("nobody is let in without a key; this one is "
                                  "an administrator's: colophon login < {}",
                                  path));
  Log(LogLevel::kInfo, line);
  return absl::OkStatus();
}

}  // namespace colophon
