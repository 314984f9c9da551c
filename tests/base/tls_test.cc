#include "service/base/tls.h"

#include <openssl/pem.h>

#include <cstdio>
#include <filesystem>

#include "gmock/gmock.h"
#include "tests/provider/certificates.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFiles Files() const {
    return {.certificate = made_.file("IP.pem"),
            .key = made_.file("IP.key"),
            .client_ca = made_.file("ca.pem")};
  }
  std::string NameIn(const std::string& file) const {
    std::FILE* const open = std::fopen(made_.file(file).c_str(), "r");
    X509* const certificate = PEM_read_X509(open, nullptr, nullptr, nullptr);
    std::fclose(open);
    const std::string name = NameOf(certificate);
    X509_free(certificate);
    return name;
  }

  const Certificates made_;
};

TEST_F(TlsFilesTest, FilesThatFitAreTaken) {
  ASSERT_OK_AND_ASSIGN(const TlsIdentity identity, ReadTlsFiles(Files()));
  EXPECT_EQ(identity.certificates, ReadFileOrDie(made_.file("IP.pem")));
  EXPECT_EQ(identity.key, ReadFileOrDie(made_.file("IP.key")));
  EXPECT_EQ(identity.client_authorities, ReadFileOrDie(made_.file("ca.pem")));
  EXPECT_GT(identity.not_after, absl::Now() + absl::Hours(47));
  EXPECT_LT(identity.not_after, absl::Now() + absl::Hours(49));
}

// Each names the field, the file and what is wrong with it.
TEST_F(TlsFilesTest, WhatDoesntFitIsNamed) {
  WriteFile(made_.file("text"), "no certificate\n");
  WriteFile(made_.file("damaged"), ReadFileOrDie(made_.file("IP.pem")).substr(0, 200));
  ASSERT_EQ(Shell("openssl ec -in " + made_.file("IP.key") + " -aes128 -passout pass:x -out " +
                  made_.file("locked"))
                .exit_code,
            0);
  const struct {
    std::string TlsFiles::*field;
    const char* file;
    const char* name;
    const char* says;
  } cases[] = {
      {&TlsFiles::certificate, "none", "tls.certificate_file", "No such file"},
      {&TlsFiles::certificate, "", "tls.certificate_file", "which is no file"},
      {&TlsFiles::certificate, "text", "tls.certificate_file", "holds no certificate in PEM"},
      {&TlsFiles::certificate, "damaged", "tls.certificate_file", "certificate 1 is damaged"},
      {&TlsFiles::key, "none", "tls.key_file", "No such file"},
      {&TlsFiles::key, "IP.pem", "tls.key_file", "holds no private key in PEM"},
      {&TlsFiles::key, "locked", "tls.key_file", "has a password"},
      {&TlsFiles::key, "DNS.key", "tls.key_file", "is not that of the first certificate"},
      {&TlsFiles::client_ca, "none", "tls.client_ca_file", "No such file"},
      {&TlsFiles::client_ca, "text", "tls.client_ca_file", "holds no certificate in PEM"},
  };
  for (const auto& [field, file, name, says] : cases) {
    TlsFiles files = Files();
    files.*field = made_.file(file);
    EXPECT_THAT(ReadTlsFiles(files).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                        testing::Matcher<std::string>(
                            AllOf(HasSubstr(name), HasSubstr(files.*field), HasSubstr(says)))))
        << file;
  }
}

TEST_F(TlsFilesTest, AnExpiredCertificateIsTakenAndSaysSo) {
  made_.Make("old", "/CN=old", "subjectAltName=IP:127.0.0.1", "-days -1");
  ASSERT_OK_AND_ASSIGN(const TlsIdentity identity,
                       ReadTlsFiles({made_.file("old.pem"), made_.file("old.key"), ""}));
  EXPECT_LT(identity.not_after, absl::Now());
}

TEST_F(TlsFilesTest, ACertificatesNameIsItsFirstAlternativeElseItsCommonName) {
  const struct {
    const char* subject;
    const char* extension;
    const char* name;
  } cases[] = {
      {"/CN=common", "basicConstraints=CA:FALSE", "common"},
      {"/CN=common", "subjectAltName=DNS:one.example,DNS:two.example", "one.example"},
      {"/CN=common", "subjectAltName=URI:spiffe://acme/app,DNS:one.example", "one.example"},
      {"/CN=common", "subjectAltName=email:a@acme.example,URI:spiffe://acme/app",
       "spiffe://acme/app"},
      {"/CN=common", "subjectAltName=email:a@acme.example", "a@acme.example"},
      {"/CN=common", "subjectAltName=IP:127.0.0.1", "common"},
      {"/O=nobody", "basicConstraints=CA:FALSE", ""},
  };
  for (const auto& [subject, extension, name] : cases) {
    made_.Make("client", subject, extension);
    EXPECT_EQ(NameIn("client.pem"), name) << extension;
  }
}

// A key is replaced before or after its certificate: what is between serves nobody.
TEST_F(TlsFilesTest, FilesAreReadAgainWhenTheyFitAndToldOfOnceWhenTheyDont) {
  ASSERT_OK_AND_ASSIGN(const auto certificates, TlsCertificates::Read(Files()));
  const std::string before = certificates->current()->certificates;
  ASSERT_OK_AND_ASSIGN(bool changed, certificates->Refresh());
  EXPECT_FALSE(changed);

  const auto replace = [&](const char* file, const char* by) {
    std::filesystem::copy_file(made_.file(by), made_.file("next"));
    std::filesystem::rename(made_.file("next"), made_.file(file));
  };
  replace("IP.pem", "DNS.pem");
  EXPECT_FALSE(certificates->Refresh().ok());
  EXPECT_EQ(certificates->current()->certificates, before);
  ASSERT_OK_AND_ASSIGN(changed, certificates->Refresh());  // Not told again.
  EXPECT_FALSE(changed);

  replace("IP.key", "DNS.key");
  ASSERT_OK_AND_ASSIGN(changed, certificates->Refresh());
  EXPECT_TRUE(changed);
  EXPECT_EQ(certificates->current()->certificates, ReadFileOrDie(made_.file("DNS.pem")));
}

}  // namespace
}  // namespace colophon
