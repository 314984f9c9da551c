#include "service/rpc/tls_credentials.h"

#include <mutex>
#include <string>
#include <utility>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace colophon {
namespace {

class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(std::shared_ptr<const TlsCertificates> certificates)
      : certificates_(std::move(certificates)),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                certificates_->asks_clients()
                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                &TlsCredentials::Fetch, this))) {}
  ~TlsCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // Before each handshake, on any thread.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<TlsCredentials*>(self)->Fetch(config);
  }

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config) {
    std::shared_ptr<const TlsIdentity> identity = certificates_->current();
    std::lock_guard lock(mu_);
    if (identity == fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {identity->key.c_str(), identity->certificates.c_str()};
    // gRPC 1.51 ends the process when there are no authorities, be it that nobody is asked for
    // a certificate. Then these are looked at by nobody.
    const std::string& authorities = identity->client_authorities.empty()
                                         ? identity->certificates
                                         : identity->client_authorities;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    fetched_ = std::move(identity);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  // Constant after construction.
  const std::shared_ptr<const TlsCertificates> certificates_;
  grpc_server_credentials* const credentials_;

  std::mutex mu_;
  // Guarded by mu_.
  std::shared_ptr<const TlsIdentity> fetched_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(
    std::shared_ptr<const TlsCertificates> certificates) {
  return std::make_shared<TlsCredentials>(std::move(certificates));
}

}  // namespace colophon
