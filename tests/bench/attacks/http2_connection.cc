#include "tests/bench/attacks/http2_connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace colophon::bench {
namespace {

constexpr size_t kMostPayload = 16'384;
constexpr int kMostWaitSeconds = 5;

std::string BigEndian(uint32_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
  return text;
}

uint32_t ReadBigEndian(std::string_view bytes) {
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

// HPACK's integer after a prefix of seven bits, RFC 7541 5.1.
std::string Length(size_t size) {
  if (size < 127) return std::string(1, static_cast<char>(size));
  std::string text(1, 127);
  for (size -= 127; size >= 128; size /= 128) text += static_cast<char>(size % 128 + 128);
  return text + static_cast<char>(size);
}

}  // namespace

std::string Http2Connection::FrameOf(Frame type, uint8_t flags, uint32_t stream,
                                     std::string_view payload) {
  return BigEndian(static_cast<uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + BigEndian(stream, 4) + std::string(payload);
}

std::string Http2Connection::Header(std::string_view name, std::string_view value) {
  return std::string(1, 0) + Length(name.size()) + std::string(name) + Length(value.size()) +
         std::string(value);
}

std::string Http2Connection::CallHeaders(
    const std::string& method, const std::vector<std::pair<std::string, std::string>>& more) {
  std::string text = Header(":method", "POST") + Header(":scheme", "http") +
                     Header(":path", method) + Header(":authority", "localhost") +
                     Header("content-type", "application/grpc") + Header("te", "trailers") +
                     Header("colophon-caller", "attacker");
  for (const auto& [name, value] : more) text += Header(name, value);
  return text;
}

std::string Http2Connection::Message(std::string_view bytes, bool compressed) {
  return std::string(1, compressed ? 1 : 0) + BigEndian(static_cast<uint32_t>(bytes.size()), 4) +
         std::string(bytes);
}

std::unique_ptr<Http2Connection> Http2Connection::Open(int port, uint32_t stream_window) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const timeval most{kMostWaitSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return nullptr;
  }
  std::unique_ptr<Http2Connection> connection(new Http2Connection(fd));
  constexpr uint32_t kInitialWindowSize = 4;
  connection->Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                   FrameOf(Frame::kSettings, kNone, 0,
                           BigEndian(kInitialWindowSize, 2) + BigEndian(stream_window, 4)));
  connection->reader_ = std::thread([raw = connection.get()] { raw->Read(); });
  return connection;
}

Http2Connection::~Http2Connection() {
  Close();
  if (reader_.joinable()) reader_.join();
  close(fd_);
}

void Http2Connection::Close() {
  shutdown(fd_, SHUT_RDWR);
  {
    std::lock_guard lock(mu_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool Http2Connection::Send(std::string_view bytes) {
  std::lock_guard lock(send_mu_);
  while (!bytes.empty()) {
    if (closed_) return false;
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      Close();
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Http2Connection::SendMessage(uint32_t stream, std::string_view message, bool compressed) {
  const std::string whole = Message(message, compressed);
  std::string_view rest = whole;
  int64_t credit = 0;
  {
    std::lock_guard lock(mu_);
    credit = stream_credit_;
  }
  while (true) {
    size_t size = 0;
    {
      std::unique_lock lock(mu_);
      const bool may_send = changed_.wait_for(lock, std::chrono::seconds(kMostWaitSeconds), [&] {
        for (auto& [of, bytes] : more_credit_) {
          if (of == stream) credit += std::exchange(bytes, 0);
        }
        std::erase_if(more_credit_, [](const auto& more) { return more.second == 0; });
        return closed_ || last_ended_ >= stream || (credit > 0 && connection_credit_ > 0);
      });
      if (!may_send || closed_ || last_ended_ >= stream) return false;
      size = std::min({rest.size(), kMostPayload, static_cast<size_t>(credit),
                       static_cast<size_t>(connection_credit_)});
      credit -= static_cast<int64_t>(size);
      connection_credit_ -= static_cast<int64_t>(size);
    }
    const bool is_last = size == rest.size();
    if (!Send(FrameOf(Frame::kData, is_last ? kEndStream : kNone, stream, rest.substr(0, size)))) {
      return false;
    }
    rest.remove_prefix(size);
    if (is_last) return true;
  }
}

bool Http2Connection::WaitForEnds(int count, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mu_);
  return changed_.wait_for(lock, timeout, [&] { return closed_ || ends_ >= count; });
}

bool Http2Connection::ReadExactly(char* to, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(fd_, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

void Http2Connection::Read() {
  char head[9];
  while (ReadExactly(head, sizeof(head))) {
    std::string payload(ReadBigEndian({head, 3}), '\0');
    if (!ReadExactly(payload.data(), payload.size())) break;
    Take(static_cast<Frame>(head[3]), static_cast<uint8_t>(head[4]),
         ReadBigEndian({head + 5, 4}) & 0x7FFFFFFF, payload);
  }
  Close();
}

void Http2Connection::Take(Frame type, uint8_t flags, uint32_t stream, const std::string& payload) {
  const std::string_view bytes = payload;
  if (type == Frame::kSettings && (flags & kAck) == 0) {
    for (size_t at = 0; at + 6 <= bytes.size(); at += 6) {
      constexpr uint32_t kInitialWindowSize = 4;
      if (ReadBigEndian(bytes.substr(at, 2)) != kInitialWindowSize) continue;
      std::lock_guard lock(mu_);
      stream_credit_ = ReadBigEndian(bytes.substr(at + 2, 4));
    }
    Send(FrameOf(Frame::kSettings, kAck, 0, ""));
  } else if (type == Frame::kPing && (flags & kAck) == 0) {
    Send(FrameOf(Frame::kPing, kAck, 0, bytes));
  } else if (type == Frame::kWindowUpdate) {
    {
      std::lock_guard lock(mu_);
      const int64_t more = ReadBigEndian(bytes.substr(0, 4));
      if (stream == 0) {
        connection_credit_ += more;
      } else {
        more_credit_.emplace_back(stream, more);
      }
    }
    changed_.notify_all();
  } else if (type == Frame::kGoAway) {
    told_to_go_ = true;
  } else if (type == Frame::kReset || (type == Frame::kHeaders && (flags & kEndStream) != 0)) {
    if (type == Frame::kReset) ++resets_;
    {
      std::lock_guard lock(mu_);
      ++ends_;
      last_ended_ = std::max(last_ended_, stream);
    }
    changed_.notify_all();
  }
}

}  // namespace colophon::bench
