// Bytes that no good client sends.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/http/raw_client.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::HasSubstr;

class FramingTest : public RpcFixture {
 protected:
  void SetUp() override {
    options_.config.http_listen = *ListenAddress::Parse("127.0.0.1:0");
    options_.config.max_message_bytes = 64 << 10;
    RpcFixture::SetUp();
  }
  int port() const { return server_->http_address()->port; }
};

TEST_F(FramingTest, RequestsAreAnsweredInTheirOrder) {
  RawClient client(port());
  const std::string health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string body = "{}";
  client.Send(health + "POST /colophon.v1.RegistryService/ListRepositories HTTP/1.1\r\n" +
              "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" +
              "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + health);
  EXPECT_EQ(client.Read().body, "ok\n");
  EXPECT_EQ(client.Read().body, "{}");
  EXPECT_EQ(client.Read().status, 404);
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(FramingTest, ChunksAreTakenAndAContinueIsSaid) {
  RawClient client(port());
  client.Send(
      "POST /colophon.v1.RegistryService/ListRepositories HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
      "\r\n");
  EXPECT_EQ(client.ReadHead().status, 100);
  client.Send("1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "{}");
}

TEST_F(FramingTest, AHeadIsAnsweredWithoutABody) {
  RawClient client(port());
  client.Send("HEAD", "/healthz", {});
  const RawResponse head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "3");
  client.Send("GET", "/nothing", {});
  EXPECT_EQ(client.Read().status, 404);
}

TEST_F(FramingTest, AnOldClientIsServedOnce) {
  RawClient client(port());
  client.Send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "ok\n");
  EXPECT_TRUE(client.IsClosed());
}

// What two programs in a row could read as different requests is read as none: the
// connection ends, and what comes after it is no request.
TEST_F(FramingTest, WhatIsAmbiguousEndsTheConnection) {
  const std::string post = "POST /healthz HTTP/1.1\r\nHost: localhost\r\n";
  const std::string smuggled = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::vector<std::pair<int, std::string>> cases = {
      {400, post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled},
      {400, post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + smuggled},
      {400, post + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + smuggled},
      {400, post + "Content-Length: 44, 0\r\n\r\n" + smuggled},
      {400, post + "Content-Length: +4\r\n\r\nabcd" + smuggled},
      {400, post + "Content-Length: 0x4\r\n\r\nabcd" + smuggled},
      {400, post + "Content-Length: -1\r\n\r\n" + smuggled},
      {400, post + "Content-Length : 4\r\n\r\nabcd" + smuggled},
      {400, post + "Transfer-Encoding: gzip\r\n\r\n" + smuggled},
      {400, post + "Transfer-Encoding: xchunked\r\n\r\n" + smuggled},
      {400, post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, post + "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n" + smuggled},
      {400, post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + smuggled},
      {400, post + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcdXX" + smuggled},
      {400, "POST /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled},
      {400, "GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + smuggled},
      {400, "GET http://example.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n" + smuggled},
      {400, "GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + smuggled},
      {400, "GET /heal thz HTTP/1.1\r\nHost: localhost\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n" + smuggled},
      {400,
       std::string("GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n", 52) + smuggled},
      {400, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n" + smuggled},
      {400, post + "Content-Length:\r\n 4\r\n\r\nabcd" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\nHost: localhost\n\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\nC: d\r\n\r\n" + smuggled},
      {400, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\rc\r\n\r\n" + smuggled},
      {400,
       post + "Transfer-Encoding: chunked\r\n\r\n0\r\ncolophon-caller: eve\r\n\r\n" + smuggled},
      {400, "\r\n\r\n"},
      {400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {400, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {431, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: " + std::string(20'000, 'a') +
                "\r\n\r\n" + smuggled},
      {431, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {413, post + "Content-Length: 70000\r\n\r\n" + smuggled},
      {413, post + "Content-Length: 99999999999999\r\n\r\n" + smuggled},
      {413, post + "Transfer-Encoding: chunked\r\n\r\n11170\r\n" + std::string(70'000, 'a')},
  };
  for (const auto& [status, bytes] : cases) {
    SCOPED_TRACE(bytes.substr(0, 120));
    RawClient client(port());
    client.Send(bytes);
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, status);
    EXPECT_THAT(response.body, HasSubstr("BAD_REQUEST"));
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST_F(FramingTest, WhoCallsItByAnotherNameIsRefused) {
  for (const char* host : {"example.com", "colophon.evil.example:8080", "localhost.evil.example"}) {
    RawClient client(port());
    client.Send(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host));
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("HOST_NOT_ALLOWED"));
  }
}

TEST_F(FramingTest, WhoLeavesInTheMiddleLeavesNothing) {
  for (const char* part :
       {"", "GET", "GET /healthz HTTP/1.1\r\nHost: loc",
        "POST /colophon.v1.RegistryService/ListRepositories HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"}) {
    RawClient client(port());
    client.Send(part);
  }
  RawClient client(port());
  client.Send("GET", "/healthz", {});
  EXPECT_EQ(client.Read().body, "ok\n");
}

class FullServerTest : public FramingTest {
 protected:
  void SetUp() override {
    options_.config.max_connections = 16;  // Of which HTTP has a quarter.
    FramingTest::SetUp();
  }
};

TEST_F(FullServerTest, TakesNoMoreConnectionsThanItMayAndOthersWhenSomeAreGone) {
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto is_served = [&] {
    auto client = std::make_unique<RawClient>(port());
    client->Send("GET", "/healthz", {});
    const bool served = client->Read().status == 200;
    clients.push_back(std::move(client));
    return served;
  };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(is_served()) << i;
  EXPECT_FALSE(is_served());
  clients.clear();
  EXPECT_TRUE(Eventually(is_served));
}

}  // namespace
}  // namespace colophon
