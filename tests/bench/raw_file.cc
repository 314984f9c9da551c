#include "tests/bench/raw_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "fmt/format.h"
#include "tests/bench/stats.h"

namespace colophon::bench {

absl::StatusOr<AppendResult> AppendAndSync(const std::string& path, size_t bytes,
                                           absl::Duration duration) {
  using SteadyClock = std::chrono::steady_clock;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Internal(fmt::format("can't write {}: {}", path, strerror(errno)));
  const std::string data(bytes, 'x');
  std::vector<double> milliseconds;
  const SteadyClock::time_point start = SteadyClock::now();
  const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(duration);
  SteadyClock::time_point now = start;
  bool written = true;
  while (written && now < end) {
    written = write(fd, data.data(), data.size()) == static_cast<ssize_t>(data.size()) &&
              fdatasync(fd) == 0;
    const SteadyClock::time_point before = now;
    now = SteadyClock::now();
    milliseconds.push_back(std::chrono::duration<double, std::milli>(now - before).count());
  }
  const int error = errno;
  close(fd);
  unlink(path.c_str());
  if (!written) return Internal(fmt::format("can't append to {}: {}", path, strerror(error)));
  const double seconds = std::chrono::duration<double>(now - start).count();
  return AppendResult{static_cast<double>(milliseconds.size()) / seconds, Median(milliseconds)};
}

}  // namespace colophon::bench
