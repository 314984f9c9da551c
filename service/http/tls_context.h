#pragma once

#include <memory>
#include <mutex>

#include "boost/asio/ssl/context.hpp"
#include "service/base/tls.h"

namespace colophon {

// The HTTP port's side of TLS, made anew when the certificates are others.
//
// Thread-safe.
class TlsContext {
 public:
  // `without_client_certificate`: clients are asked for one and taken without.
  TlsContext(std::shared_ptr<const TlsCertificates> certificates, bool without_client_certificate)
      : certificates_(std::move(certificates)),
        without_client_certificate_(without_client_certificate) {}

  // For the next connection, which keeps what it needs of it. INTERNAL when OpenSSL refuses what
  // ReadTlsFiles took.
  absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> Current();

 private:
  // Constant after construction.
  const std::shared_ptr<const TlsCertificates> certificates_;
  const bool without_client_certificate_;

  std::mutex mu_;
  // Guarded by mu_.
  std::shared_ptr<const TlsIdentity> identity_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace colophon
