#include "tests/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace colophon {

RawClient::RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 20};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  [[maybe_unused]] const int connected =
      connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  assert(connected == 0);
}

RawClient::~RawClient() { Close(); }

void RawClient::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

void RawClient::Send(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // The server has had enough.
    sent += static_cast<size_t>(n);
  }
}

void RawClient::Send(const std::string& method, const std::string& target,
                     const std::vector<std::string>& headers, const std::string& body) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  for (const std::string& header : headers) request += header + "\r\n";
  if (!body.empty() || method == "POST") {
    request += fmt::format("Content-Length: {}\r\n", body.size());
  }
  Send(request + "\r\n" + body);
}

bool RawClient::Fill() {
  char bytes[16'384];
  ssize_t n;
  // With a timeout, the end of a program that the server ran interrupts it.
  do n = recv(socket_, bytes, sizeof bytes, 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  unread_.append(bytes, static_cast<size_t>(n));
  return true;
}

std::string RawClient::ReadLine() {
  size_t end;
  while ((end = unread_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return "";
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return line;
}

std::string RawClient::ReadBytes(size_t count) {
  while (unread_.size() < count && Fill()) {
  }
  std::string bytes = unread_.substr(0, count);
  unread_.erase(0, bytes.size());
  return bytes;
}

RawResponse RawClient::ReadHead() {
  RawResponse response;
  const std::string status_line = ReadLine();
  if (!status_line.starts_with("HTTP/1.")) return response;
  (void)absl::SimpleAtoi(status_line.substr(9, 3), &response.status);
  for (std::string line = ReadLine(); !line.empty(); line = ReadLine()) {
    const size_t colon = line.find(':');
    std::string value = line.substr(std::min(line.size(), colon + 1));
    absl::StripAsciiWhitespace(&value);
    response.headers[absl::AsciiStrToLower(line.substr(0, colon))] = value;
  }
  return response;
}

std::string RawClient::ReadChunk() {
  const std::string size_line = ReadLine();
  const size_t size = size_line.empty() ? 0 : std::stoul(size_line, nullptr, 16);
  std::string chunk = ReadBytes(size);
  ReadLine();
  return chunk;
}

RawResponse RawClient::Read() {
  RawResponse response = ReadHead();
  if (response.status == 100) response = ReadHead();
  if (response.headers["transfer-encoding"] == "chunked") {
    for (std::string chunk = ReadChunk(); !chunk.empty(); chunk = ReadChunk()) {
      response.body += chunk;
    }
    return response;
  }
  int size = 0;
  (void)absl::SimpleAtoi(response.headers["content-length"], &size);
  response.body = ReadBytes(static_cast<size_t>(size));
  return response;
}

bool RawClient::IsClosed() { return unread_.empty() && !Fill(); }

RawResponse PostJson(int port, const std::string& method, const std::string& body,
                     const std::vector<std::string>& headers) {
  RawClient client(port);
  std::vector<std::string> all = {"Content-Type: application/json"};
  all.insert(all.end(), headers.begin(), headers.end());
  client.Send("POST", "/colophon.v1." + method, all, body);
  return client.Read();
}

}  // namespace colophon
