#include "tests/testing/http2_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace colophon {
namespace {

constexpr size_t kFrameHeader = 9;
constexpr size_t kMaxFrame = 16'384;
constexpr int kPatienceMs = 30'000;
constexpr uint8_t kAck = 1;
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;
constexpr uint16_t kInitialWindow = 4;

std::string Number32(uint32_t value) {
  value = htonl(value);
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

uint32_t Read32(std::string_view bytes) {
  uint32_t value = 0;
  std::copy_n(bytes.data(), sizeof(value), reinterpret_cast<char*>(&value));
  return ntohl(value);
}

// A length with a prefix of 7 bits (RFC 7541, 5.1).
std::string Length(size_t length) {
  if (length < 127) return {static_cast<char>(length)};
  std::string bytes = "\x7f";
  length -= 127;
  for (; length >= 128; length >>= 7) bytes += static_cast<char>(length % 128 + 128);
  return bytes += static_cast<char>(length);
}

}  // namespace

Http2Connection::Http2Connection(int port, uint32_t window)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    Close();
    return;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // A server that reads nothing any more is as good as gone.
  const timeval patience = {kPatienceMs / 1000, 0};
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  Send(kSettings, 0, 0, std::string("\0\x04", 2) + Number32(window));
}

Http2Connection::~Http2Connection() { Close(); }

void Http2Connection::SendGrpcHeaders(uint32_t stream, const std::string& path,
                                      const Headers& more) {
  Headers headers = {{":method", "POST"},
                     {":scheme", "http"},
                     {":path", path},
                     {":authority", "localhost"},
                     {"content-type", "application/grpc"},
                     {"te", "trailers"}};
  headers.insert(headers.end(), more.begin(), more.end());
  Send(kHeaders, kEndHeaders, stream, Encode(headers));
}

void Http2Connection::SendMessage(uint32_t stream, std::string_view message, bool compressed) {
  std::string bytes(1, compressed ? '\1' : '\0');
  bytes += Number32(static_cast<uint32_t>(message.size()));
  bytes += message;
  std::string_view rest = bytes;
  SendData(stream, bytes.size(), [&rest](size_t size) {
    const std::string_view chunk = rest.substr(0, size);
    rest.remove_prefix(chunk.size());
    return chunk;
  });
}

void Http2Connection::SendZeros(uint32_t stream, uint32_t size) {
  const std::string zeros(kMaxFrame, '\0');
  std::string chunk = std::string(1, '\0') + Number32(size);
  const size_t prefix_size = chunk.size();
  bool is_first = true;
  SendData(stream, prefix_size + size, [&](size_t most) -> std::string_view {
    // The server's windows are larger than five bytes.
    if (std::exchange(is_first, false)) return chunk;
    return std::string_view(zeros).substr(0, most);
  });
}

void Http2Connection::SendData(uint32_t stream, size_t size,
                               const std::function<std::string_view(size_t)>& chunk) {
  sending_ = stream;
  sending_window_ = window_of_stream_;
  size_t sent = 0;
  while (is_open() && sent < size) {
    const int64_t room = std::min(window_, sending_window_);
    if (room <= 0) {
      // Refused before it was all there.
      if (!Read(kPatienceMs) || ended_.contains(stream)) return;
      continue;
    }
    const std::string_view data =
        chunk(std::min({size - sent, kMaxFrame, static_cast<size_t>(room)}));
    const bool last = sent + data.size() == size;
    Send(kData, last ? kEndStream : 0, stream, data);
    sent += data.size();
    window_ -= static_cast<int64_t>(data.size());
    sending_window_ -= static_cast<int64_t>(data.size());
  }
}

void Http2Connection::SendReset(uint32_t stream) {
  constexpr uint32_t kCancel = 8;
  Send(kReset, 0, stream, Number32(kCancel));
}

bool Http2Connection::Send(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string frame = Number32(static_cast<uint32_t>(payload.size())).substr(1);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  frame += Number32(stream);
  frame += payload;
  return Write(frame);
}

std::optional<Http2Connection::Frame> Http2Connection::Read(int timeout_ms) {
  while (is_open()) {
    if (unread_.size() >= kFrameHeader) {
      const size_t size = Read32(unread_) >> 8;
      if (unread_.size() >= kFrameHeader + size) {
        Frame frame;
        frame.type = static_cast<uint8_t>(unread_[3]);
        frame.flags = static_cast<uint8_t>(unread_[4]);
        frame.stream = Read32(std::string_view(unread_).substr(5));
        frame.payload = unread_.substr(kFrameHeader, size);
        unread_.erase(0, kFrameHeader + size);
        OnFrame(frame);
        return frame;
      }
    }
    pollfd readable = {fd_, POLLIN, 0};
    if (poll(&readable, 1, timeout_ms) != 1) return std::nullopt;
    char buffer[65'536];
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    if (size <= 0) {
      Close();
    } else {
      unread_.append(buffer, size);
    }
  }
  return std::nullopt;
}

void Http2Connection::OnFrame(const Frame& frame) {
  const bool ends =
      (frame.type == kHeaders || frame.type == kData) && (frame.flags & kEndStream) != 0;
  if (ends || frame.type == kReset) ended_.insert(frame.stream);
  if (frame.type == kSettings && frame.flags != kAck) {
    for (size_t i = 0; i + 6 <= frame.payload.size(); i += 6) {
      const std::string_view entry = std::string_view(frame.payload).substr(i, 6);
      const uint16_t name = static_cast<uint16_t>((entry[0] << 8) | entry[1]);
      if (name == kInitialWindow) {
        sending_window_ += static_cast<int64_t>(Read32(entry.substr(2))) - window_of_stream_;
        window_of_stream_ = Read32(entry.substr(2));
      }
    }
    Send(kSettings, kAck, 0, "");
  } else if (frame.type == kPing && frame.flags != kAck) {
    Send(kPing, kAck, 0, frame.payload);
  } else if (frame.type == kWindowUpdate && frame.stream == 0) {
    window_ += Read32(frame.payload);
  } else if (frame.type == kWindowUpdate && frame.stream == sending_) {
    sending_window_ += Read32(frame.payload);
  }
}

bool Http2Connection::AwaitEndOfStream(uint32_t stream) {
  while (!ended_.contains(stream)) {
    if (!Read(kPatienceMs)) return false;
  }
  return true;
}

void Http2Connection::Drain() {
  while (Read(0)) {
  }
}

std::string Http2Connection::Encode(const Headers& headers) {
  std::string block;
  for (const auto& [name, value] : headers) {
    block += '\0';  // Literal, not to be indexed, with its name.
    block += Length(name.size()) + name + Length(value.size()) + value;
  }
  return block;
}

bool Http2Connection::Write(std::string_view bytes) {
  while (is_open() && !bytes.empty()) {
    const ssize_t size = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      Close();
    } else {
      bytes.remove_prefix(size);
    }
  }
  return is_open();
}

void Http2Connection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace colophon
