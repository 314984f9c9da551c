#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"

namespace colophon {

// What HttpConnections needs of the one who waits for libcurl's sockets.
class HttpSockets {
 public:
  virtual ~HttpSockets() = default;
  // When there is something to read, or just once in a while, and libcurl doesn't
  // wait for it: HttpConnections::Spoke. Once. False when it can't be waited for.
  virtual bool Listen(int fd) = 0;
  // It is about to be closed.
  virtual void Forget(int fd) = 0;
  // Makes libcurl close those that are dead.
  virtual void Sweep() = 0;
};

// One TCP connection to a provider. libcurl owns its socket.
struct HttpConnection {
  HttpConnection(int socket, std::string to, long at, bool keep)
      : fd(socket), origin(std::move(to)), place(at), is_kept(keep) {}

  const int fd;
  const std::string origin;
  const long place;
  const bool is_kept;         // For more than one exchange.
  int64_t request_count = 0;  // That it has carried or carries.
  int claims = 0;             // Exchanges that use it or are about to.
  bool is_http2 = false;      // Known from its first request on.
  bool closed = false;        // The socket is gone, its number may be another's.
  bool dead = false;          // Shut down; libcurl is still to close it.
  bool rests = false;
  std::chrono::steady_clock::time_point rests_since;
  int local_port = 0;  // Once it was asked for.
};

// The connections of an HttpClient, and which of them an exchange may use.
//
// HTTP/1.1 has nothing but its order to tell which answer belongs to which
// request, so an upstream that sends one answer too many gives every later call
// on that connection another call's answer. Therefore:
//
// - A connection that has carried a request rests for kRest after its answer: an
//   answer that comes too late or twice comes to nobody. While it rests, and
//   after, it is watched: whatever the upstream says to nobody, a close too,
//   ends it. It is kept for kLongestRest: servers close theirs after 5 s (Node,
//   uvicorn) and later.
// - Right before a request is written there must be nothing to read.
// - An upstream that was heard to speak out of turn gets one request a
//   connection for kDistrust.
//
// HTTP/2 names the stream of each frame; its connections are only closed when
// nobody uses them, or the upstream closes.
//
// libcurl would choose among its connections by itself. It tells those to one
// host apart by their IPv6 scope (CURLOPT_ADDRESS_SCOPE), and the kernel looks
// at the scope of link-local addresses only. So each gets a number of its own
// for a scope, its place, and an exchange names the place that it wants.
//
// One Loop's.
class HttpConnections : public std::enable_shared_from_this<HttpConnections> {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kRest{250};
  static constexpr std::chrono::seconds kLongestRest{4};
  static constexpr std::chrono::minutes kDistrust{10};
  static constexpr int kMaxKept = 4096;

  // `sockets` lives until Close. So many connections at most are for more than one
  // exchange, be they used, resting or dead; the others are closed after theirs.
  HttpConnections(boost::asio::io_context& context, HttpSockets* sockets, int max_kept)
      : sockets_(sockets), max_kept_(max_kept), tick_(context) {}
  // Nothing rests any more; libcurl may close what it has.
  void Close();

  struct Choice {
    long place = 0;
    // The connection to use again, claimed; null: a fresh one.
    std::shared_ptr<HttpConnection> kept;
    bool keep = true;  // For another exchange, when this one has ended well.
  };
  // `origin`: scheme, host, port and authorities. `may_share`: by HTTP/2.
  Choice Choose(const std::string& origin, bool keep, bool may_share);
  // A connection that is to carry a request and nothing but it.
  Choice Fresh(const std::string& origin, bool keep);

  // What libcurl asks for and tells. Open returns a socket or -1.
  int Open(const curl_sockaddr& address, const std::string& origin, const Choice& choice);
  void Closed(int fd);
  // libcurl doesn't tell of an attempt to connect that it gives up. None outlives
  // the exchange that it was for.
  void EndAttempts(const Choice& choice);
  bool Owns(int fd) const { return by_fd_.contains(fd); }
  // Those that are open.
  int count() const { return static_cast<int>(by_fd_.size()) - dead_count_; }
  // There may be something to read that libcurl doesn't wait for.
  void Spoke(int fd);

  // The one with that port on our side; null when there is none.
  std::shared_ptr<HttpConnection> Find(long place, int local_port);

  void Claim(HttpConnection& connection) { ++connection.claims; }
  // A request is about to be written.
  void Begin(const std::shared_ptr<HttpConnection>& connection, bool is_http2);
  // When nobody claims it any more it rests; then it is heard what it has to say.
  void Release(const std::shared_ptr<HttpConnection>& connection);

  // REQUIRES: HTTP/1.1. True when there is something to read, be it the end.
  // Who spoke while nobody had asked isn't trusted from then on.
  bool HasSpoken(const HttpConnection& connection);
  void Distrust(const std::string& origin);

 private:
  struct Origin {
    std::vector<std::shared_ptr<HttpConnection>> resting;  // The longest first.
    std::weak_ptr<HttpConnection> http2;
    Clock::time_point distrusted_until;
  };

  bool IsTrusted(const std::string& origin) {
    return origins_[origin].distrusted_until <= Clock::now();
  }
  // Its socket is closed, or about to be.
  void Lose(int fd);
  void Rest(const std::shared_ptr<HttpConnection>& connection);
  void Wake(HttpConnection& connection);
  void Kill(HttpConnection& connection);
  // Ends the one that rests longest, if it may be used: for who has yet to be kept.
  void MakeRoom();
  // Looks again in a second.
  void Tick();
  void EndOld();

  HttpSockets* const sockets_;
  const int max_kept_;
  int kept_count_ = 0;  // Of by_fd_: those that are for more than one exchange,
  int dead_count_ = 0;  // and those that are dead.
  boost::asio::steady_timer tick_;
  bool ticking_ = false;
  uint32_t last_place_ = 0;
  std::map<std::string, Origin> origins_;
  std::unordered_map<int, std::shared_ptr<HttpConnection>> by_fd_;
  std::unordered_map<long, std::vector<HttpConnection*>> by_place_;  // Of by_fd_.
};

}  // namespace colophon
