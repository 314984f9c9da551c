#include "tests/testing/model_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>
#include <utility>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/read_until.hpp"
#include "boost/asio/ssl.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/write.hpp"
#include "service/base/task.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<Tcp::socket>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kLongestWait{30};

Tcp::socket& SocketOf(Tcp::socket& stream) { return stream; }
Tcp::socket& SocketOf(TlsStream& stream) { return stream.next_layer(); }

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// `head` ends with the empty line.
ModelRequest ParseHead(std::string_view head) {
  ModelRequest request;
  const size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  request.method = line.substr(0, line.find(' '));
  const size_t target = request.method.size() + 1;
  request.target = line.substr(target, line.rfind(' ') - target);
  for (size_t at = end + 2; at < head.size();) {
    const size_t stop = head.find("\r\n", at);
    const std::string_view header = head.substr(at, stop - at);
    at = stop + 2;
    const size_t colon = header.find(':');
    if (colon == header.npos) break;
    std::string_view value = header.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    request.headers[LowerCase(header.substr(0, colon))] = value;
  }
  return request;
}

}  // namespace

class ModelServer::Impl {
 public:
  explicit Impl(const std::optional<Tls>& tls);
  ~Impl() {
    context_.stop();
    thread_.join();
  }

  int port() const { return acceptor_.local_endpoint().port(); }
  bool is_tls() const { return tls_.has_value(); }
  void SetHandler(Handler handler) {
    std::lock_guard lock(mu_);
    handler_ = std::move(handler);
  }

  void SetGreeting(Greeting greeting) {
    std::lock_guard lock(mu_);
    greeting_ = std::move(greeting);
  }

  ModelAnswer Greet(int connection);
  // Notes the request and says what to do.
  ModelAnswer Handle(ModelRequest request);
  int ConnectionOpened();
  void ConnectionClosed();
  void Sent(size_t bytes) { sent_bytes_ += static_cast<int64_t>(bytes); }
  int64_t sent_bytes() const { return sent_bytes_; }

  template <class Read>
  auto Look(Read read) const {
    std::lock_guard lock(mu_);
    return read(*this);
  }
  template <class Condition>
  bool WaitUntil(Condition condition) const {
    std::unique_lock lock(mu_);
    return changed_.wait_for(lock, kLongestWait, [&] { return condition(*this); });
  }

  mutable std::mutex mu_;
  mutable std::condition_variable changed_;
  // Guarded by mu_.
  Handler handler_;
  Greeting greeting_;
  std::vector<ModelRequest> requests_;
  int connections_ = 0;
  int open_connections_ = 0;

 private:
  Task<void> Accept();

  std::atomic<int64_t> sent_bytes_{0};
  std::optional<asio::ssl::context> tls_;
  // Below what connections use: destroying it destroys them.
  asio::io_context context_{1};
  Tcp::acceptor acceptor_{context_};
  std::thread thread_;
};

// One connection; its coroutine keeps it alive.
template <class Stream>
class ModelServer::Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Impl* server, Stream stream)
      : server_(server),
        stream_(std::move(stream)),
        wake_(stream_.get_executor()),
        number_(server->ConnectionOpened()) {}
  ~Connection() { server_->ConnectionClosed(); }

  Task<void> Serve() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      const auto [error] = co_await stream_.async_handshake(TlsStream::server, kTuple);
      if (error) co_return;
    }
    ModelAnswer answer = server_->Greet(number_);
    for (;;) {
      for (const ModelAnswer::Step& step : answer.steps_) {
        const bool goes_on = co_await Do(step);
        if (!goes_on) co_return;
      }
      std::optional<ModelRequest> request = co_await ReadRequest();
      if (!request) co_return;
      answer = server_->Handle(*std::move(request));
    }
  }

 private:
  using Kind = ModelAnswer::Step::Kind;

  Task<std::optional<ModelRequest>> ReadRequest() {
    std::optional<ModelRequest> request;
    auto buffer = asio::dynamic_buffer(received_);
    const auto [head_error, head] =
        co_await asio::async_read_until(stream_, buffer, "\r\n\r\n", kTuple);
    if (head_error) co_return request;
    ModelRequest read = ParseHead(std::string_view(received_).substr(0, head));
    received_.erase(0, head);
    const auto length = read.headers.find("content-length");
    const size_t bytes = length == read.headers.end() ? 0 : std::stoul(length->second);
    if (received_.size() < bytes) {
      const auto [error, count] = co_await asio::async_read(
          stream_, buffer, asio::transfer_exactly(bytes - received_.size()), kTuple);
      if (error) co_return request;
    }
    read.body = received_.substr(0, bytes);
    read.connection = number_;
    received_.erase(0, bytes);
    request = std::move(read);
    co_return request;
  }

  // False when the connection is at its end.
  Task<bool> Do(const ModelAnswer::Step& step) {
    switch (step.kind) {
      case Kind::kSend:
        for (int64_t i = 0; i < step.times; ++i) {
          const auto [error, count] =
              co_await asio::async_write(stream_, asio::buffer(step.bytes), kTuple);
          server_->Sent(count);
          if (error) co_return false;
        }
        co_return true;
      case Kind::kWait:
        step.gate->OnOpen([weak = this->weak_from_this(), executor = stream_.get_executor()] {
          const auto self = weak.lock();
          if (self) asio::post(executor, [self] { self->wake_.cancel(); });
        });
        WatchForEnd();
        while (!step.gate->is_open() && !gone_) co_await Sleep();
        co_return !gone_;
      case Kind::kPause:
        wake_.expires_after(step.time);
        co_await wake_.async_wait(kTuple);
        co_return true;
      case Kind::kWaitForBytes: {
        const auto [error] = co_await SocketOf(stream_).async_wait(Tcp::socket::wait_read, kTuple);
        co_return !error;
      }
      case Kind::kHang:
        WatchForEnd();
        while (!gone_) co_await Sleep();
        co_return false;
      case Kind::kReset:
        SocketOf(stream_).set_option(asio::socket_base::linger(true, 0));
        [[fallthrough]];
      case Kind::kClose:
        boost::system::error_code ignored;
        SocketOf(stream_).close(ignored);
        co_return false;
    }
    co_return false;
  }

  Task<void> Sleep() {
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await wake_.async_wait(kTuple);
  }

  // Wakes the sleeper when the client closes. Clients send nothing meanwhile.
  void WatchForEnd() {
    if (std::exchange(watching_, true)) return;
    SocketOf(stream_).async_wait(
        Tcp::socket::wait_read, [self = this->shared_from_this()](boost::system::error_code error) {
          self->watching_ = false;
          char byte;
          const auto count = error ? 0
                                   : recv(SocketOf(self->stream_).native_handle(), &byte, 1,
                                          MSG_PEEK | MSG_DONTWAIT);
          if (count > 0 || (count < 0 && errno == EAGAIN)) return;
          self->gone_ = true;
          self->wake_.cancel();
        });
  }

  Impl* const server_;
  Stream stream_;
  asio::steady_timer wake_;
  const int number_;
  std::string received_;
  bool watching_ = false;
  bool gone_ = false;
};

ModelServer::Impl::Impl(const std::optional<Tls>& tls) {
  if (tls) {
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->use_certificate_chain_file(tls->certificate_file);
    tls_->use_private_key_file(tls->key_file, asio::ssl::context::pem);
  }
  const Tcp::endpoint endpoint(asio::ip::address_v4::loopback(), 0);
  acceptor_.open(endpoint.protocol());
  acceptor_.bind(endpoint);
  acceptor_.listen(4096);
  asio::co_spawn(context_, Accept(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

// Holds the connection as long as it is served.
template <class Connection>
Task<void> ServeToTheEnd(std::shared_ptr<Connection> connection) {
  co_await connection->Serve();
}

Task<void> ModelServer::Impl::Accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(kTuple);
    if (error) co_return;
    socket.set_option(Tcp::no_delay(true));
    // Small, so that sent_bytes tells what the client has taken.
    socket.set_option(asio::socket_base::send_buffer_size(64 << 10));
    const auto serve = [this](auto connection) {
      asio::co_spawn(context_, ServeToTheEnd(std::move(connection)), asio::detached);
    };
    if (tls_) {
      serve(std::make_shared<Connection<TlsStream>>(this, TlsStream(std::move(socket), *tls_)));
    } else {
      serve(std::make_shared<Connection<Tcp::socket>>(this, std::move(socket)));
    }
  }
}

ModelAnswer ModelServer::Impl::Greet(int connection) {
  Greeting greeting;
  {
    std::lock_guard lock(mu_);
    greeting = greeting_;
  }
  return greeting ? greeting(connection) : ModelAnswer();
}

ModelAnswer ModelServer::Impl::Handle(ModelRequest request) {
  Handler handler;
  {
    std::lock_guard lock(mu_);
    request.index = static_cast<int>(requests_.size());
    requests_.push_back(request);
    handler = handler_;
  }
  changed_.notify_all();
  if (handler) return handler(request);
  return ModelAnswer().Send("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
}

int ModelServer::Impl::ConnectionOpened() {
  std::lock_guard lock(mu_);
  ++open_connections_;
  changed_.notify_all();
  return connections_++;
}

void ModelServer::Impl::ConnectionClosed() {
  std::lock_guard lock(mu_);
  --open_connections_;
  changed_.notify_all();
}

ModelServer::ModelServer() : impl_(std::make_unique<Impl>(std::nullopt)) {}
ModelServer::ModelServer(const Tls& tls) : impl_(std::make_unique<Impl>(tls)) {}
ModelServer::~ModelServer() = default;

std::string ModelServer::base_url() const {
  return (impl_->is_tls() ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) +
         "/v1";
}

int ModelServer::port() const { return impl_->port(); }

void ModelServer::SetHandler(Handler handler) { impl_->SetHandler(std::move(handler)); }

void ModelServer::SetGreeting(Greeting greeting) { impl_->SetGreeting(std::move(greeting)); }

int ModelServer::request_count() const {
  return impl_->Look([](auto& server) { return static_cast<int>(server.requests_.size()); });
}

std::vector<ModelRequest> ModelServer::requests() const {
  return impl_->Look([](auto& server) { return server.requests_; });
}

int ModelServer::connection_count() const {
  return impl_->Look([](auto& server) { return server.connections_; });
}

int ModelServer::open_connection_count() const {
  return impl_->Look([](auto& server) { return server.open_connections_; });
}

int64_t ModelServer::sent_bytes() const { return impl_->sent_bytes(); }

bool ModelServer::WaitForRequests(int count) const {
  return impl_->WaitUntil(
      [count](auto& server) { return static_cast<int>(server.requests_.size()) >= count; });
}

bool ModelServer::WaitForOpenConnections(int count) const {
  return impl_->WaitUntil([count](auto& server) { return server.open_connections_ == count; });
}

}  // namespace colophon
