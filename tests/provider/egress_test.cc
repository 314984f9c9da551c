// Where requests to providers may go, whatever a name turns out to mean.

#include "service/provider/egress.h"

#include "gmock/gmock.h"
#include "tests/provider/calls.h"
#include "tests/testing/model_wire.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Egress To(const std::string& host, const std::vector<std::string>& networks = {}) {
  absl::StatusOr<Egress> egress = Egress::Make({.host = host}, networks);
  EXPECT_OK(egress);
  return egress.ok() ? *std::move(egress) : Egress();
}

constexpr const char* kInternet[] = {
    "8.8.8.8",   "100.63.255.255", "100.128.0.1",  "172.15.0.1",     "172.32.0.1",
    "192.0.1.1", "223.255.0.1",    "2606:4700::1", "::ffff:8.8.8.8", "2002:808:808::1"};
constexpr const char* kElsewhere[] = {"0.0.0.0",
                                      "10.0.0.1",
                                      "127.0.0.1",
                                      "127.255.0.1",
                                      "100.64.0.1",
                                      "100.127.255.255",
                                      "169.254.169.254",
                                      "169.254.1.1",
                                      "168.63.129.16",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.168.1.1",
                                      "192.0.0.1",
                                      "198.18.0.1",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "::1",
                                      "::ffff:10.0.0.1",
                                      "::ffff:169.254.169.254",
                                      "::7f00:1",
                                      "64:ff9b::a00:1",
                                      "64:ff9b:1::1",
                                      "2002:a00:1::1",
                                      "2002:7f00:1::",
                                      "fc00::1",
                                      "fd00:ec2::254",
                                      "fe80::1",
                                      "fec0::1",
                                      "ff02::1"};

TEST(EgressTest, ANameLeadsToTheInternetOnly) {
  const Egress egress = To("api.example.com");
  for (const char* ip : kInternet) EXPECT_TRUE(egress.Allows(*ParseIp(ip))) << ip;
  for (const char* ip : kElsewhere) EXPECT_FALSE(egress.Allows(*ParseIp(ip))) << ip;
}

TEST(EgressTest, AnAddressThatIsWrittenIsMeantAndNoOther) {
  for (const char* host : {"10.0.0.1", "[fd00::1]", "127.0.0.1", "[::1]"}) {
    const Egress egress = To(host);
    EXPECT_TRUE(egress.Allows(*ParseIp(host))) << host;
    EXPECT_FALSE(egress.Allows(*ParseIp("10.0.0.2"))) << host;
    EXPECT_FALSE(egress.Allows(*ParseIp("127.0.0.2"))) << host;
    EXPECT_TRUE(egress.Allows(*ParseIp("8.8.8.8"))) << host;
  }
  EXPECT_TRUE(To("localhost").Allows(*ParseIp("127.0.0.1")));
  EXPECT_TRUE(To("localhost").Allows(*ParseIp("::1")));
  EXPECT_FALSE(To("localhost").Allows(*ParseIp("10.0.0.1")));
  EXPECT_FALSE(To("localhost").Allows(*ParseIp("169.254.169.254")));
}

TEST(EgressTest, NetworksAreAllowedByTheirBits) {
  const Egress egress = To("models.corp", {"10.20.0.0/15", "fd12::/16", "192.168.1.7"});
  for (const char* ip :
       {"10.20.0.1", "10.21.255.255", "::ffff:10.20.0.1", "fd12:ffff::1", "192.168.1.7"}) {
    EXPECT_TRUE(egress.Allows(*ParseIp(ip))) << ip;
  }
  for (const char* ip : {"10.19.255.255", "10.22.0.0", "fd13::1", "192.168.1.8", "127.0.0.1"}) {
    EXPECT_FALSE(egress.Allows(*ParseIp(ip))) << ip;
  }
  EXPECT_TRUE(To("h", {"0.0.0.0/0"}).Allows(*ParseIp("10.0.0.1")));
  EXPECT_FALSE(To("h", {"0.0.0.0/0"}).Allows(*ParseIp("fd00::1")));
}

TEST(EgressTest, MetadataIsAllowedOnlyByItsNetwork) {
  for (const char* host : {"169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]",
                           "100.100.100.200", "169.254.170.2", "168.63.129.16"}) {
    EXPECT_THAT(Egress::Make({.host = host}, {}).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG", HasSubstr("base_url")))
        << host;
  }
  EXPECT_OK(Egress::Make({.host = "169.254.169.254"}, {"169.254.169.254/32"}));
}

TEST(EgressTest, WhatIsNoNetworkIsRefused) {
  for (const char* network : {"", "corp", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129",
                              "10.0.0.0/8x", "10.0.0/8"}) {
    EXPECT_THAT(Egress::Make({.host = "h"}, {network}).status(),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_CONFIG",
                        HasSubstr("allow_networks has \"" + std::string(network) + "\"")));
  }
}

// Connections, as a provider makes them.
class ConnectedEgressTest : public testing::Test {
 protected:
  // By a name that means this machine, and isn't "localhost".
  config::v1::Provider Config() const {
    config::v1::Provider config;
    config.set_base_url("http://model.localhost:" + std::to_string(server_.port()));
    config.set_insecure_cleartext(true);
    return config;
  }

  ModelServer server_;
};

// What a name meant when it was written here doesn't count: it is looked at when it is
// connected to.
TEST_F(ConnectedEgressTest, ANameThatMeansAPrivateAddressIsNotCalled) {
  OneProvider one(Config());
  EXPECT_THAT(one.Call(true).end,
              ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE",
                      AllOf(HasSubstr("not on the internet"), HasSubstr("allow_networks"))));
  EXPECT_EQ(server_.request_count(), 0);
}

TEST_F(ConnectedEgressTest, ItsNetworkMayBeNamed) {
  server_.SetHandler([](const ModelRequest& request) {
    return OpenAiAnswerTo(request, {"a", "b"});
  });
  config::v1::Provider config = Config();
  config.add_allow_networks("127.0.0.0/8");
  OneProvider one(config);
  EXPECT_EQ(one.Call(true).text(), "ab");
}

// Wherever they lead.
TEST_F(ConnectedEgressTest, RedirectsAreNotFollowed) {
  ModelServer other;
  server_.SetHandler([&](const ModelRequest&) {
    return ModelAnswer()
        .Send("HTTP/1.1 307 Temporary Redirect\r\nlocation: " + other.base_url() +
              "/chat/completions\r\ncontent-length: 0\r\n\r\n")
        .Close();
  });
  config::v1::Provider config;
  config.set_base_url(server_.base_url());
  OneProvider one(config);
  EXPECT_FALSE(one.Call(true).end.ok());
  EXPECT_EQ(server_.request_count(), 1);
  EXPECT_EQ(other.request_count(), 0);
}

TEST_F(ConnectedEgressTest, ProxiesOfTheEnvironmentAreNotUsed) {
  ModelServer proxy;
  const std::string url = proxy.base_url();
  const ScopedVariable http("http_proxy", url.c_str());
  const ScopedVariable all("ALL_PROXY", url.c_str());
  server_.SetHandler([](const ModelRequest& request) { return OpenAiAnswerTo(request, {"a"}); });
  config::v1::Provider config;
  config.set_base_url(server_.base_url());
  OneProvider one(config);
  EXPECT_EQ(one.Call(false).text(), "a");
  EXPECT_EQ(proxy.request_count(), 0);
}

}  // namespace
}  // namespace colophon
