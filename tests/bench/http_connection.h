#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace colophon::bench {

struct HttpCall {
  std::string path;
  std::string body;
};

// One connection of the upstream, HTTP/1.1 with keep-alive. A call is there
// only when its whole body has been read, so nothing is answered early.
class HttpConnection {
 public:
  // Takes ownership of the socket, which must not block.
  explicit HttpConnection(int fd) : fd_(fd) {}
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  int fd() const { return fd_; }

  // Reads what there is. False: the peer is gone.
  bool Read();
  // The next call, whole. nullopt: not yet, or `broken`.
  std::optional<HttpCall> Next();
  // What came isn't HTTP as this reads it.
  bool broken() const { return broken_; }

  // Writes as much as the socket takes; the rest waits for Flush.
  // False: the peer is gone.
  bool Write(std::string_view bytes);
  bool Flush() { return Write({}); }
  bool has_unsent() const { return !unsent_.empty(); }

 private:
  const int fd_;
  std::string unread_;
  std::string unsent_;
  bool broken_ = false;
};

}  // namespace colophon::bench
