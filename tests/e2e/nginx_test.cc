// deploy/nginx.conf as it is shipped, but for the places it names.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "colophon/v1/completion.grpc.pb.h"
#include "colophon/v1/registry.grpc.pb.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/provider/certificates.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

void Replace(std::string* text, const std::string& from, const std::string& to) {
  const size_t at = text->find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text->replace(at, from.size(), to);
}

class NginxTest : public E2eTest {
 protected:
  void SetUp() override {
    Serve();
    PublishGreet();
    // Somebody else may take the port before nginx does; then it ends at once.
    for (int i = 0; i < 10 && process_ < 0; ++i) {
      port_ = FreePort();
      Start();
    }
    ASSERT_GT(process_, 0) << "nginx doesn't start";
  }
  void TearDown() override {
    if (process_ < 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  // With a certificate of the authority, or with none.
  std::shared_ptr<grpc::Channel> Channel(bool with_certificate = true) const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadFileOrDie(certificates_.file("ca.pem"));
    if (with_certificate) {
      options.pem_cert_chain = ReadFileOrDie(certificates_.file("DNS.pem"));
      options.pem_private_key = ReadFileOrDie(certificates_.file("DNS.key"));
    }
    return grpc::CreateChannel(fmt::format("127.0.0.1:{}", port_), grpc::SslCredentials(options));
  }

  static void Prepare(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

 private:
  void Start() {
    std::string config = ReadFileOrDie(SourceFolder() + "/deploy/nginx.conf");
    Replace(&config, "user www-data;\n", "daemon off;\nmaster_process off;\n");
    Replace(&config, "worker_rlimit_nofile 65536;\n", "");
    Replace(&config, "worker_connections 16384", "worker_connections 256");
    Replace(&config, "/run/nginx.pid", dir() / "nginx.pid");
    Replace(&config, "/var/log/nginx/error.log", dir() / "nginx.log");
    Replace(&config, "listen 443", fmt::format("listen 127.0.0.1:{}", port_));
    Replace(&config, "/etc/nginx/colophon/server.pem", certificates_.file("IP.pem"));
    Replace(&config, "/etc/nginx/colophon/server.key", certificates_.file("IP.key"));
    Replace(&config, "/etc/nginx/colophon/clients.pem", certificates_.file("ca.pem"));
    Replace(&config, "127.0.0.1:50051", server().address());
    std::string folders;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      folders += fmt::format("  {}_temp_path {};\n", kind, dir() / kind);
    }
    Replace(&config, "  access_log off;\n", "  access_log off;\n" + folders);
    WriteFile(dir() / "nginx.conf", config);
    const std::string file = dir() / "nginx.conf";
    process_ = fork();
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execl("/usr/sbin/nginx", "nginx", "-p", dir().path().c_str(), "-c", file.c_str(), nullptr);
      _exit(127);
    }
    const std::string pid = dir() / "nginx.pid";
    EXPECT_TRUE(Eventually([&] {
      if (waitpid(process_, nullptr, WNOHANG) == 0) return std::filesystem::exists(pid);
      process_ = -1;
      return true;
    }));
  }

  const Certificates certificates_;
  int port_ = 0;
  pid_t process_ = -1;
};

TEST_F(NginxTest, CallsAndStreamsGoThroughAndTheCallerIsWhoHisCertificateSays) {
  const auto stub = v1::CompletionService::NewStub(Channel());
  grpc::ClientContext context;
  Prepare(&context);
  context.AddMetadata("colophon-caller", "somebody-else");
  v1::CompleteResponse response;
  const grpc::Status status =
      stub->Complete(&context, CallOf("acme/support/greet", "Hello"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(TextOf(response.completion()), "Hello");
  v1::GetRecordRequest get;
  get.set_id(response.record());
  ASSERT_OK_AND_ASSIGN(const v1::GetRecordResponse record, client().GetRecord(get));
  EXPECT_EQ(record.record().intent().caller(), "model");

  grpc::ClientContext stream_context;
  Prepare(&stream_context);
  v1::StreamCompleteRequest request;
  *request.mutable_call() = CallOf("acme/support/greet", std::string(100'000, 'x'));
  const auto reader = stub->StreamComplete(&stream_context, request);
  v1::StreamCompleteResponse message;
  std::string text;
  while (reader->Read(&message)) text += message.piece().text();
  const grpc::Status end = reader->Finish();
  EXPECT_TRUE(end.ok()) << end.error_message();
  EXPECT_EQ(text, std::string(100'000, 'x'));
}

TEST_F(NginxTest, AnErrorGoesThroughAsItIs) {
  const auto stub = v1::RegistryService::NewStub(Channel());
  grpc::ClientContext context;
  Prepare(&context);
  v1::GetVersionRequest request;
  request.set_name("acme/nothing");
  v1::GetVersionResponse response;
  const grpc::Status status = stub->GetVersion(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_FALSE(status.error_details().empty());
}

TEST_F(NginxTest, WhoHasNoCertificateGetsNothing) {
  const auto stub = v1::RegistryService::NewStub(Channel(/*with_certificate=*/false));
  grpc::ClientContext context;
  Prepare(&context);
  v1::GetVersionRequest request;
  request.set_name("acme/support/greet");
  v1::GetVersionResponse response;
  EXPECT_FALSE(stub->GetVersion(&context, request, &response).ok());
}

// Kind: what the server's own HTTP/2 has no limit for.
TEST_F(NginxTest, WhatIsTooLargeStaysOutside) {
  const int64_t before = server().peak_resident_bytes();
  const auto stub = v1::RegistryService::NewStub(Channel());
  v1::GetVersionRequest request;
  v1::GetVersionResponse response;
  {
    grpc::ClientContext context;
    Prepare(&context);
    request.set_name(std::string(64 << 20, 'x'));
    const grpc::Status status = stub->GetVersion(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("send less at once"));
  }
  {
    grpc::ClientContext context;
    Prepare(&context);
    context.AddMetadata("x-bomb", std::string(1 << 20, 'x'));
    request.set_name("acme/support/greet");
    EXPECT_FALSE(stub->GetVersion(&context, request, &response).ok());
  }
  EXPECT_LT(server().peak_resident_bytes() - before, 16 << 20);
}

}  // namespace
}  // namespace colophon
