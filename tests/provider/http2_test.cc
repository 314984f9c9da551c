// HTTP/2 to a provider: nginx speaks it, and asks the model server behind it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/provider/calls.h"
#include "tests/provider/certificates.h"
#include "tests/testing/eventually.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;

// nginx in front of a model server: HTTP/2 over TLS on a free port. It tells the
// server by which protocol and on which of its connections a request came.
class Http2Front {
 public:
  Http2Front(const Certificates& certificates, int model_port) {
    // Somebody else may take the port before nginx does; then it ends at once.
    constexpr int kTries = 10;
    for (int i = 0; i < kTries && process_ < 0; ++i) {
      port_ = FreePort();
      WriteFile(dir_ / "nginx.conf", Config(certificates, model_port));
      Start();
    }
    EXPECT_GT(process_, 0) << "nginx doesn't start";
  }
  ~Http2Front() {
    if (process_ < 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  std::string base_url() const { return fmt::format("https://127.0.0.1:{}/v1", port_); }

 private:
  std::string Config(const Certificates& certificates, int model_port) const {
    return fmt::format(R"(daemon off;
master_process off;
pid {0}/pid;
error_log {0}/errors warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  server {{
    listen 127.0.0.1:{1} ssl http2;
    ssl_certificate {2};
    ssl_certificate_key {3};
    location / {{
      proxy_pass http://127.0.0.1:{4};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header x-protocol $server_protocol;
      proxy_set_header x-connection $connection;
    }}
  }}
}}
)",
                       dir_.path(), port_, certificates.file("IP.pem"), certificates.file("IP.key"),
                       model_port);
  }

  static int FreePort() {
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

  // Returns when it listens or has ended.
  void Start() {
    const std::string config = dir_ / "nginx.conf";
    process_ = fork();
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execl("/usr/sbin/nginx", "nginx", "-p", dir_.path().c_str(), "-c", config.c_str(), nullptr);
      _exit(127);
    }
    // It writes its pid when it listens.
    const std::string pid = dir_ / "pid";
    EXPECT_TRUE(Eventually([&] {
      if (waitpid(process_, nullptr, WNOHANG) == 0) return std::filesystem::exists(pid);
      process_ = -1;
      return true;
    }));
  }

  TempDir dir_;
  int port_ = 0;
  pid_t process_ = -1;
};

class Http2Test : public testing::Test {
 protected:
  config::v1::Provider ConfigForFront() const {
    config::v1::Provider config;
    config.set_base_url(front_.base_url());
    config.set_ca_file(certificates_.file("ca.pem"));
    return config;
  }

  const Certificates certificates_;
  ModelServer server_;
  const Http2Front front_{certificates_, server_.port()};
  OneProvider one_{ConfigForFront()};
};

TEST_F(Http2Test, UnaryCallsShareAConnectionAndAStreamHasItsOwn) {
  server_.SetHandler([](const ModelRequest& request) {
    return OpenAiAnswerTo(request, {"Hel", "lo"});
  });
  for (const bool stream : {false, true, false}) {
    const Outcome outcome = one_.Call(stream);
    EXPECT_OK(outcome.end);
    EXPECT_EQ(outcome.text(), "Hello");
  }
  const std::vector<ModelRequest> requests = server_.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].headers.at("x-protocol"), "HTTP/2.0");
  EXPECT_EQ(requests[0].body, RequestFor(false).body);
  EXPECT_EQ(requests[1].headers.at("x-protocol"), "HTTP/1.1");
  EXPECT_EQ(requests[2].headers.at("x-protocol"), "HTTP/2.0");
  EXPECT_EQ(requests[2].headers.at("x-connection"), requests[0].headers.at("x-connection"));
}

TEST_F(Http2Test, AnAnswerThatIsCutIsCutAlone) {
  const std::string answer =
      HttpMessage(200, OpenAiBody("Hello"), {"content-type: application/json"});
  const auto gate = std::make_shared<ModelGate>();
  server_.SetHandler([&](const ModelRequest& request) {
    ModelAnswer held;
    held.Send(answer.substr(0, answer.size() / 2)).WaitFor(gate);
    if (request.index == 0) return held.Close();
    return held.Send(answer.substr(answer.size() / 2));
  });
  std::future<Outcome> cut = one_.Start(false);
  EXPECT_TRUE(server_.WaitForRequests(1));
  // Begins when the connection is there to be shared.
  std::future<Outcome> whole = one_.Start(false);
  EXPECT_TRUE(server_.WaitForRequests(2));
  gate->Open();
  EXPECT_THAT(cut.get().end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT"));
  const Outcome outcome = whole.get();
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), "Hello");
  const std::vector<ModelRequest> requests = server_.requests();
  EXPECT_EQ(requests[0].headers.at("x-connection"), requests[1].headers.at("x-connection"));
}

TEST_F(Http2Test, AGatewaysErrorIsClassified) {
  server_.SetHandler([](const ModelRequest&) { return ModelAnswer().Close(); });  // nginx: 502
  EXPECT_THAT(one_.Call(false).end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNAVAILABLE"));
}

}  // namespace
}  // namespace colophon
