// The ports with TLS, by real programs: colophond, colophon, curl, openssl.

#include <signal.h>

#include <filesystem>
#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/provider/certificates.h"
#include "tests/testing/eventually.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsPortsTest : public testing::Test {
 protected:
  TlsPortsTest() {
    made_.Make("app", "/CN=common", "subjectAltName=DNS:app.example");
    other_.Make("app", "/CN=common", "subjectAltName=DNS:app.example");
  }

  // `more`: of the configuration's tls.
  void Serve(const std::string& more) {
    WriteFile(
        dir_ / "conf",
        fmt::format("log_level: \"debug\" tls {{ certificate_file: \"{}\" key_file: \"{}\" {} }}",
                    made_.file("IP.pem"), made_.file("IP.key"), more));
    server_.set_serves_http(true);
    ASSERT_OK(server_.Start({"--config", dir_ / "conf"}));
  }
  std::string AskForCertificates() const {
    return fmt::format("client_ca_file: \"{}\"", made_.file("ca.pem"));
  }

  // `flags` have @ for the folder of certificates, and the server's address for {}.
  ShellResult Cli(const std::string& flags) const {
    return Shell(fmt::format("cd '{}' && timeout 60 {} {}", dir_.path(), COLOPHON_PROGRAM,
                             fmt::format(fmt::runtime(flags), server_.address())));
  }
  std::string Ca() const { return " --tls-ca " + made_.file("ca.pem"); }
  static std::string Own(const Certificates& made, const std::string& name) {
    return " --tls-cert " + made.file(name + ".pem") + " --tls-key " + made.file(name + ".key");
  }
  ShellResult Curl(const std::string& flags, const std::string& path = "/readyz") const {
    return Shell(fmt::format("curl --noproxy '*' -sS --max-time 60 {} https://{}{}", flags,
                             server_.http_address(), path));
  }
  std::string CurlCa() const { return "--cacert " + made_.file("ca.pem"); }
  static std::string CurlOwn(const Certificates& made) {
    return " --cert " + made.file("app.pem") + " --key " + made.file("app.key");
  }

  const TempDir dir_;
  const Certificates made_;
  const Certificates other_;  // Of another authority.
  ServerProcess server_{COLOPHOND_PROGRAM, dir_ / "data"};
};

TEST_F(TlsPortsTest, TheServersCertificateIsCheckedAndTheErrorSaysWhatToDo) {
  Serve("");
  EXPECT_EQ(Cli("init acme --server https://{}" + Ca()).exit_code, 0);
  EXPECT_THAT(Cli("list --server https://{}" + Ca()).output, HasSubstr("acme"));
  const struct {
    std::string flags;
    int code;
    const char* says;
  } cases[] = {
      {"list --server https://{}", 6, "--tls-ca"},
      {"list --server https://{} --tls-ca " + other_.file("ca.pem"), 6, "--tls-ca"},
      {"list --server {}", 6, "https://"},
      {"list --server {}" + Ca(), 2, "is plain text: write https://"},
      {"list --server https://{} --tls-ca none.pem", 2, "--tls-ca is \"none.pem\", which can't be"},
      {"list --server https://{} --tls-cert a.pem", 2, "give both of --tls-cert and --tls-key"},
      {"list --server https://localhost", 2, "https://HOST:PORT"},
  };
  for (const auto& [flags, code, says] : cases) {
    const ShellResult result = Cli(flags);
    EXPECT_EQ(result.exit_code, code) << flags << result.output;
    EXPECT_THAT(result.output, HasSubstr(says)) << flags;
  }
  EXPECT_EQ(
      Shell(fmt::format("cd '{}' && COLOPHON_SERVER=https://{} COLOPHON_TLS_CA={} {} list",
                        dir_.path(), server_.address(), made_.file("ca.pem"), COLOPHON_PROGRAM))
          .exit_code,
      0);
}

TEST_F(TlsPortsTest, TlsToAPlainPortSaysSo) {
  ASSERT_OK(server_.Start());
  const ShellResult result = Cli("list --server https://{}");
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.output, HasSubstr("without https://"));
}

// Whatever the caller says of itself.
TEST_F(TlsPortsTest, WhoShowsACertificateIsCalledByIt) {
  Serve(AskForCertificates());
  const ShellResult made =
      Cli("init acme --caller mallory --server https://{}" + Ca() + Own(made_, "app"));
  EXPECT_EQ(made.exit_code, 0) << made.output;
  EXPECT_TRUE(server_.HasLogged("caller=app.example"));
  EXPECT_FALSE(server_.HasLogged("mallory"));
  const ShellResult info = Curl(CurlCa() + CurlOwn(made_) +
                                    " -H 'colophon-caller: mallory' -H 'content-type: "
                                    "application/json' -d '{}'",
                                "/colophon.v1.AdminService/GetServerInfo");
  EXPECT_THAT(info.output, HasSubstr("version"));
  EXPECT_TRUE(Eventually([&] { return server_.TimesLogged("caller=app.example") >= 2; }));
  EXPECT_FALSE(server_.HasLogged("mallory"));
}

TEST_F(TlsPortsTest, StrangersGetNoConnection) {
  Serve(AskForCertificates());
  for (const std::string& own : {std::string(), Own(other_, "app")}) {
    const ShellResult result = Cli("list --server https://{}" + Ca() + own);
    EXPECT_EQ(result.exit_code, 6) << result.output;
    EXPECT_THAT(result.output, HasSubstr("--tls-cert"));
  }
  EXPECT_NE(Curl(CurlCa()).exit_code, 0);
  EXPECT_NE(Curl(CurlCa() + CurlOwn(other_)).exit_code, 0);
  EXPECT_EQ(Curl(CurlCa() + CurlOwn(made_)).output, "ok\n");
}

TEST_F(TlsPortsTest, TheHttpPortMayTakeThoseWithoutACertificateButNoForeignOne) {
  Serve(AskForCertificates() + " http_without_client_certificate: true");
  EXPECT_EQ(Curl(CurlCa()).output, "ok\n");
  EXPECT_NE(Curl(CurlCa() + CurlOwn(other_)).exit_code, 0);
  EXPECT_EQ(Cli("list --server https://{}" + Ca()).exit_code, 6);
}

TEST_F(TlsPortsTest, OldTlsAndPlainTextAreRefusedInWords) {
  Serve("");
  EXPECT_NE(Curl(CurlCa() + " --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0").exit_code, 0);
  EXPECT_EQ(Curl(CurlCa() + " --tls-max 1.2").exit_code, 0);
  for (const char* version : {"-tls1_1", "-tls1_2"}) {
    const ShellResult result =
        Shell(fmt::format("timeout 20 openssl s_client {} -cipher DEFAULT@SECLEVEL=0 -alpn h2 "
                          "-connect {} < /dev/null",
                          version, server_.address()));
    EXPECT_EQ(result.exit_code == 0, std::string(version) == "-tls1_2") << result.output;
  }
  const ShellResult plain =
      Shell("curl --noproxy '*' -sS --max-time 60 http://" + server_.http_address() + "/readyz");
  EXPECT_THAT(plain.output, HasSubstr("this port speaks TLS: use https://"));
}

// CVE-2023-33953: a header's length of 300 MiB, which gRPC 1.51 reads to its end before it
// looks at any key. Behind mTLS nobody reads it.
TEST_F(TlsPortsTest, AHeaderWithoutEndIsNotReadOfStrangers) {
  Serve(AskForCertificates());
  using namespace std::string_literals;
  // SETTINGS; HEADERS that go on, with a literal whose value has 300 MiB (7-bit prefix, then
  // 314,572,673 in groups of seven bits); and the beginning of that value, in CONTINUATIONs.
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s + "\0\0\0\4\0\0\0\0\0"s;
  bytes += "\0\0\x08\1\0\0\0\0\1"s + "\0\1a\x7f\x81\xff\xff\x95\1"s.substr(0, 8);
  for (int i = 0; i < 2'000; ++i) bytes += "\0\x40\0\x09\0\0\0\0\1"s + std::string(16'384, 'a');
  WriteFile(dir_ / "header", bytes);
  const int64_t before = server_.peak_resident_bytes();
  const std::string& address = server_.address();
  const std::string port = address.substr(address.find(':') + 1);
  for (const std::string& client :
       {"timeout 60 openssl s_client -quiet -alpn h2 -connect " + address + " < header",
        "timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + port + "; cat header >&3; cat <&3'"}) {
    const ShellResult result =
        Shell("cd '" + dir_.path() + "' && { " + client + "; } > /dev/null 2>&1; echo $?");
    // It ends by itself: the server has closed the connection.
    EXPECT_NE(result.output, "124\n") << client;
  }
  EXPECT_LT(server_.peak_resident_bytes() - before, 16 << 20);
  EXPECT_EQ(Cli("list --server https://{}" + Ca() + Own(made_, "app")).exit_code, 0);
}

TEST_F(TlsPortsTest, NewFilesHoldForNewConnectionsWithoutARestart) {
  Serve("");
  const auto subject = [&](const std::string& address) {
    return Shell("timeout 20 openssl s_client -alpn h2 -connect " + address +
                 " < /dev/null 2>/dev/null | openssl x509 -noout -subject")
        .output;
  };
  made_.Make("new", "/CN=second", "subjectAltName=IP:127.0.0.1");
  EXPECT_THAT(subject(server_.address()), HasSubstr("model"));
  const auto replace = [&](const char* file, const char* by) {
    std::filesystem::copy_file(made_.file(by), made_.file("next"));
    std::filesystem::rename(made_.file("next"), made_.file(file));
    server_.Signal(SIGHUP);
  };
  replace("IP.pem", "new.pem");
  EXPECT_TRUE(Eventually([&] { return server_.HasLogged("event=certificates_refused"); }));
  EXPECT_THAT(subject(server_.http_address()), HasSubstr("model"));
  EXPECT_EQ(Cli("list --server https://{}" + Ca()).exit_code, 0);

  replace("IP.key", "new.key");
  EXPECT_TRUE(Eventually([&] { return server_.HasLogged("event=certificates_taken"); }));
  EXPECT_THAT(subject(server_.address()), HasSubstr("second"));
  EXPECT_THAT(subject(server_.http_address()), HasSubstr("second"));
  EXPECT_EQ(Cli("list --server https://{}" + Ca()).exit_code, 0);
}

TEST_F(TlsPortsTest, BadFilesAreFoundBeforeAnythingStarts) {
  WriteFile(dir_ / "conf", fmt::format("tls {{ certificate_file: \"{}\" key_file: \"{}\" }}",
                                       made_.file("IP.pem"), made_.file("DNS.key")));
  for (const char* check : {"--check", ""}) {
    const ShellResult result =
        Shell(fmt::format("cd '{}' && timeout 60 {} {} --data data --config conf", dir_.path(),
                          COLOPHOND_PROGRAM, check));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("tls.key_file is"), HasSubstr("is not that of the first")));
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / "data"));
}

TEST_F(TlsPortsTest, ACertificateThatExpiresIsToldOf) {
  Serve("");  // In two days.
  EXPECT_TRUE(Eventually([&] { return server_.HasLogged("event=certificate_expires "); }));
}

}  // namespace
}  // namespace colophon
