#include "service/rpc/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "service/base/log.h"

namespace colophon {
namespace {

// How long a full server waits before it looks whether a connection was closed,
// and one that can open no file before it tries again. Looking takes up to a
// microsecond a connection, so the more there are, the longer it waits.
constexpr int kFullWaitMs = 50;
int FullWaitMs(int connections) { return kFullWaitMs + connections / 50; }
// A peer that takes nothing, and acknowledges nothing, for so long is gone.
constexpr int kUnackedMs = 20'000;
constexpr int64_t kComplainSeconds = 60;

// 0 when the descriptor is closed or no socket.
ino_t InodeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

int64_t SteadySeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::Status CantListen(const std::string& host, int port, int error) {
  const std::string address = host.find(':') == std::string::npos
                                  ? fmt::format("{}:{}", host, port)
                                  : fmt::format("[{}]:{}", host, port);
  std::string what_to_do = "choose another address with --listen";
  if (error == EADDRINUSE) {
    what_to_do = "another program holds the port: choose another one with --listen, or 0 for any";
  } else if (error == EACCES) {
    what_to_do = "ports below 1024 are for root: choose another one with --listen";
  } else if (error == EADDRNOTAVAIL) {
    what_to_do = "this machine doesn't have the address: choose another one with --listen";
  }
  return FailedPrecondition(
      error == EADDRINUSE ? "ADDRESS_IN_USE" : "CANT_LISTEN",
      fmt::format("can't listen on {}: {}; {}", address, std::strerror(error), what_to_do));
}

// Of a numeric address.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int port() const {
    return ntohs(storage.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }
};

bool Resolve(const std::string& host, int port, Address* address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  std::memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
  address->size = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

// "ipv4:127.0.0.1:50123", "ipv6:%5B::1%5D:50123": what gRPC calls the peer. An IPv4
// client of an IPv6 socket has its IPv4 name.
std::string PeerOf(int fd) {
  Address peer;
  peer.size = sizeof(peer.storage);
  if (getpeername(fd, peer.get(), &peer.size) != 0) return "";
  char host[NI_MAXHOST];
  if (getnameinfo(peer.get(), peer.size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0) {
    return "";
  }
  std::string_view name = host;
  constexpr std::string_view kMapped = "::ffff:";
  if (name.starts_with(kMapped) && name.find('.') != std::string_view::npos) {
    name.remove_prefix(kMapped.size());
  }
  return name.find(':') == std::string_view::npos
             ? fmt::format("ipv4:{}:{}", name, peer.port())
             : fmt::format("ipv6:%5B{}%5D:{}", name, peer.port());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const std::string& host, int port,
                                                         int max_connections) {
  Address address;
  if (!Resolve(host, port, &address)) return CantListen(host, port, EADDRNOTAVAIL);
  const int fd =
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return CantListen(host, port, errno);
  // A port whose last server's connections still linger is free; one that has a
  // server is not: two on one port would share its connections, half of the calls
  // going to the wrong store.
  const int on = 1;
  const int off = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.storage.ss_family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (bind(fd, address.get(), address.size) != 0 ||
      getsockname(fd, address.get(), &address.size) != 0) {
    const int error = errno;
    close(fd);
    return CantListen(host, port, error);
  }
  return std::unique_ptr<Listener>(new Listener(fd, host, address.port(), max_connections));
}

Listener::Listener(int socket, std::string host, int port, int max_connections)
    : socket_(socket),
      host_(std::move(host)),
      port_(port),
      max_connections_(max_connections),
      stop_event_(eventfd(0, EFD_CLOEXEC)) {}

Listener::~Listener() {
  Stop();
  close(stop_event_);
  close(socket_);
}

absl::Status Listener::Start(
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server) {
  if (listen(socket_, SOMAXCONN) != 0) return CantListen(host_, port_, errno);
  server_ = std::move(server);
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Listener::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_event_, &one, sizeof(one));
  thread_.join();
  shutdown(socket_, SHUT_RDWR);  // Who connects now is refused, and tries elsewhere.
}

void Listener::Run() {
  while (true) {
    pollfd events[] = {{stop_event_, POLLIN, 0}, {socket_, POLLIN, 0}};
    poll(events, 2, -1);
    if (events[0].revents != 0) return;
    if (!IsFull()) {
      Accept();
      continue;
    }
    // Whoever comes to a full server waits in the kernel's queue.
    Complain("connections_full",
             fmt::format("{} connections are open, which is the limit (max_connections): further "
                         "ones wait",
                         max_connections_));
    poll(events, 1, FullWaitMs(max_connections_));
  }
}

void Listener::Accept() {
  const int fd = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
    Complain("cant_accept", fmt::format("can't take a connection: {}", std::strerror(errno)));
    pollfd stop = {stop_event_, POLLIN, 0};
    poll(&stop, 1, kFullWaitMs);
    return;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnackedMs, sizeof(kUnackedMs));
  {
    Connection connection{InodeOf(fd), PeerOf(fd)};
    std::lock_guard lock(mu_);
    connections_[fd] = std::move(connection);  // Whichever had the number before is closed.
  }
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters parameters;
  parameters.listener_fd = socket_;
  parameters.fd = fd;
  server_->HandleNewConnection(&parameters);
}

bool Listener::IsFull() {
  std::lock_guard lock(mu_);
  if (static_cast<int>(connections_.size()) < max_connections_) return false;
  Sweep();
  return static_cast<int>(connections_.size()) >= max_connections_;
}

void Listener::Sweep() {
  std::erase_if(connections_, [](const auto& connection) {
    return InodeOf(connection.first) != connection.second.inode;
  });
}

int Listener::connection_count() {
  std::lock_guard lock(mu_);
  Sweep();
  return static_cast<int>(connections_.size());
}

void Listener::Disconnect(const std::string& peer) {
  std::lock_guard lock(mu_);
  for (const auto& [fd, connection] : connections_) {
    if (connection.peer != peer) continue;
    // gRPC may close the descriptor at any moment, and somebody else get its
    // number. A copy stays what it is.
    const int copy = dup(fd);
    if (copy < 0) continue;
    if (InodeOf(copy) == connection.inode) {
      // A reset, which also drops what it sent and goes on sending: of a connection that
      // is shut down the kernel goes on to take and give that.
      sockaddr unspecified{};
      unspecified.sa_family = AF_UNSPEC;
      connect(copy, &unspecified, sizeof(unspecified));
    }
    close(copy);
  }
}

void Listener::Complain(std::string_view event, std::string_view message) {
  const int64_t now = SteadySeconds();
  if (complained_at_ != 0 && now - complained_at_ < kComplainSeconds) return;
  complained_at_ = now;
  Log(LogLevel::kWarning, LogLine("event", event).Add("message", message));
}

}  // namespace colophon
