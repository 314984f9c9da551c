#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "fmt/format.h"
#include "tests/bench/pacer.h"

namespace colophon::bench {
namespace {

constexpr int kConnections = 16;
constexpr timeval kSocketLimit{30, 0};

std::string RequestOf(const HttpTarget& target) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\n"
      "content-length: {}\r\n\r\n{}",
      target.path, target.port, target.body.size(), target.body);
}

absl::Status SocketError(std::string_view doing) {
  return Unavailable("CALL_FAILED", fmt::format("{}: {}", doing, strerror(errno)));
}

// A connection that blocks, for at most 30 s a step.
class Client {
 public:
  Client() = default;
  ~Client() {
    if (fd_ >= 0) close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  absl::Status Connect(int port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kSocketLimit, sizeof(kSocketLimit));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kSocketLimit, sizeof(kSocketLimit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return SocketError("connect");
    }
    return absl::OkStatus();
  }

  // The answer's body.
  absl::StatusOr<std::string> Call(const std::string& request) {
    for (size_t sent = 0; sent < request.size();) {
      const ssize_t size = send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (size < 0) return SocketError("send");
      sent += static_cast<size_t>(size);
    }
    std::string answer;
    size_t whole = std::string::npos;
    size_t head_end = std::string::npos;
    while (answer.size() < whole) {
      char buffer[16 << 10];
      const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
      if (size <= 0) return SocketError("recv");
      answer.append(buffer, static_cast<size_t>(size));
      if (whole != std::string::npos) continue;
      head_end = answer.find("\r\n\r\n");
      if (head_end == std::string::npos) continue;
      ASSIGN_OR_RETURN(const size_t length, BodyLength(answer.substr(0, head_end + 2)));
      whole = head_end + 4 + length;
    }
    return answer.substr(head_end + 4);
  }

 private:
  static absl::StatusOr<size_t> BodyLength(const std::string& head) {
    const char* field = strcasestr(head.c_str(), "\r\ncontent-length:");
    if (head.rfind("HTTP/1.1 200", 0) != 0 || field == nullptr) {
      return Unavailable("CALL_FAILED", "no 200 with a length: " + head.substr(0, 200));
    }
    return static_cast<size_t>(std::atoll(field + strlen("\r\ncontent-length:")));
  }

  int fd_ = -1;
};

// The calls that are due on one connection: every kConnections-th.
absl::Status CallWhenDue(int connection, const HttpTarget& target, const Pacer& pacer,
                         std::vector<double>* milliseconds) {
  const std::string request = RequestOf(target);
  Client client;
  RETURN_IF_ERROR(client.Connect(target.port));
  for (int i = connection; i < pacer.count(); i += kConnections) {
    const Pacer::TimePoint due = pacer.WaitFor(i);
    RETURN_IF_ERROR(client.Call(request).status());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - due;
    if (i >= pacer.warm_up_count()) milliseconds->push_back(took.count());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> PostOnce(const HttpTarget& target) {
  Client client;
  RETURN_IF_ERROR(client.Connect(target.port));
  return client.Call(RequestOf(target));
}

absl::StatusOr<LoadResult> RunHttpOpenLoop(const HttpTarget& target, int rate,
                                           absl::Duration warm_up, absl::Duration duration) {
  const Pacer pacer(rate, warm_up, duration);
  std::vector<std::vector<double>> milliseconds(kConnections);
  std::vector<absl::Status> statuses(kConnections);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kConnections; ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = CallWhenDue(static_cast<int>(i), target, pacer, &milliseconds[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();

  LoadResult result{absl::ToDoubleSeconds(duration), {}};
  for (size_t i = 0; i < kConnections; ++i) {
    RETURN_IF_ERROR(statuses[i]);
    result.milliseconds.insert(result.milliseconds.end(), milliseconds[i].begin(),
                               milliseconds[i].end());
  }
  return result;
}

}  // namespace colophon::bench
