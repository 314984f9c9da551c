#include "service/provider/http_client.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "boost/asio/posix/stream_descriptor.hpp"
#include "boost/asio/post.hpp"
#include "service/provider/http_transfer.h"

namespace colophon {
namespace {

using boost::asio::posix::stream_descriptor;

// As good as none: libcurl is not to close connections of its own accord.
constexpr long kMostConnections = 1'000'000;
constexpr size_t kIdleHandles = 256;

absl::Status Closed() {
  return Unavailable("PROVIDER_UNREACHABLE", "can't be reached: this server is stopping");
}

absl::Status Cancelled() {
  return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
}

}  // namespace

// One of libcurl's sockets: libcurl owns the descriptor, we only wait for it, as
// long as it is open. A wait may come back after libcurl has closed it, so waits
// share ownership.
struct HttpClient::Socket {
  explicit Socket(boost::asio::io_context& context) : descriptor(context) {}
  ~Socket() { Release(); }

  void Release() {
    wanted = 0;
    if (descriptor.is_open()) descriptor.release();
  }

  stream_descriptor descriptor;
  int wanted = 0;   // By libcurl: CURL_POLL_IN, CURL_POLL_OUT or both.
  int waiting = 0;  // The waits that are under way.
};

HttpClient::HttpClient(Loop& loop, int max_kept_connections)
    : context_(loop.context()),
      connections_(std::make_shared<HttpConnections>(
          loop.context(), static_cast<HttpSockets*>(this), max_kept_connections)),
      timer_(loop.context()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpClient::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpClient::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMostConnections);
}

HttpClient::~HttpClient() { Close(); }

void HttpClient::Close() {
  if (multi_ == nullptr) return;
  while (!transfers_.empty()) End(*transfers_.begin()->second, Closed());
  if (sweeping_) curl_multi_remove_handle(multi_, sweeper_);
  if (sweeper_ != nullptr) curl_easy_cleanup(std::exchange(sweeper_, nullptr));
  connections_->Close();
  curl_multi_cleanup(std::exchange(multi_, nullptr));
  for (CURL* easy : std::exchange(idle_handles_, {})) curl_easy_cleanup(easy);
  for (auto& [fd, socket] : std::exchange(sockets_, {})) socket->Release();
  timer_.cancel();
}

std::unique_ptr<HttpCall> HttpClient::Start(HttpRequest request) {
  auto transfer = std::make_shared<HttpTransfer>(context_, std::move(request));
  auto call = std::make_unique<HttpCall>(shared_from_this(), transfer);
  if (multi_ == nullptr) {
    transfer->End(Closed());
    return call;
  }
  CURL* easy = nullptr;
  if (idle_handles_.empty()) {
    easy = curl_easy_init();
  } else {
    easy = idle_handles_.back();
    idle_handles_.pop_back();
  }
  transfer->Attach(easy, connections_.get());
  transfers_[easy] = transfer;
  transfer->limits_changed = [self = weak_from_this(), weak = std::weak_ptr(transfer)] {
    const auto client = self.lock();
    const auto changed = weak.lock();
    if (client && changed) client->ArmLimit(changed);
  };
  ArmLimit(transfer);
  if (curl_multi_add_handle(multi_, easy) != CURLM_OK) End(*transfer, Closed());
  return call;
}

int HttpClient::OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  static_cast<HttpClient*>(self)->Watch(fd, what);
  return 0;
}

std::shared_ptr<HttpClient::Socket> HttpClient::SocketOf(curl_socket_t fd) {
  std::shared_ptr<Socket>& socket = sockets_[fd];
  if (socket == nullptr) {
    socket = std::make_shared<Socket>(context_);
    boost::system::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) {
      sockets_.erase(fd);
      return nullptr;
    }
  }
  return socket;
}

void HttpClient::Watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    const auto found = sockets_.find(fd);
    if (found == sockets_.end()) return;
    found->second->wanted = 0;
    // Another exchange may come, which is waited for without being set up anew. Of
    // the others nobody says when they are closed.
    if (!connections_->Owns(fd)) Forget(fd);
    return;
  }
  const std::shared_ptr<Socket> socket = SocketOf(fd);
  if (socket == nullptr) return;  // The kernel has no room for it: a limit ends the exchange.
  socket->wanted = what & (CURL_POLL_IN | CURL_POLL_OUT);
  for (const int direction : {CURL_POLL_IN, CURL_POLL_OUT}) {
    if ((socket->wanted & direction) != 0) Wait(socket, direction);
  }
}

bool HttpClient::Listen(int fd) {
  std::shared_ptr<Socket> socket = SocketOf(fd);
  if (socket == nullptr) return false;
  Wait(std::move(socket), CURL_POLL_IN);
  return true;
}

void HttpClient::Forget(int fd) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second->Release();
  sockets_.erase(found);
}

// At most one wait a direction is under way, whoever it is for.
void HttpClient::Wait(std::shared_ptr<Socket> socket, int direction) {
  if ((socket->waiting & direction) != 0) return;
  socket->waiting |= direction;
  const bool in = direction == CURL_POLL_IN;
  auto& descriptor = socket->descriptor;
  descriptor.async_wait(in ? stream_descriptor::wait_read : stream_descriptor::wait_write,
                        [self = weak_from_this(), socket = std::move(socket), direction,
                         in](boost::system::error_code error) {
                          socket->waiting &= ~direction;
                          const auto client = self.lock();
                          if (error || !client || !socket->descriptor.is_open()) return;
                          const int fd = socket->descriptor.native_handle();
                          if ((socket->wanted & direction) == 0) {
                            if (in) client->connections_->Spoke(fd);
                            return;
                          }
                          client->Act(fd, in ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
                          if ((socket->wanted & direction) != 0) client->Wait(socket, direction);
                        });
}

int HttpClient::OnTimer(CURLM*, long milliseconds, void* self) {
  auto* client = static_cast<HttpClient*>(self);
  if (milliseconds <= 0) client->timer_.cancel();
  if (milliseconds < 0) return 0;
  if (milliseconds == 0) {  // With each exchange that begins: a timer would be dear.
    if (std::exchange(client->acts_soon_, true)) return 0;
    boost::asio::post(client->context_, [weak = client->weak_from_this()] {
      const auto owner = weak.lock();
      if (!owner) return;
      owner->acts_soon_ = false;
      owner->Act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }
  client->timer_.expires_after(std::chrono::milliseconds(milliseconds));
  client->timer_.async_wait([weak = client->weak_from_this()](boost::system::error_code error) {
    const auto owner = weak.lock();
    if (!error && owner) owner->Act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void HttpClient::Act(curl_socket_t fd, int events) {
  if (multi_ == nullptr) return;
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    CURL* const easy = message->easy_handle;
    const auto found = transfers_.find(easy);
    if (found != transfers_.end()) {
      if (found->second->wants_fresh()) {
        Restart(*found->second);
      } else {
        End(*found->second, found->second->Explain(result));
      }
    } else if (easy == sweeper_) {
      curl_multi_remove_handle(multi_, easy);
      sweeping_ = false;
    }
  }
}

void HttpClient::Restart(HttpTransfer& transfer) {
  CURL* easy = Remove(transfer);
  transfer.Attach(easy, connections_.get());
  if (curl_multi_add_handle(multi_, easy) != CURLM_OK) End(transfer, Closed());
}

// A handle as if it was new.
CURL* HttpClient::Remove(HttpTransfer& transfer) {
  curl_multi_remove_handle(multi_, transfer.easy());
  CURL* easy = transfer.Detach();
  curl_easy_reset(easy);
  return easy;
}

// libcurl looks for dead connections when an exchange begins; this one begins
// and gets no connection.
void HttpClient::Sweep() {
  if (multi_ == nullptr || std::exchange(sweeping_, true)) return;
  if (sweeper_ == nullptr) {
    sweeper_ = curl_easy_init();
    curl_easy_setopt(sweeper_, CURLOPT_URL, "http://127.0.0.1/");
    curl_easy_setopt(sweeper_, CURLOPT_PROXY, "");
    curl_easy_setopt(sweeper_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(
        sweeper_, CURLOPT_OPENSOCKETFUNCTION,
        +[](void*, curlsocktype, curl_sockaddr*) -> curl_socket_t { return CURL_SOCKET_BAD; });
  }
  sweeping_ = curl_multi_add_handle(multi_, sweeper_) == CURLM_OK;
}

void HttpClient::End(HttpTransfer& transfer, absl::Status end) {
  if (transfer.ended()) return;
  transfer.End(std::move(end));
  CURL* easy = Remove(transfer);
  if (idle_handles_.size() < kIdleHandles) {
    idle_handles_.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
  transfers_.erase(easy);  // May destroy `transfer`.
}

void HttpClient::ArmLimit(const std::shared_ptr<HttpTransfer>& transfer) {
  transfer->limit_timer().expires_at(transfer->NextLimit());
  transfer->limit_timer().async_wait(
      [self = weak_from_this(), weak = std::weak_ptr(transfer)](boost::system::error_code error) {
        const auto client = self.lock();
        const auto armed = weak.lock();
        if (error || !client || !armed || armed->ended()) return;
        if (absl::Status passed = armed->CheckLimits(HttpTransfer::Clock::now()); !passed.ok()) {
          client->End(*armed, std::move(passed));
        } else {
          client->ArmLimit(armed);
        }
      });
}

void HttpClient::Resume(HttpTransfer& transfer) {
  if (transfer.ended() || !transfer.paused()) return;
  const CURLcode result = transfer.Resume();
  if (result != CURLE_OK) End(transfer, transfer.Explain(result));
}

std::string HttpHead::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

HttpCall::HttpCall(std::shared_ptr<HttpClient> client, std::shared_ptr<HttpTransfer> transfer)
    : client_(std::move(client)), transfer_(std::move(transfer)) {}

HttpCall::~HttpCall() {
  if (!transfer_->discarding()) client_->End(*transfer_, Cancelled());
}

Task<absl::StatusOr<HttpHead>> HttpCall::Head() {
  const auto transfer = transfer_;
  while (!transfer->has_head() && !transfer->ended()) co_await transfer->Wait();
  if (!transfer->has_head()) co_return transfer->end();
  co_return transfer->head();
}

Task<absl::StatusOr<std::string>> HttpCall::Read() {
  const auto transfer = transfer_;
  const auto client = client_;
  while (transfer->unread_bytes() == 0 && !transfer->ended()) co_await transfer->Wait();
  if (transfer->unread_bytes() == 0 && !transfer->end().ok()) co_return transfer->end();
  std::string bytes = transfer->TakeUnread();
  client->Resume(*transfer);
  co_return bytes;
}

void HttpCall::Cancel() {
  transfer_->TakeUnread();
  client_->End(*transfer_, Cancelled());
}

void HttpCall::Finish() {
  if (transfer_->ended()) return;
  transfer_->Discard();
  client_->Resume(*transfer_);
}

std::optional<int64_t> HttpCall::connection_request_count() const {
  return transfer_->connection_request_count();
}

size_t HttpCall::unread_bytes() const { return transfer_->unread_bytes(); }

}  // namespace colophon
