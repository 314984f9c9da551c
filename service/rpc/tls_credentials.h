#pragma once

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "service/base/tls.h"

namespace colophon {

// Each handshake has the certificates of its moment. When authorities of clients are named,
// who shows no certificate of theirs gets no connection.
//
// gRPC 1.51's own way, FileWatcherCertificateProvider, takes whatever files it finds: a key
// that doesn't fit its certificate, while both are being replaced, fails every handshake
// until it looks again. Here files have been checked before.
std::shared_ptr<grpc::ServerCredentials> NewTlsCredentials(
    std::shared_ptr<const TlsCertificates> certificates);

}  // namespace colophon
