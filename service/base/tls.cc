#include "service/base/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr size_t kMaxFileBytes = 4 << 20;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

absl::Status Bad(std::string_view field, const std::string& path, std::string_view why) {
  return InvalidArgument("BAD_CONFIG", fmt::format("{} is \"{}\", {}", field, path, why),
                         {{"field", std::string(field)}});
}

// Of OpenSSL, which keeps a list a thread.
std::string LastError() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "no reason given" : reason;
  ERR_clear_error();
  return text;
}

absl::StatusOr<std::string> ReadFile(std::string_view field, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return Bad(field, path, fmt::format("which can't be read: {}", std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) return Bad(field, path, "which is no file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Bad(field, path, fmt::format("which can't be read: {}", std::strerror(errno)));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.size() > kMaxFileBytes) return Bad(field, path, "which is too large for certificates");
  return text;
}

Memory Reader(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<std::vector<Certificate>> ReadCertificates(std::string_view field,
                                                          const std::string& path,
                                                          const std::string& text) {
  const Memory reader = Reader(text);
  std::vector<Certificate> certificates;
  while (X509* next = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(next);
  }
  const unsigned long code = ERR_peek_last_error();
  const bool is_end = ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (!is_end) {
    return Bad(
        field, path,
        fmt::format("whose certificate {} is damaged: {}", certificates.size() + 1, LastError()));
  }
  ERR_clear_error();
  if (certificates.empty()) return Bad(field, path, "which holds no certificate in PEM");
  return certificates;
}

int NoPassword(char*, int, int, void*) { return 0; }

absl::StatusOr<Key> ReadKey(std::string_view field, const std::string& path,
                            const std::string& text) {
  Key key(PEM_read_bio_PrivateKey(Reader(text).get(), nullptr, NoPassword, nullptr));
  if (key != nullptr) return key;
  ERR_clear_error();
  if (text.find("ENCRYPTED") != text.npos) {
    return Bad(field, path,
               "whose key has a password: write it without one, for its user only, with "
               "`openssl pkey -in FILE -out NEW`");
  }
  return Bad(field, path, "which holds no private key in PEM");
}

absl::Time NotAfter(const X509* certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return absl::InfinitePast();
  return absl::FromTimeT(timegm(&time));
}

// What changes with a file's content, however it is replaced.
std::string StampOf(const TlsFiles& files) {
  std::string stamp;
  for (const std::string& path : {files.certificate, files.key, files.client_ca}) {
    struct stat status {};
    if (path.empty() || stat(path.c_str(), &status) != 0) {
      stamp += "- ";
      continue;
    }
    stamp += fmt::format("{}:{}:{}.{}:{}.{} ", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                         status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  }
  return stamp;
}

std::string TextOf(const ASN1_STRING* string) {
  if (string == nullptr) return "";
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                   ASN1_STRING_length(string));
  // A name that would end there for who reads it as C does.
  return text.find('\0') == text.npos ? text : "";
}

// The certificate and its key.
absl::Status ReadOwn(const TlsFiles& files, const TlsFileNames& names, TlsIdentity* identity) {
  ASSIGN_OR_RETURN(identity->certificates, ReadFile(names.certificate, files.certificate));
  ASSIGN_OR_RETURN(const std::vector<Certificate> certificates,
                   ReadCertificates(names.certificate, files.certificate, identity->certificates));
  ASSIGN_OR_RETURN(identity->key, ReadFile(names.key, files.key));
  ASSIGN_OR_RETURN(const Key key, ReadKey(names.key, files.key, identity->key));
  X509* const own = certificates.front().get();
  if (X509_check_private_key(own, key.get()) != 1) {
    ERR_clear_error();
    return Bad(
        names.key, files.key,
        fmt::format("whose key is not that of the first certificate in \"{}\"", files.certificate));
  }
  // Has rules of its own, for the size of keys.
  const Context context(SSL_CTX_new(TLS_method()));
  if (SSL_CTX_use_certificate(context.get(), own) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return Bad(names.certificate, files.certificate,
               fmt::format("which OpenSSL doesn't take: {}", LastError()));
  }
  identity->not_after = NotAfter(own);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsIdentity> ReadTlsFiles(const TlsFiles& files, const TlsFileNames& names) {
  TlsIdentity identity;
  if (!files.certificate.empty()) RETURN_IF_ERROR(ReadOwn(files, names, &identity));
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(identity.client_authorities, ReadFile(names.client_ca, files.client_ca));
    RETURN_IF_ERROR(
        ReadCertificates(names.client_ca, files.client_ca, identity.client_authorities).status());
  }
  return identity;
}

std::string NameOf(const x509_st* certificate) {
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (const int kind : {GEN_DNS, GEN_URI, GEN_EMAIL}) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
      const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
      if (name->type == kind) return TextOf(name->d.ia5);
    }
  }
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return at < 0 ? "" : TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

absl::StatusOr<std::shared_ptr<TlsCertificates>> TlsCertificates::Read(TlsFiles files) {
  std::shared_ptr<TlsCertificates> certificates(new TlsCertificates(std::move(files)));
  RETURN_IF_ERROR(certificates->Take(StampOf(certificates->files_)));
  return certificates;
}

std::shared_ptr<const TlsIdentity> TlsCertificates::current() const {
  std::lock_guard lock(mu_);
  return current_;
}

absl::StatusOr<bool> TlsCertificates::Refresh() {
  std::string stamp = StampOf(files_);
  {
    std::lock_guard lock(mu_);
    if (stamp == stamp_) return false;
  }
  RETURN_IF_ERROR(Take(std::move(stamp)));
  return true;
}

// The stamp was taken before the files are read: what changes meanwhile is read at the
// next look.
absl::Status TlsCertificates::Take(std::string stamp) {
  absl::StatusOr<TlsIdentity> identity = ReadTlsFiles(files_);
  std::lock_guard lock(mu_);
  stamp_ = std::move(stamp);
  if (!identity.ok()) return identity.status();
  current_ = std::make_shared<const TlsIdentity>(*std::move(identity));
  return absl::OkStatus();
}

}  // namespace colophon
