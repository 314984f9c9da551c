#include "service/http/http_stream.h"

#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <string_view>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/buffer.hpp"
#include "boost/asio/ssl/error.hpp"
#include "boost/asio/write.hpp"
#include "service/base/tls.h"

namespace colophon {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 43\r\n"
    "connection: close\r\n\r\nthis port speaks TLS: use https:// instead\n";

bool IsPlainHttp(const HttpStream::ErrorCode& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

}  // namespace

HttpStream::HttpStream(Socket socket, const std::shared_ptr<asio::ssl::context>& tls)
    : tcp_(std::move(socket)) {
  if (tls != nullptr) tls_.emplace(tcp_, *tls);
}

Task<HttpStream::ErrorCode> HttpStream::Handshake() {
  if (!tls_) co_return ErrorCode();
  auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  if (IsPlainHttp(error)) {
    (void)co_await asio::async_write(tcp_, asio::buffer(kSpeakTls), kAwait);
    ErrorCode ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
  }
  co_return error;
}

Task<void> HttpStream::SayGoodbye() {
  if (tls_) (void)co_await tls_->async_shutdown(kAwait);
}

Task<void> HttpStream::ReadOut(size_t max_bytes) {
  ErrorCode ignored;
  if (!has_tls()) socket().shutdown(Socket::shutdown_send, ignored);
  std::array<char, 4'096> unread;
  for (size_t read = 0; read < max_bytes;) {
    auto [error, bytes] = co_await async_read_some(asio::buffer(unread), kAwait);
    if (error) break;
    read += bytes;
  }
}

void HttpStream::Close() {
  ErrorCode ignored;
  socket().shutdown(Socket::shutdown_both, ignored);
  tcp_.close();
}

std::string HttpStream::CertificateName() {
  if (!tls_) return "";
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      SSL_get1_peer_certificate(tls_->native_handle()), X509_free);
  if (certificate == nullptr || SSL_get_verify_result(tls_->native_handle()) != X509_V_OK) {
    return "";
  }
  return NameOf(certificate.get());
}

bool HttpStream::IsEndedByClient() {
  pollfd events{socket().native_handle(), POLLRDHUP, 0};
  return poll(&events, 1, 0) < 0 || (events.revents & (POLLRDHUP | POLLERR | POLLHUP)) != 0;
}

}  // namespace colophon
