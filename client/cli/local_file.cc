#include "client/cli/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// An open file. -1: it couldn't be opened, and errno says why.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

constexpr int kReadFlags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;

absl::Status CantRead(const fs::path& path, int error) {
  return NotFound("NO_FILE",
                  fmt::format("can't read \"{}\": {}", path.string(), std::strerror(error)));
}

absl::Status NotAFile(const fs::path& path, mode_t mode) {
  const char* const kind = S_ISDIR(mode)    ? "a folder"
                           : S_ISFIFO(mode) ? "a pipe; give its output on standard input, as -"
                           : S_ISSOCK(mode) ? "a socket"
                                            : "a device";
  return InvalidArgument("NOT_A_FILE",
                         fmt::format("\"{}\" is not a file but {}", path.string(), kind));
}

// Why it couldn't be opened.
absl::Status CantOpen(const fs::path& path, int error) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return NotAFile(path, status.st_mode);
  }
  return CantRead(path, error);
}

absl::StatusOr<std::string> ReadAll(int fd, const fs::path& path, size_t max_bytes) {
  std::string content;
  while (content.size() <= max_bytes) {
    constexpr size_t kChunk = 64 << 10;
    const size_t size = content.size();
    content.resize(size + std::min(kChunk, max_bytes + 1 - size));
    const ssize_t count = read(fd, content.data() + size, content.size() - size);
    content.resize(size + std::max<ssize_t>(count, 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CantRead(path, errno);
    if (count == 0) return content;
  }
  return InvalidArgument("TOO_LARGE", fmt::format("\"{}\" has more than {} bytes, which is the "
                                                  "limit",
                                                  path.string(), max_bytes));
}

absl::StatusOr<std::string> ReadRegular(const Descriptor& file, const fs::path& path,
                                        size_t max_bytes) {
  if (!file.is_open()) return CantOpen(path, errno);
  struct stat status;
  if (fstat(file.get(), &status) != 0) return CantRead(path, errno);
  if (!S_ISREG(status.st_mode)) return NotAFile(path, status.st_mode);
  return ReadAll(file.get(), path, max_bytes);
}

bool IsBelow(const fs::path& relative) {
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

// Opens it step by step, through no link.
Descriptor OpenBelow(const fs::path& folder, const fs::path& relative) {
  Descriptor at(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (auto name = relative.begin(); at.is_open() && name != relative.end(); ++name) {
    const bool is_last = std::next(name) == relative.end();
    const int flags = is_last ? kReadFlags : O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    at = Descriptor(openat(at.get(), name->c_str(), flags | O_NOFOLLOW));
  }
  return at;
}

bool IsShellsDescriptor(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

}  // namespace

absl::StatusOr<std::string> ReadLocalFile(const fs::path& path, size_t max_bytes) {
  return ReadRegular(Descriptor(open(path.c_str(), kReadFlags)), path, max_bytes);
}

absl::StatusOr<std::string> ReadFileBelow(const fs::path& folder, const fs::path& file,
                                          size_t max_bytes) {
  std::error_code error;
  const fs::path real_folder = fs::canonical(folder, error);
  if (error) return CantRead(folder, error.value());
  const fs::path real = fs::canonical(file, error);
  if (error) return CantRead(file, error.value());
  const fs::path relative = real.lexically_relative(real_folder);
  if (!IsBelow(relative)) {
    return InvalidArgument(
        "LINK_OUTSIDE",
        fmt::format("\"{}\" leads to \"{}\", which is not in \"{}\": put the file there itself, or "
                    "name the link alone",
                    file.string(), real.string(), real_folder.string()));
  }
  const Descriptor opened = OpenBelow(real_folder, relative);
  if (!opened.is_open() && (errno == ELOOP || errno == ENOTDIR)) {
    return InvalidArgument("FILE_CHANGED", fmt::format("\"{}\" became another file while it was "
                                                       "read; try again",
                                                       file.string()));
  }
  return ReadRegular(opened, file, max_bytes);
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  if (path == "-") return ReadAll(STDIN_FILENO, "standard input", kMaxInputBytes);
  if (IsShellsDescriptor(path)) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return CantRead(path, errno);
    return ReadAll(file.get(), path, kMaxInputBytes);
  }
  return ReadLocalFile(path, kMaxInputBytes);
}

absl::Status ReplaceFileBelow(const fs::path& folder, const std::string& path,
                              std::string_view content) {
  RETURN_IF_ERROR(CheckFilePath(path));
  fs::path place = folder;
  for (const fs::path& name : fs::path(path)) {
    place /= name;
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(place, error))) continue;
    return FailedPrecondition("LINK_INSIDE",
                              fmt::format("\"{}\" is a link: nothing is written through it or in "
                                          "its place; put a file or folder there",
                                          place.string()));
  }
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  const fs::path temporary =
      place.parent_path() / fmt::format(".{}.{}.new", place.filename().string(), getpid());
  absl::Status status = WriteLocalFile(temporary, content);
  if (status.ok()) {
    if (struct stat there; stat(place.c_str(), &there) == 0) {
      chmod(temporary.c_str(), there.st_mode & 07777);
    }
    fs::rename(temporary, place, error);
    if (!error) return absl::OkStatus();
    status = Error(absl::StatusCode::kUnknown, "OUTPUT",
                   fmt::format("can't write \"{}\": {}", place.string(), error.message()));
  }
  fs::remove(temporary, error);
  return status;
}

absl::Status WriteLocalFile(const fs::path& path, std::string_view content) {
  const auto failed = [&](int error) {
    return Error(absl::StatusCode::kUnknown, "OUTPUT",
                 fmt::format("can't write \"{}\": {}", path.string(),
                             error == ELOOP ? "it is a link; remove it" : std::strerror(error)));
  };
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.is_open()) return failed(errno);
  struct stat status;
  if (fstat(file.get(), &status) != 0) return failed(errno);
  if (!S_ISREG(status.st_mode)) return NotAFile(path, status.st_mode);
  if (ftruncate(file.get(), 0) != 0) return failed(errno);
  while (!content.empty()) {
    const ssize_t count = write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    content.remove_prefix(static_cast<size_t>(count));
  }
  if (fsync(file.get()) != 0 && errno != EINVAL) return failed(errno);
  return absl::OkStatus();
}

}  // namespace colophon
