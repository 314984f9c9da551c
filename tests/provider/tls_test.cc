#include "gmock/gmock.h"
#include "tests/provider/calls.h"
#include "tests/provider/certificates.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class TlsTest : public testing::Test {
 protected:
  ModelServer::Tls Tls(const std::string& name) const {
    return {.certificate_file = certificates_.file(name + ".pem"),
            .key_file = certificates_.file(name + ".key")};
  }
  config::v1::Provider ConfigFor(const ModelServer& server, bool with_authority) const {
    config::v1::Provider config;
    config.set_base_url(server.base_url());
    if (with_authority) config.set_ca_file(certificates_.file("ca.pem"));
    return config;
  }

  const Certificates certificates_;
};

TEST_F(TlsTest, AKnownAuthorityIsTrusted) {
  ModelServer server(Tls("IP"));
  server.SetHandler([](const ModelRequest& request) {
    return OpenAiAnswerTo(request, {"a", "b"});
  });
  OneProvider one(ConfigFor(server, true));
  const Outcome outcome = one.Call(false);
  EXPECT_OK(outcome.end);
  EXPECT_EQ(outcome.text(), "ab");
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  ModelServer server(Tls("IP"));
  OneProvider one(ConfigFor(server, false));
  EXPECT_THAT(one.Call(true).end,
              ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE", HasSubstr("certificate")));
  EXPECT_EQ(server.request_count(), 0);
}

TEST_F(TlsTest, ACertificateForAnotherHostIsRefused) {
  ModelServer server(Tls("DNS"));
  OneProvider one(ConfigFor(server, true));
  EXPECT_THAT(one.Call(true).end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE"));
  EXPECT_EQ(server.request_count(), 0);
}

TEST_F(TlsTest, CleartextWhereTlsIsExpectedIsRefused) {
  ModelServer server;
  config::v1::Provider config = ConfigFor(server, true);
  config.set_base_url("https://127.0.0.1:" + std::to_string(server.port()));
  config.set_connect_timeout_ms(1000);
  OneProvider one(config);
  EXPECT_FALSE(one.Call(true).end.ok());
  EXPECT_EQ(server.request_count(), 0);
}

TEST_F(TlsTest, AnAbortIsACut) {
  ModelServer server(Tls("IP"));
  const std::vector<std::string> events = OpenAiEvents({"Hel", "lo"});
  for (const auto how : {ModelAnswer::Break::kClose, ModelAnswer::Break::kReset}) {
    const std::string bytes = HttpChunkedHead() + HttpChunk(events[0]) + HttpChunk(events[1]);
    const ModelAnswer answer =
        ModelAnswer().Send(bytes).Send(HttpChunk(events[2])).CutAfter(bytes.size() + 3, how);
    server.SetHandler([&](const ModelRequest&) { return answer; });
    OneProvider one(ConfigFor(server, true));
    EXPECT_THAT(one.Call(true).end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT"));
  }
}

// libcurl doesn't tell the end of a body from a connection that was cut, when
// there is neither a length nor chunks. The JSON does.
TEST_F(TlsTest, ABodyWithoutLengthIsWholeWhenItsJsonIs) {
  ModelServer server(Tls("IP"));
  const std::string bytes =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + OpenAiBody("x");
  OneProvider one(ConfigFor(server, true));
  server.SetHandler([&](const ModelRequest&) { return ModelAnswer().Send(bytes).Close(); });
  EXPECT_OK(one.Call(false).end);
  server.SetHandler([&](const ModelRequest&) {
    return ModelAnswer().Send(bytes.substr(0, bytes.size() - 1)).Close();
  });
  EXPECT_THAT(one.Call(false).end, ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT"));
}

}  // namespace
}  // namespace colophon
