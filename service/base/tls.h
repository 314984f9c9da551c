#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/time/time.h"
#include "service/base/status.h"

struct x509_st;

namespace colophon {

// Paths of PEM files, as the configuration's `tls` names them.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;  // Empty: clients are asked for no certificate.

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// What errors call the files.
struct TlsFileNames {
  const char* certificate = "tls.certificate_file";
  const char* key = "tls.key_file";
  const char* client_ca = "tls.client_ca_file";
};

// What was in such files at one moment, and fits together.
struct TlsIdentity {
  std::string certificates;  // The server's first.
  std::string key;
  std::string client_authorities;                 // May be empty.
  absl::Time not_after = absl::InfiniteFuture();  // The certificate is good until then.
};

// Of the paths that aren't empty. INVALID_ARGUMENT BAD_CONFIG names the field, the file and
// what is wrong with it. A certificate that has expired is no error: see
// TlsIdentity::not_after.
absl::StatusOr<TlsIdentity> ReadTlsFiles(const TlsFiles& files, const TlsFileNames& names = {});

// Who a certificate is for: its first DNS name, else its first URI, else its first address
// of mail, else its common name. Empty when there is none, or a name holds a NUL.
std::string NameOf(const x509_st* certificate);

// The identity that new connections get: read from files, and again when they change, both
// doors from the same one.
//
// Thread-safe.
class TlsCertificates {
 public:
  // Errors as ReadTlsFiles.
  static absl::StatusOr<std::shared_ptr<TlsCertificates>> Read(TlsFiles files);

  // Never null.
  std::shared_ptr<const TlsIdentity> current() const;
  bool asks_clients() const { return !files_.client_ca.empty(); }

  // Looks whether the files have changed since the last look, and takes what they hold:
  // true. What is wrong with them is told once for each change, and changes nothing.
  absl::StatusOr<bool> Refresh();

 private:
  explicit TlsCertificates(TlsFiles files) : files_(std::move(files)) {}
  absl::Status Take(std::string stamp);

  const TlsFiles files_;
  mutable std::mutex mu_;
  // Guarded by mu_.
  std::shared_ptr<const TlsIdentity> current_;
  std::string stamp_;  // Of the files at the last look.
};

}  // namespace colophon
