#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "service/provider/http_call.h"
#include "service/provider/http_connections.h"

namespace colophon {

// The state of one exchange: its easy handle, what has arrived and which limit
// comes next. HttpClient drives it; HttpCall reads it. One Loop's.
//
// libcurl calls back in the middle of its own work, where no handle may be
// removed; so callbacks only note what happened and wake the reader, who runs
// later from the Loop.
class HttpTransfer {
 public:
  using Clock = std::chrono::steady_clock;

  HttpTransfer(boost::asio::io_context& context, HttpRequest request);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Sets every option of a handle that is new or was reset, and chooses a
  // connection among `connections`.
  void Attach(CURL* easy, HttpConnections* connections);
  // Gives the handle back, which is in no multi any more, and the connection.
  CURL* Detach();
  CURL* easy() const { return easy_; }

  // Nothing was sent, because the kept connection turned out not to be fit for
  // it: it is to be attached once more, and gets a fresh one.
  bool wants_fresh() const { return wants_fresh_; }
  std::optional<int64_t> connection_request_count() const { return connection_request_count_; }

  // What libcurl's result means here. REQUIRES: attached.
  absl::Status Explain(CURLcode result) const;

  // No more is to come. Wakes the reader.
  void End(absl::Status end);
  bool ended() const { return ended_; }
  const absl::Status& end() const { return end_; }

  bool has_head() const { return has_head_; }
  const HttpHead& head() const { return head_; }

  size_t unread_bytes() const { return unread_.size(); }
  std::string TakeUnread();
  // Reading goes on after a pause. REQUIRES: not inside a callback.
  CURLcode Resume();
  bool paused() const { return paused_; }

  // From now on what arrives is thrown away, and little may.
  void Discard();
  bool discarding() const { return discard_left_.has_value(); }

  // Returns when Wake is called, or at once when it was since the last Wait.
  Task<void> Wait();
  void Wake();

  // The limit that has passed, as an error; OK when none has.
  absl::Status CheckLimits(Clock::time_point now) const;
  // When to look again.
  Clock::time_point NextLimit() const;
  // Called when NextLimit has come nearer.
  std::function<void()> limits_changed;
  boost::asio::steady_timer& limit_timer() { return limit_timer_; }

 private:
  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);
  static int OnRequest(void* self, char*, char*, int, int local_port);
  static curl_socket_t OnOpen(void* self, curlsocktype, curl_sockaddr* address);
  static int OnClose(void* connections, curl_socket_t fd);
  static int OnNote(CURL*, curl_infotype type, char* text, size_t size, void* self);

  bool BeginRequest(int local_port);
  bool IsEarly(int status) const;
  void UseOnce();
  size_t Header(std::string_view line);
  size_t Body(std::string_view bytes);
  size_t TooLarge(std::string_view what, int64_t limit);
  void LimitsChanged();

  // Constant after construction.
  const HttpRequest request_;
  const std::string origin_;
  const Clock::time_point start_;
  curl_slist* headers_ = nullptr;

  CURL* easy_ = nullptr;
  HttpConnections* connections_ = nullptr;  // While attached.
  HttpConnections::Choice choice_;
  std::shared_ptr<HttpConnection> connection_;  // Claimed, like choice_.kept.
  std::optional<int64_t> connection_request_count_;
  uint64_t tls_bytes_before_ = 0;  // Had come when the request was begun.
  bool wants_fresh_ = false;
  std::string refused_address_;  // That the host's name meant, and egress doesn't allow.
  char error_[CURL_ERROR_SIZE] = "";
  boost::asio::steady_timer wake_timer_;
  boost::asio::steady_timer limit_timer_;
  bool woken_ = false;

  std::optional<Clock::time_point> connected_at_;
  std::optional<Clock::time_point> last_byte_at_;  // Of the body.
  int64_t header_bytes_ = 0;
  int64_t body_bytes_ = 0;
  HttpHead head_;
  bool has_head_ = false;
  std::string unread_;
  bool paused_ = false;
  std::optional<int64_t> discard_left_;  // Set: what arrives is thrown away.
  Clock::time_point discard_until_;
  absl::Status fault_;  // Why a callback refused to go on.
  bool ended_ = false;
  absl::Status end_;
};

}  // namespace colophon
