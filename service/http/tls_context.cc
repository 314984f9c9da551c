#include "service/http/tls_context.h"

#include <openssl/ssl.h>

#include <string_view>
#include <utility>

#include "boost/asio/buffer.hpp"
#include "fmt/format.h"

namespace colophon {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

// Of what the client offers; one that offers something else gets HTTP/1.1 all the same.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kHttp11, sizeof(kHttp11) - 1, offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

using Made = absl::StatusOr<std::shared_ptr<ssl::context>>;

Made MakeContext(const TlsIdentity& identity, bool without_client_certificate) {
  boost::system::error_code error;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle connection holds no buffers.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, ChooseProtocol, nullptr);
  context->use_certificate_chain(asio::buffer(identity.certificates), error);
  if (!error) context->use_private_key(asio::buffer(identity.key), ssl::context::pem, error);
  if (!error && !identity.client_authorities.empty()) {
    // Sessions that are taken up again are those of a client with a name.
    static constexpr std::string_view kSessions = "colophon";
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                   kSessions.size());
    context->add_certificate_authority(asio::buffer(identity.client_authorities), error);
    const int must = without_client_certificate ? 0 : ssl::verify_fail_if_no_peer_cert;
    if (!error) context->set_verify_mode(ssl::verify_peer | must, error);
  }
  if (error) return Internal(fmt::format("TLS can't be set up: {}", error.message()));
  return context;
}

}  // namespace

Made TlsContext::Current() {
  std::shared_ptr<const TlsIdentity> identity = certificates_->current();
  std::lock_guard lock(mu_);
  if (identity != identity_) {
    ASSIGN_OR_RETURN(context_, MakeContext(*identity, without_client_certificate_));
    identity_ = std::move(identity);
  }
  return context_;
}

}  // namespace colophon
