#include "tests/bench/http_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>

namespace colophon::bench {
namespace {

constexpr size_t kMaxHeadBytes = 64 << 10;

// The value of "content-length"; 0 without one, nullopt when it is no number.
std::optional<size_t> ContentLength(std::string_view head) {
  static constexpr std::string_view kName = "\r\ncontent-length:";
  for (size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at, kName.size());
    bool same = line.size() == kName.size();
    for (size_t i = 0; same && i < line.size(); ++i) {
      same = std::tolower(static_cast<unsigned char>(line[i])) == kName[i];
    }
    if (!same) continue;
    std::string_view value = head.substr(at + kName.size());
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    size_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc()) return std::nullopt;
    return length;
  }
  return 0;
}

}  // namespace

HttpConnection::~HttpConnection() { close(fd_); }

bool HttpConnection::Read() {
  char buffer[16 << 10];
  for (;;) {
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    if (size > 0) {
      unread_.append(buffer, static_cast<size_t>(size));
      if (static_cast<size_t>(size) < sizeof(buffer)) return true;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
}

std::optional<HttpCall> HttpConnection::Next() {
  const size_t head_end = unread_.find("\r\n\r\n");
  if (head_end == std::string::npos) {
    broken_ = unread_.size() > kMaxHeadBytes;
    return std::nullopt;
  }
  const std::string_view head = std::string_view(unread_).substr(0, head_end);
  const size_t path_begin = head.find(' ') + 1;
  const size_t path_end = head.find(' ', path_begin);
  const std::optional<size_t> length = ContentLength(head);
  if (path_begin == 0 || path_end == std::string_view::npos || !length) {
    broken_ = true;
    return std::nullopt;
  }
  const size_t body_begin = head_end + 4;
  if (unread_.size() - body_begin < *length) return std::nullopt;
  HttpCall call{std::string(head.substr(path_begin, path_end - path_begin)),
                unread_.substr(body_begin, *length)};
  unread_.erase(0, body_begin + *length);
  return call;
}

bool HttpConnection::Write(std::string_view bytes) {
  unsent_.append(bytes);
  while (!unsent_.empty()) {
    const ssize_t size = send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    unsent_.erase(0, static_cast<size_t>(size));
  }
  return true;
}

}  // namespace colophon::bench
