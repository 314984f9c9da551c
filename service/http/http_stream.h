#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "boost/asio/async_result.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ssl/context.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/ssl/ssl_stream.hpp"
#include "service/base/task.h"

namespace colophon {

// A client's connection, with TLS or without: what Beast and Asio call a stream. Times are the
// socket's, as beast::tcp_stream has them, and hold for both.
//
// Lives on one Loop.
class HttpStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using ErrorCode = boost::beast::error_code;
  using executor_type = boost::beast::tcp_stream::executor_type;

  // `tls` null: plain text.
  HttpStream(Socket socket, const std::shared_ptr<boost::asio::ssl::context>& tls);

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  bool has_tls() const { return tls_.has_value(); }
  Socket& socket() { return tcp_.socket(); }
  void expires_after(std::chrono::steady_clock::duration time) { tcp_.expires_after(time); }

  // TLS's first words; nothing without it. A client that speaks plain HTTP is told so.
  // REQUIRES: a time is set.
  Task<ErrorCode> Handshake();
  // TLS's last words, so that the client knows that this is the end.
  Task<void> SayGoodbye();
  // Says that nothing more will be said, where that can be, and reads what still comes, so
  // much at most. REQUIRES: a time is set.
  Task<void> ReadOut(size_t max_bytes);
  // At once, whatever goes on.
  void Close();
  // After Handshake: NameOf the certificate that the client showed; empty: none.
  std::string CertificateName();
  // True when the client has ended what it sends, be there more to read or not.
  bool IsEndedByClient();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, size_t)>(
        [this](auto handler, const Buffers& into) {
          if (tls_) {
            tls_->async_read_some(into, std::move(handler));
          } else {
            tcp_.async_read_some(into, std::move(handler));
          }
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, size_t)>(
        [this](auto handler, const Buffers& from) {
          if (tls_) {
            tls_->async_write_some(from, std::move(handler));
          } else {
            tcp_.async_write_some(from, std::move(handler));
          }
        },
        token, buffers);
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::optional<boost::beast::ssl_stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace colophon
