#include "service/provider/http_connections.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace colophon {
namespace {

constexpr std::chrono::seconds kTick{1};

// What TLS sends by itself on a connection that ends is shorter, an answer isn't.
constexpr int kMaxTlsAlertBytes = 64;

int LocalPortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  // The port stands at the same place for both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool IsReadable(int fd) {
  char byte;
  const ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool IsEnded(int fd) {
  pollfd asked{.fd = fd, .events = POLLRDHUP, .revents = 0};
  return poll(&asked, 1, 0) > 0;
}

bool IsLinkLocal(const std::string& origin) {
  return origin.find("://[fe80:") != origin.npos || origin.find("://[FE80:") != origin.npos;
}

}  // namespace

void HttpConnections::Close() {
  for (auto& [fd, connection] : by_fd_) Wake(*connection);
  tick_.cancel();
}

HttpConnections::Choice HttpConnections::Choose(const std::string& origin, bool keep,
                                                bool may_share) {
  if (!keep || IsLinkLocal(origin)) return Fresh(origin, keep);
  const Origin& known = origins_[origin];
  if (may_share) {
    if (auto shared = known.http2.lock(); shared && !shared->closed && !shared->dead) {
      Claim(*shared);
      Wake(*shared);
      return {.place = shared->place, .kept = shared};
    }
  }
  if (!IsTrusted(origin)) return Fresh(origin, keep);
  // Of those that rest long enough the one that was used last, so that those
  // that are too many grow old.
  const Clock::time_point now = Clock::now();
  auto it = std::partition_point(
      known.resting.begin(), known.resting.end(),
      [now](const auto& connection) { return connection->rests_since + kRest <= now; });
  while (it != known.resting.begin()) {
    const std::shared_ptr<HttpConnection> kept = *--it;
    if (kept->is_http2) continue;
    Claim(*kept);
    Wake(*kept);
    return {.place = kept->place, .kept = kept};
  }
  return Fresh(origin, keep);
}

HttpConnections::Choice HttpConnections::Fresh(const std::string& origin, bool keep) {
  if (IsLinkLocal(origin)) return {.place = 0, .kept = nullptr, .keep = false};
  if (++last_place_ == 0) ++last_place_;
  keep = keep && IsTrusted(origin);
  if (keep && kept_count_ >= max_kept_) {
    MakeRoom();
    keep = false;
  }
  return {.place = last_place_, .kept = nullptr, .keep = keep};
}

int HttpConnections::Open(const curl_sockaddr& address, const std::string& origin,
                          const Choice& choice) {
  const int fd = socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (fd < 0) return fd;
  auto connection = std::make_shared<HttpConnection>(fd, origin, choice.place, choice.keep);
  Lose(fd);  // One that had the number, and was closed without a word.
  if (choice.keep) ++kept_count_;
  by_place_[choice.place].push_back(connection.get());
  by_fd_[fd] = std::move(connection);
  return fd;
}

void HttpConnections::Closed(int fd) {
  Lose(fd);
  close(fd);
}

void HttpConnections::Lose(int fd) {
  sockets_->Forget(fd);
  const auto found = by_fd_.find(fd);
  if (found == by_fd_.end()) return;
  HttpConnection& connection = *found->second;
  Wake(connection);
  connection.closed = true;
  if (connection.dead) --dead_count_;
  if (connection.is_kept) --kept_count_;
  const auto at_place = by_place_.find(connection.place);
  std::erase(at_place->second, &connection);
  if (at_place->second.empty()) by_place_.erase(at_place);
  by_fd_.erase(found);
}

void HttpConnections::EndAttempts(const Choice& choice) {
  const auto at_place = by_place_.find(choice.place);
  if (choice.place == 0 || at_place == by_place_.end()) return;
  std::vector<int> attempts;
  for (const HttpConnection* connection : at_place->second) {
    if (connection->request_count == 0) attempts.push_back(connection->fd);
  }
  for (const int fd : attempts) Lose(fd);
}

void HttpConnections::Spoke(int fd) {
  const auto found = by_fd_.find(fd);
  if (found == by_fd_.end() || !found->second->rests) return;
  HttpConnection& connection = *found->second;
  if (connection.is_http2) {
    // Frames beside any stream are left; libcurl reads them before the next request.
    if (IsEnded(fd)) Kill(connection);
  } else if (HasSpoken(connection) || !sockets_->Listen(fd)) {
    if (connection.rests) Kill(connection);
  }
}

std::shared_ptr<HttpConnection> HttpConnections::Find(long place, int local_port) {
  const auto at_place = by_place_.find(place);
  if (at_place == by_place_.end()) return nullptr;
  for (HttpConnection* connection : at_place->second) {
    if (connection->local_port <= 0) connection->local_port = LocalPortOf(connection->fd);
    if (connection->local_port == local_port) return by_fd_.at(connection->fd);
  }
  return nullptr;
}

void HttpConnections::Begin(const std::shared_ptr<HttpConnection>& connection, bool is_http2) {
  ++connection->request_count;
  connection->is_http2 = is_http2;
  if (is_http2) origins_[connection->origin].http2 = connection;
}

void HttpConnections::Release(const std::shared_ptr<HttpConnection>& connection) {
  if (--connection->claims > 0 || connection->closed || connection->dead) return;
  if (connection->is_http2 || IsTrusted(connection->origin)) {
    Rest(connection);
  } else {
    Kill(*connection);
  }
}

bool HttpConnections::HasSpoken(const HttpConnection& connection) {
  if (!IsReadable(connection.fd)) return false;
  int bytes = 0;
  const int alert_bytes = connection.origin.starts_with("https:") ? kMaxTlsAlertBytes : 0;
  if (ioctl(connection.fd, FIONREAD, &bytes) == 0 && bytes > alert_bytes) {
    Distrust(connection.origin);
  }
  return true;
}

void HttpConnections::Distrust(const std::string& origin) {
  Origin& known = origins_[origin];
  known.distrusted_until = Clock::now() + kDistrust;
  while (!known.resting.empty()) Kill(*known.resting.back());
}

void HttpConnections::Rest(const std::shared_ptr<HttpConnection>& connection) {
  Origin& known = origins_[connection->origin];
  if (!sockets_->Listen(connection->fd)) return Kill(*connection);
  connection->rests = true;
  connection->rests_since = Clock::now();
  known.resting.push_back(connection);
  Tick();
}

// It doesn't rest any more.
void HttpConnections::Wake(HttpConnection& connection) {
  if (!std::exchange(connection.rests, false)) return;
  auto& resting = origins_[connection.origin].resting;
  const auto found = std::find_if(resting.rbegin(), resting.rend(),
                                  [&](const auto& other) { return other.get() == &connection; });
  if (found != resting.rend()) resting.erase(std::next(found).base());
}

// The upstream sees the end at once, and libcurl sees it before it would use the
// connection again. What came is read away: with TLS libcurl takes a connection
// that has something to read for a good one.
void HttpConnections::Kill(HttpConnection& connection) {
  const std::shared_ptr<HttpConnection> alive = by_fd_.at(connection.fd);
  Wake(connection);
  connection.dead = true;
  ++dead_count_;
  shutdown(connection.fd, SHUT_RDWR);
  char bytes[4096];
  while (recv(connection.fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
  }
  Tick();
}

void HttpConnections::MakeRoom() {
  HttpConnection* longest = nullptr;
  for (const auto& [name, origin] : origins_) {
    if (origin.resting.empty()) continue;
    HttpConnection* const first = origin.resting.front().get();
    if (longest == nullptr || first->rests_since < longest->rests_since) longest = first;
  }
  if (longest == nullptr || longest->rests_since + kRest > Clock::now()) return;
  Kill(*longest);
  sockets_->Sweep();
}

void HttpConnections::Tick() {
  if (std::exchange(ticking_, true)) return;
  tick_.expires_after(kTick);
  tick_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->ticking_ = false;
    self->EndOld();
  });
}

void HttpConnections::EndOld() {
  bool any_rests = false;
  const Clock::time_point now = Clock::now();
  for (auto& [name, origin] : origins_) {
    while (!origin.resting.empty() && origin.resting.front()->rests_since + kLongestRest <= now) {
      Kill(*origin.resting.front());
    }
    any_rests = any_rests || !origin.resting.empty();
  }
  if (dead_count_ > 0) sockets_->Sweep();
  if (any_rests || dead_count_ > 0) Tick();
}

}  // namespace colophon
