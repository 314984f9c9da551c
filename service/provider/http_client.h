#pragma once

#include <curl/curl.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "service/base/executor.h"
#include "service/provider/http_call.h"
#include "service/provider/http_connections.h"

namespace colophon {

// Speaks HTTP to providers: one libcurl multi handle driven by one Loop. Holds
// thousands of exchanges at once and keeps their connections.
//
// Redirects aren't followed, proxies of the environment aren't used, bodies
// aren't decompressed (none is asked for), certificates are verified. An
// exchange over HTTP/1.1 has a connection of its own, so a reader who is slow
// holds back only what is sent to him; an exchange over HTTP/2 shares one.
//
// A request is sent at most once: when a kept connection turns out to be closed
// after it was sent, that is an error, PROVIDER_CUT. When it turns out not to be
// fit before, the request goes out on a fresh one. Which connections are kept:
// HttpConnections.
//
// Everything is called on the Loop, or while the Loop is stopped.
class HttpClient : public std::enable_shared_from_this<HttpClient>, private HttpSockets {
 public:
  explicit HttpClient(Loop& loop, int max_kept_connections = HttpConnections::kMaxKept);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  std::unique_ptr<HttpCall> Start(HttpRequest request);

  // Ends all exchanges and closes all connections; later ones fail. Calls may
  // outlive it.
  void Close();

  int open_exchange_count() const { return static_cast<int>(transfers_.size()); }
  int open_connection_count() const { return connections_->count(); }

 private:
  friend class HttpCall;
  struct Socket;

  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);

  bool Listen(int fd) override;
  void Forget(int fd) override;
  void Sweep() override;

  // Null when it can't be waited for.
  std::shared_ptr<Socket> SocketOf(curl_socket_t fd);
  // What libcurl waits for from now on.
  void Watch(curl_socket_t fd, int what);
  void Wait(std::shared_ptr<Socket> socket, int direction);
  // Lets libcurl work, then ends what it has finished.
  void Act(curl_socket_t fd, int events);
  void Restart(HttpTransfer& transfer);
  void End(HttpTransfer& transfer, absl::Status end);
  CURL* Remove(HttpTransfer& transfer);
  void ArmLimit(const std::shared_ptr<HttpTransfer>& transfer);
  void Resume(HttpTransfer& transfer);

  boost::asio::io_context& context_;
  CURLM* multi_;
  const std::shared_ptr<HttpConnections> connections_;
  boost::asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
  std::unordered_map<CURL*, std::shared_ptr<HttpTransfer>> transfers_;
  std::vector<CURL*> idle_handles_;
  bool acts_soon_ = false;
  CURL* sweeper_ = nullptr;
  bool sweeping_ = false;
};

}  // namespace colophon
