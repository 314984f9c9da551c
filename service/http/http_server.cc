#include "service/http/http_server.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "fmt/format.h"
#include "service/base/log.h"
#include "service/http/tls_context.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// When none can be accepted, as long as files are missing.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kComplainEvery = std::chrono::minutes(1);

absl::Status CantListen(const HttpServerOptions& options, const ErrorCode& error) {
  const bool is_taken = error == asio::error::address_in_use;
  return FailedPrecondition(
      is_taken ? "ADDRESS_IN_USE" : "CANT_LISTEN",
      fmt::format("can't listen on {}:{}: {}; {}", options.host, options.port, error.message(),
                  is_taken ? "another program holds the port: choose another one with "
                             "--http-listen, 0 for any, or off for none"
                           : "choose another address with --http-listen, or off for none"));
}

}  // namespace

// Shared by the accepting task, so that it may end after the server.
class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(const HttpServerOptions& options) : options_(options) {
    options_.rules.is_serving = [this] { return serving_.load(); };
    if (options.tls == nullptr) return;
    tls_ = std::make_unique<TlsContext>(options.tls, options.without_client_certificate);
  }

  absl::Status Bind() {
    ErrorCode error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) return CantListen(options_, error);
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(options_.port));
    tcp::acceptor acceptor(bind_context_);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (error) return CantListen(options_, error);
    protocol_.emplace(endpoint.protocol());
    port_ = acceptor.local_endpoint().port();
    bound_.emplace(std::move(acceptor));
    return absl::OkStatus();
  }

  int port() const { return port_; }
  void SetServing(bool serving) { serving_ = serving; }

  absl::Status Start(Dispatcher* dispatcher, GitService* git, Executor* executor) {
    dispatcher_ = dispatcher;
    git_ = git;
    executor_ = executor;
    accept_loop_ = &executor->loop(0);
    acceptor_.emplace(accept_loop_->context(), *protocol_, bound_->release());
    ErrorCode error;
    acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return CantListen(options_, error);
    accepting_ = true;
    asio::co_spawn(accept_loop_->context(), Accept(shared_from_this()), asio::detached);
    return absl::OkStatus();
  }

  void Stop() {
    if (dispatcher_ == nullptr || stopping_.exchange(true)) return;
    accept_loop_->Post([self = shared_from_this()] {
      ErrorCode ignored;
      self->acceptor_->close(ignored);
    });
    std::unique_lock lock(mu_);
    for (const auto& [connection, loop] : connections_) {
      loop->Post([connection = connection] { connection->Close(); });
    }
    none_left_.wait(lock, [this] { return connections_.empty() && !accepting_; });
  }

 private:
  static Task<void> Accept(std::shared_ptr<Impl> self) {
    while (!self->stopping_) {
      Loop& loop = self->executor_->Next();
      auto [error, socket] = co_await self->acceptor_->async_accept(loop.context(), kAwait);
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
      if (error) {
        self->Complain(error.message());
        asio::steady_timer pause(self->accept_loop_->context(), kAcceptPause);
        (void)co_await pause.async_wait(kAwait);
        continue;
      }
      self->Take(std::move(socket), &loop);
    }
    std::lock_guard lock(self->mu_);
    self->accepting_ = false;
    self->none_left_.notify_all();
  }

  void Take(tcp::socket socket, Loop* loop) {
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::shared_ptr<asio::ssl::context> tls;
    if (tls_ != nullptr) {
      auto current = tls_->Current();
      if (!current.ok()) return Complain(MessageOf(current.status()));
      tls = *std::move(current);
    }
    const auto connection =
        std::make_shared<HttpSession>(std::move(socket), tls, dispatcher_, git_, &options_.rules);
    {
      std::lock_guard lock(mu_);
      if (stopping_) return;
      if (static_cast<int>(connections_.size()) >= options_.max_connections) {
        return Complain(
            fmt::format("{} connections are open, which is the limit", connections_.size()));
      }
      connections_.emplace(connection, loop);
    }
    asio::co_spawn(loop->context(), connection->Run(),
                   [self = shared_from_this(), connection](const std::exception_ptr& exception) {
                     if (exception != nullptr) {
                       self->Complain(MessageOf(StatusOfException("serving HTTP", exception)));
                       connection->Close();
                     }
                     std::lock_guard lock(self->mu_);
                     self->connections_.erase(connection);
                     if (self->connections_.empty()) self->none_left_.notify_all();
                   });
  }

  void Complain(const std::string& message) {
    const auto now = std::chrono::steady_clock::now();
    auto last = complained_at_.load();
    if (now - last < kComplainEvery || !complained_at_.compare_exchange_strong(last, now)) return;
    Log(LogLevel::kWarning, LogLine("event", "http_connection_refused").Add("message", message));
  }

  HttpServerOptions options_;
  std::unique_ptr<TlsContext> tls_;  // Null: plain text.
  asio::io_context bind_context_;
  std::optional<tcp> protocol_;
  std::optional<tcp::acceptor> bound_;
  int port_ = 0;
  std::atomic<bool> serving_{true};
  std::atomic<bool> stopping_{false};
  std::atomic<std::chrono::steady_clock::time_point> complained_at_{};

  // Constant after Start.
  Dispatcher* dispatcher_ = nullptr;
  GitService* git_ = nullptr;
  Executor* executor_ = nullptr;
  Loop* accept_loop_ = nullptr;

  std::optional<tcp::acceptor> acceptor_;  // On accept_loop_ only, after Start.

  std::mutex mu_;
  std::condition_variable none_left_;
  // Guarded by mu_.
  std::unordered_map<std::shared_ptr<HttpSession>, Loop*> connections_;
  bool accepting_ = false;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Bind(const HttpServerOptions& options) {
  auto impl = std::make_shared<Impl>(options);
  RETURN_IF_ERROR(impl->Bind());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { Stop(); }

int HttpServer::port() const { return impl_->port(); }
absl::Status HttpServer::Start(Dispatcher* dispatcher, GitService* git, Executor* executor) {
  return impl_->Start(dispatcher, git, executor);
}
void HttpServer::SetServing(bool serving) { impl_->SetServing(serving); }
void HttpServer::Stop() { impl_->Stop(); }

}  // namespace colophon
